"""Writes files with Python's safetensors for safetensors_test.cpp into this folder: python generate.py

Element i of every tensor is i, in complex types i - i j, in eight-bit powers of two 2^i."""

import os
import sys

import torch
from safetensors.torch import save_file

os.chdir(os.path.dirname(os.path.abspath(sys.argv[0])))


def numbers(dtype, *shape):
    i = torch.arange(torch.Size(shape).numel()).reshape(shape)
    if dtype == torch.float8_e8m0fnu:
        return (i + 127).to(torch.uint8).view(dtype)
    return (i * (1 - 1j)).to(dtype) if dtype.is_complex else i.to(dtype)


NAMES = """uint64 int64 float64 complex64 float32 uint32 int32 bfloat16 float16 uint16 int16 float8_e5m2fnuz float8_e4m3fnuz float8_e8m0fnu
float8_e4m3fn float8_e5m2 int8 uint8 bool""".split()
save_file(
    {name: numbers(getattr(torch, name), 2, 1 if name == "bool" else 3) for name in NAMES}, "every_type.safetensors"
)
save_file(
    {
        "b": numbers(torch.float32, 3),
        "a": numbers(torch.float32, 2),
        "c": numbers(torch.float64, 1),
        "scalar": numbers(torch.int64),
        "empty": numbers(torch.float32, 0, 2),
        "": numbers(torch.uint8, 5),
        'x"\\\n\x01\x7f ü 🙂\b\f\r\t/': numbers(torch.int8, 1),
    },
    "names.safetensors",
    metadata={"format": "pt"},
)
save_file({}, "nothing.safetensors")
