"""What torch.save writes at the edges of its rules, for checkpoint_test.cpp.   usage: generate.py FOLDER"""

import collections
import sys

import torch


def entries(n):
    return {i: None for i in range(n)}


SIZES = (0, 1, 2, 999, 1000, 1001, 2000)
shared = torch.arange(6.0)
pair = (0.9, 0.999)

torch.save([list(range(n)) for n in SIZES], f"{sys.argv[1]}/lists.pt")
torch.save([entries(n) for n in SIZES], f"{sys.argv[1]}/dicts.pt")
torch.save([collections.OrderedDict(entries(n)) for n in SIZES], f"{sys.argv[1]}/ordered_dicts.pt")
torch.save([f"text {i}" for i in range(300)] * 2, f"{sys.argv[1]}/memo.pt")
torch.save(
    {"none": None, 0.5: 1, (1, "a"): b"a", b"\xe9": {1, 2}, True: [pair, pair], "big": [2**2047, -(2**2047), 2**2040]},
    f"{sys.argv[1]}/kinds.pt",
)
torch.save(
    {
        "leaf": shared.clone().requires_grad_(),
        "parameter": torch.nn.Parameter(shared, requires_grad=False),
        "view": shared[2:],
        "same": [shared] * 2,
        "meta": torch.nn.Parameter(torch.empty(2, 3, device="meta")),
        "no_elements": torch.empty(2, 0),
        "scalar": torch.tensor(3, dtype=torch.uint8),
        "float8": torch.ones(3).to(torch.float8_e4m3fn),
        "half": torch.ones(2).half().to(torch.complex32),
    },
    f"{sys.argv[1]}/tensors.pt",
)
