"""Asks PyTorch for special functions and their derivatives over a grid: python special_functions.py > special_functions.json

A case is [function, the operands' numbers, float64 values, derivatives by the last operand or null], numbers parted by spaces.
"""

import itertools
import json
import math

import torch

inf, nan = math.inf, math.nan
S = torch.special
# fmt: off
line = [
    -50.5, -3.25, -1, -0.5, -1e-3, 0, 1e-40, 1e-3, 0.1, 0.5, 1, 1.5, 1.99, 2, 2.01, 2.5, 3.75, 5, 7.9, 8.1, 10, 20,
    24.5, 26, 50, 100, 500, 1e4, inf, -inf, nan,
]
# fmt: on
shapes = [0, 1e-3, 0.1, 0.5, 1, 1.5, 3, 10, 20, 50, 150, 250, 1500, 2500, 1e5, 1e8, inf, nan, -1]
parts = [0, 1e-3, 0.1, 0.5, 0.9, 0.99, 1, 1.01, 1.1, 1.5, 3, inf]
orders = [1, 1.001, 1.5, 2, 3, 4.5, 10, 30, 0.5, nan]
bases = [1e-3, 0.5, 1, 1.5, 3, 10, 20, 1e4, 0, -1, -0.5, -2.25, nan]


def numbers(x):
    return " ".join(f"{v:.14g}" for v in x.detach().flatten().tolist())


def ask(name, operands):
    f = getattr(S if hasattr(S, name) else torch, name)
    xs = [torch.tensor(o, dtype=torch.float64) for o in operands]
    xs[-1].requires_grad_()
    y = f(*xs)
    if y.requires_grad:
        y.sum().backward()
    return [name, [numbers(x) for x in xs], numbers(y), numbers(xs[-1].grad) if y.requires_grad else None]


names = """bessel_j0 bessel_j1 bessel_y0 bessel_y1 modified_bessel_k0 modified_bessel_k1 scaled_modified_bessel_k0
scaled_modified_bessel_k1 spherical_bessel_j0""".split()
cases = [ask(name, [line]) for name in names]
cases += [ask(name, [[v for v in line if not math.isinf(v)]]) for name in ("modified_bessel_i0", "modified_bessel_i1")]
pairs = [(a, p * (a if math.isfinite(a) and a > 0 else 1)) for a in shapes for p in parts]
for name in ("igamma", "igammac"):
    cases.append(ask(name, list(zip(*pairs))))
cases.append(ask("zeta", list(zip(*itertools.product(orders, bases)))))
print("[" + ",\n ".join(json.dumps(c, separators=(",", ":")) for c in cases) + "]")
