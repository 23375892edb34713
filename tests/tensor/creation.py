"""Asks PyTorch for ranges of numbers: python creation.py > creation.json"""

import json
import warnings

import torch

warnings.filterwarnings("ignore")
cases = []


def record(function, arguments, dtype=None):
    x = getattr(torch, function)(*arguments, dtype=dtype and getattr(torch, dtype))
    cases.append(
        {
            "function": function,
            "arguments": arguments,
            "asked": dtype,
            "dtype": str(x.dtype).removeprefix("torch."),
            "bytes": bytes(x.view(torch.uint8).tolist()).hex(),
        }
    )


reals, integers = ("float16", "bfloat16", "float32", "float64"), ("uint8", "int8", "int16", "int32", "int64")
for arguments in (
    (0, 7, 0.1),
    (1, -9.5, -0.3),
    (0.3, 100.5, 0.7),
    (0, 12.8, 0.1),
    (-5, 5, 3.0),
    (0.5, 5.9, 1),
    (100, 0, -7.25),
    (2.5, 2.5, 1),
):
    for dtype in (None, *reals, "int64", "int32"):
        record("arange", arguments, dtype)
for arguments in ((0, 100, 7), (10, -11, -3), (3, 3, 1), (0, 200, 50), (5, 6, 100), (-7, 0, 1)):
    for dtype in (None, *reals, *integers):
        if arguments[0] >= 0 or dtype != "uint8":
            record("arange", arguments, dtype)
record("arange", (2**53, 2**53 + 6, 1))
record("arange", (2**63 - 1, 2**63 - 4, -1))
record("arange", (2**24 - 1, 2**24 + 4, 1), "float32")
record("arange", (0, 2**53 + 2, 2**51 + 1))
for arguments in (
    (0, 1, 11),
    (0, 1, 100),
    (-3, 7, 50),
    (1, 0, 7),
    (0.1, 6e4, 33),
    (5, 5, 3),
    (0, 1, 2),
    (2, 9, 1),
    (2, 9, 0),
    (0.5, 99.9, 20),
):
    for dtype in (None, *reals):
        record("linspace", arguments, dtype)
for arguments in ((0, 1, 11), (0, 100, 23), (100, 3, 17), (2, 9, 1), (0.5, 99.9, 20), (0, 127, 128)):
    for dtype in integers:
        record("linspace", arguments, dtype)
for arguments in (
    (0, 3, 10, 10),
    (0, 10, 7, 2),
    (-2, 2, 33, 2.5),
    (1, 2, 1, 10),
    (3, -3, 5, 7),
    (0, 2, 3, -2),
    (0, 2, 3, 0),
):
    for dtype in (None, *reals, "int64", "int32"):
        record("logspace", arguments, dtype)
print("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]")
