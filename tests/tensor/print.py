"""Asks PyTorch for tensors' texts: python print.py > print.json

A tensor is given by its type, shape, strides, and the bytes of its elements in order; or, where there are many elements, by "divisor" and "start":
element i is (start + i) / divisor, computed in double and converted."""

import json
import math
import warnings

import torch

warnings.filterwarnings("ignore")
inf, nan = math.inf, math.nan
cases = []


def record(x, options=None, **how):
    torch.set_printoptions(profile="default")
    if options:
        torch.set_printoptions(**options)
    case = {"dtype": str(x.dtype).removeprefix("torch."), "shape": list(x.shape), "text": repr(x), **how}
    torch.set_printoptions(profile="default")
    if x.is_meta:
        case["meta"] = True
    elif "divisor" not in how:
        case["bytes"] = bytes(x.detach().contiguous().view(-1).view(torch.uint8).tolist()).hex() if x.numel() else ""
    if x.requires_grad:
        case["requires_grad"] = True
    if options:
        case["options"] = {k: 2**62 if v == inf else v for k, v in options.items()}
    cases.append(case)


def counted(shape, dtype=torch.float32, divisor=1, start=0, options=None):
    n = math.prod(shape)
    x = ((torch.arange(n, dtype=torch.float64) + start) / divisor).to(dtype).reshape(shape)
    record(x, options, divisor=divisor, start=start)


reals = [torch.float32, torch.float64, torch.float16, torch.bfloat16]
integers = [torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64, torch.uint16, torch.uint32, torch.uint64]
eights = [torch.float8_e4m3fn, torch.float8_e5m2, torch.float8_e4m3fnuz, torch.float8_e5m2fnuz, torch.float8_e8m0fnu]
complexes = [torch.complex32, torch.complex64, torch.complex128]

# fmt: off
lists = [
    [1, 2, 3], [1.5, -2, 3], [0, -0.0], [0.1, 10, 99.99], [1e-5, 1], [1e-4, 1], [9.99995], [99999.5, 1], [1e8, 1e7],
    [1e9], [1e5, 0.5], [-1, 1e-3, 1000], [nan, inf, -inf], [nan, 1, -2.5], [inf, 100], [nan, 0], [0, 0, 0],
    [1e-40, 1], [12345678], [123456789], [0.00012345, 0.1], [1e-12], [3.4e38, -3.4e38], [nan, 1e9, inf, 0.5],
    [-inf, 1e-7], [2.5, -0.0], [1000.5, 1], [1000, 1], [1001, 1], [65504, 60000], [],
]
# fmt: on
for values in lists:
    record(torch.tensor(values, dtype=torch.float32))
for t in reals[1:]:
    for values in ([1, 2.5, -3], [0.1, 1000], [nan, inf, 4], [1e-7, 60000], [3, 4], []):
        record(torch.tensor(values, dtype=t))
for t in integers:
    record(torch.tensor([0, 1, 100, torch.iinfo(t).max], dtype=t))
    record(torch.tensor(torch.iinfo(t).min, dtype=t))
record(torch.tensor([2**53 + 1, -(2**63), 2**63 - 1]))
record(torch.tensor([[True, False], [False, False]]))
record(torch.tensor(True))
for t in eights:
    record(torch.tensor([0.25, 1, 2.5, 16], dtype=t))
    record(torch.tensor([nan, 4], dtype=t))
    record(torch.tensor(2.0, dtype=t))
    counted((3, 5), t, 4, 1)
for t in complexes:
    for values in (
        [1 + 2j, -3.5 - 1j],
        [0j],
        [1j, -1j],
        [complex(nan, 1), complex(1, nan)],
        [complex(inf, -inf), 1 + 1j],
        [1e-6 + 1j, 2000 + 1e4j],
        [complex(0, -0.0), 10 + 100j],
    ):
        record(torch.tensor(values, dtype=torch.complex64).to(t))
    record(torch.tensor(1.5 - 2j, dtype=torch.complex64).to(t))
counted((3, 20), torch.complex64, 3)
counted((40, 40), torch.complex64, 7)
record(torch.tensor([], dtype=torch.complex64))

for t in (torch.float32, torch.int64, torch.float64, torch.bool):
    for shape in ((0,), (2, 0), (0, 3, 0)):
        record(torch.zeros(shape, dtype=t))
    for shape in ((), (3,), (2, 0)):
        record(torch.zeros(shape, dtype=t, device="meta"))
record(torch.zeros(2, dtype=torch.float16, device="meta", requires_grad=True))

record(torch.tensor(3.5))
record(torch.tensor(-7))
record(torch.tensor(1e-9, dtype=torch.float64))
for shape in ((30,), (2, 30), (2, 3, 4), (2, 1, 2, 3), (1, 1, 1, 1, 2), (3, 1), (1, 3), (12, 12), (1, 100)):
    counted(shape)
    counted(shape, torch.float64, 3)
    counted(shape, torch.int64, 1, -5)
counted((26,), torch.bool)
counted((2, 15), torch.bool, 1, -3)
for shape in (
    (1001,),
    (7, 143),
    (2, 10, 100),
    (1100, 1),
    (1, 1100),
    (6, 200),
    (3, 2, 500),
    (11, 11, 11),
    (2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2),
):
    counted(shape)
    counted(shape, torch.int32)
    counted(shape, torch.float16, 64)
counted((1000,))
counted((10, 10, 10), torch.int16)

for leaf in (
    torch.ones(2, requires_grad=True),
    torch.zeros(3, dtype=torch.float64, requires_grad=True),
    torch.zeros(2, 0, requires_grad=True),
):
    record(leaf)
for n in range(18, 27):
    record(torch.arange(n, dtype=torch.float64, requires_grad=True))

for options in (
    {"precision": 2},
    {"precision": 0},
    {"precision": 10},
    {"sci_mode": True},
    {"sci_mode": False},
    {"linewidth": 30},
    {"linewidth": 0},
    {"threshold": 5},
    {"threshold": 0},
    {"edgeitems": 1, "threshold": 3},
    {"edgeitems": 0, "threshold": 3},
    {"edgeitems": 0},
    {"profile": "short"},
    {"profile": "full"},
    {"profile": "short", "precision": 6, "sci_mode": True},
    {"linewidth": 200, "edgeitems": 10, "threshold": 20},
):
    counted((3, 9), torch.float32, 7, 0, options)
    counted((25,), torch.float64, 1, -12, options)
    counted((2, 2, 8), torch.int64, 1, 0, options)
    record(torch.tensor([1e-6, 123456.789]), options)
    record(torch.tensor([[1 + 2j, 1e5j]] * 2), options)
    record(torch.tensor(0.125), options)

print("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]")
