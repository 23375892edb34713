"""Asks PyTorch about its data types: python dtype.py > dtype.json"""

import json
import math

import torch

# fmt: off
names = [
    "bool", "uint8", "int8", "int16", "int32", "int64", "float16", "bfloat16", "float32", "float64", "uint16",
    "uint32", "uint64", "float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz", "float8_e5m2fnuz", "float8_e8m0fnu",
    "complex32", "complex64", "complex128",
]
# fmt: on
types = {name: getattr(torch, name) for name in names}
float8 = [name for name in names if name.startswith("float8")]


def promoted(a, b):
    try:
        return str(torch.promote_types(types[a], types[b])).removeprefix("torch.")
    except Exception:  # there is none
        return None


def info(t):
    if t.is_floating_point or t.is_complex:
        f = torch.finfo(t)
        return {"bits": f.bits, "eps": f.eps, "max": f.max, "min": f.min, "tiny": f.tiny, "resolution": f.resolution}
    if t == torch.bool:
        return None
    i = torch.iinfo(t)
    return {"bits": i.bits, "min": i.min, "max": i.max}


def hexadecimal(tensor):
    return bytes(tensor.contiguous().view(torch.uint8).reshape(-1).tolist()).hex()


# Floats around every border: each eight-bit number, the middle between neighbours, and what lies next to both.
probes = set()
for name in float8:
    finite = sorted(v for v in torch.arange(256).to(torch.uint8).view(types[name]).float().tolist() if math.isfinite(v))
    probes.update(finite)
    probes.update((a + b) / 2 for a, b in zip(finite, finite[1:]))
    probes.update(finite[-1] * f for f in (1.01, 1.0625, 1.07, 1.125, 1.25, 1.5, 2, 4))
exact = torch.tensor(sorted(probes), dtype=torch.float32)
up, down = (torch.nextafter(exact, torch.full_like(exact, s)) for s in (math.inf, -math.inf))
floats = torch.cat([exact, up, down, -exact, torch.tensor([math.inf, -math.inf, math.nan, -math.nan, -0.0])]).unique()
floats = floats[torch.randperm(len(floats), generator=torch.Generator().manual_seed(1))[:1500]]
special = torch.tensor(
    [math.inf, -math.inf, math.nan, 0.0, -0.0, 1e-45, -1e-45, 3e38, 448, 464, 480, 57344, 61440, 240, 248]
)
floats = torch.cat([special, floats])

# What every type has in common, and some that only a few have: values by type, then what each becomes in every other. Beyond
# its range a conversion to an integer is what the processor makes of it, and PyTorch's answers differ among themselves.
values = {
    "bool": [True, False],
    "uint8": [0, 1, 255],
    "int8": [0, 1, -1, -128, 127],
    "int16": [0, 7, -300, 32767, -32768],
    "int32": [0, 5, -1, 70000, 2**31 - 1, -(2**31)],
    "int64": [0, 3, -1, 2**53 + 1, 2**63 - 1, -(2**63), 300],
    "uint16": [0, 1, 65535, 300, 32768],
    "uint32": [0, 1, 2**32 - 1, 2**31, 16777217, 70000],
    "uint64": [0, 1, 2**64 - 1, 2**63, 2**53 + 1, 2**63 + 1025],
    "float16": [0.0, 1.5, -2.75, 100.0],
    "bfloat16": [0.0, 1.5, -2.75, 100.0],
    "float32": [0.0, 0.1, -2.75, 100.7, 126.9],
    "float64": [0.0, 0.1, -2.75, 100.7, 1 + 2**-40],
    **{name: [0.25, 1.0, 2.0, 8.0, 64.0] for name in float8},
    "complex32": [0j, 1.5 + 2j, -2.75 - 1j, 1j],
    "complex64": [0j, 0.1 + 2j, -2.75 - 1j, 1j],
    "complex128": [0j, 0.1 + 0.2j, 100.7 - 1j, 1j],
}
conversions = {}
for a in names:
    source = (
        torch.tensor(values[a], dtype=torch.complex64).to(types[a])
        if a == "complex32"
        else torch.tensor(values[a], dtype=types[a])
    )
    conversions[a] = {"bytes": hexadecimal(source), "to": {b: hexadecimal(source.to(types[b])) for b in names}}

out_of_range = torch.tensor(
    [-1.0, 300.7, -129.5, 65536.5, 4294967297.0, 1e10, 1e20, math.nan, math.inf], dtype=torch.float64
)
one_by_one = lambda t: torch.stack([x.to(t) for x in out_of_range])

print("{")
print('"names":', json.dumps(names) + ",")
print('"promoted": {')
print(",\n".join(f"{json.dumps(a)}: {json.dumps([promoted(a, b) for b in names])}" for a in names) + "},")
print('"properties": {')
print(
    ",\n".join(
        f"{json.dumps(n)}: "
        + json.dumps(
            {
                "itemsize": t.itemsize,
                "is_floating_point": t.is_floating_point,
                "is_complex": t.is_complex,
                "is_signed": t.is_signed,
                "info": info(t),
            }
        )
        for n, t in types.items()
    )
    + "},"
)
print('"float8_values": {')
print(
    ",\n".join(
        f'{json.dumps(n)}: "{hexadecimal(torch.arange(256).to(torch.uint8).view(types[n]).float())}"' for n in float8
    )
    + "},"
)
print(f'"floats": "{hexadecimal(floats)}",')
print('"float8_bits": {')
print(",\n".join(f'{json.dumps(n)}: "{hexadecimal(floats.to(types[n]))}"' for n in float8) + "},")
print(f'"out_of_range": "{hexadecimal(out_of_range)}",')
print('"out_of_range_to": {')
print(
    ",\n".join(
        f'{json.dumps(n)}: "{hexadecimal(one_by_one(types[n]))}"'
        for n in ("uint8", "int8", "int16", "int32", "int64", "uint16", "uint64")
    )
    + "},"
)
print('"conversions": {')
print(",\n".join(f"{json.dumps(a)}: {json.dumps(c)}" for a, c in conversions.items()) + "}")
print("}")
