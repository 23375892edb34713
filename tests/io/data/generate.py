"""Writes NumPy's files for npy_test.cpp into this folder: python generate.py

Element i in row-major order is i % 2 of bool, 3 i of unsigned and 3 i - 2 of signed integers, 1.5 i - 2 of real and i - 0.5 i j of complex
numbers."""

import os
import sys

import numpy as np

os.chdir(os.path.dirname(os.path.abspath(sys.argv[0])))


def numbers(dtype, shape):
    i = np.arange(np.prod(shape, dtype=int))
    kind = np.dtype(dtype).kind
    x = (
        i % 2
        if kind == "b"
        else 3 * i
        if kind == "u"
        else 3 * i - 2
        if kind == "i"
        else i - 0.5j * i
        if kind == "c"
        else 1.5 * i - 2
    )
    return x.astype(dtype).reshape(shape)


for name in ("b1", "u1", "i1", "i2", "i4", "i8", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16"):
    np.save(f"{name}.npy", numbers(name, (2, 3)))
np.save("fortran.npy", np.asfortranarray(numbers("f4", (2, 3, 4))))
np.save("scalar.npy", numbers("f8", ()))
np.save("empty.npy", numbers("f4", (0, 3)))
np.save("line.npy", numbers("i8", (5,)))
for name in (">f4", ">i2", ">c8", ">u8"):
    np.save(f"big_{name[1:]}.npy", numbers(name, (3, 2)))
np.save("big_fortran.npy", np.asfortranarray(numbers(">i4", (3, 2))))
for version in (2, 3):
    with open(f"version{version}.npy", "wb") as f:
        np.lib.format.write_array(f, numbers("f4", (2, 3)), version=(version, 0))
np.savez("stored.npz", first=numbers("f4", (2, 3)), second=numbers("i8", (4,)), number=numbers("f8", ()))
np.savez_compressed("deflated.npz", first=numbers("f4", (2, 3)), zeros=np.zeros((100, 100), dtype=np.int16))

# To be refused.
np.save("objects.npy", np.array([{"a": 1}, None], dtype=object), allow_pickle=True)
np.save("records.npy", np.zeros(2, dtype=[("x", "f4"), ("y", "i4")]))
np.save("text.npy", np.array(["one", "two"]))
np.save("dates.npy", np.array(["2020-01-01"], dtype="datetime64[D]"))
np.save("long_double.npy", np.zeros(2, dtype=np.longdouble))
