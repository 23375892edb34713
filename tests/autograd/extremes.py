"""Asks PyTorch for values and derivatives at the ends of the number line: python extremes.py > extremes.json

A case is [function, type, the operands' numbers, values, first derivatives by each operand, second derivatives (by each
operand, of the sum of what the first gives)], numbers parted by spaces; "?" is not compared.
"""

import json
import math
import warnings

import torch

warnings.simplefilter("ignore")
inf, nan = math.inf, math.nan
# fmt: off
points = {
    torch.float32: [
        0.0, inf, -inf, nan, 3e38, -3e38, 1e20, -1e20, 100, -100, 2, -2, 1, -1, 0.5, -0.5, 1e-20, -1e-20, 1e-40,
        -1e-40,
    ],
    torch.float64: [
        0.0, inf, -inf, nan, 1e308, -1e308, 1e160, -1e160, 1e20, -1e20, 800, -800, 1, -1, 0.25, 1e-160, -1e-160,
        1e-310, -1e-310,
    ],
}
# fmt: on
unary = """exp exp2 expm1 log log2 log10 log1p sqrt rsqrt square reciprocal sin cos tan asin acos atan sinh cosh tanh asinh
acosh atanh sigmoid relu erf erfc erfinv lgamma digamma i0 sinc abs sign floor frac neg deg2rad logit nan_to_num""".split()
F, special = torch.nn.functional, torch.special
functions = {name: getattr(torch, name) for name in unary} | {
    "trigamma": lambda x: x.polygamma(1),
    "polygamma 2": lambda x: x.polygamma(2),
    "logit eps": lambda x: x.logit(1e-6),
    "gelu": F.gelu,
    "gelu tanh": lambda x: F.gelu(x, approximate="tanh"),
    "pow 2": lambda x: x**2,
    "pow 3": lambda x: x**3,
    "pow 0": lambda x: x**0,
    "pow 1": lambda x: x**1,
    "pow -1": lambda x: x**-1,
    "pow -2": lambda x: x**-2,
    "pow 0.5": lambda x: x**0.5,
    "pow 1.5": lambda x: x**1.5,
    "2 pow": lambda x: 2**x,
    "0 pow": lambda x: 0**x,
    "1 over": lambda x: 1 / x,
    "clamp": lambda x: x.clamp(-1, 1),
    "xlogy itself": lambda x: torch.xlogy(x, x),
    "ndtr": special.ndtr,
    "log_ndtr": special.log_ndtr,
    "ndtri": special.ndtri,
    "erfcx": special.erfcx,
    "entr": special.entr,
    "i0e": special.i0e,
    "i1": special.i1,
    "i1e": special.i1e,
}
pairs = {
    "atan2": torch.atan2,
    "hypot": torch.hypot,
    "logaddexp": torch.logaddexp,
    "logaddexp2": torch.logaddexp2,
    "xlogy": torch.xlogy,
    "xlog1py": special.xlog1py,
    "pow": torch.pow,
    "div": torch.div,
    "mul": torch.mul,
    "maximum": torch.maximum,
    "fmin": torch.fmin,
    "fmod": torch.fmod,
    "remainder": torch.remainder,
    "copysign": torch.copysign,
    "lerp": lambda a, b: torch.lerp(a, b, 0.25),
    "addcdiv": lambda a, b: torch.addcdiv(a, a, b),
}
lines = {
    "norm": lambda x: x.norm(dim=-1),
    "norm 1": lambda x: x.norm(1, dim=-1),
    "norm 3": lambda x: x.norm(3, dim=-1),
    "norm 1.5": lambda x: x.norm(1.5, dim=-1),
    "norm 0": lambda x: x.norm(0, dim=-1),
    "norm inf": lambda x: x.norm(inf, dim=-1),
    "norm -inf": lambda x: x.norm(-inf, dim=-1),
    "std": lambda x: x.std(-1),
    "var": lambda x: x.var(-1),
    "logsumexp": lambda x: x.logsumexp(-1),
    "softmax": lambda x: x.softmax(-1),
    "log_softmax": lambda x: x.log_softmax(-1),
    "mean": lambda x: x.mean(-1),
    "amax": lambda x: x.amax(-1),
    "layer_norm": lambda x: F.layer_norm(x, x.shape[-1:]),
}
rows = [
    [1, 2, 3],
    [inf, 1, 2],
    [-inf, 1, 2],
    [inf, -inf, 1],
    [nan, 1, 2],
    [1e30, 2e30, -1e30],
    [1e-30, 2e-30, -4e-30],
    [2, 2, 2],
    [-3e38, 3e38, 1],
    [inf, inf, 1],
    [-inf, -inf, -inf],
    [1000, 0, -1000],
]
# Where Tenon goes a way of its own, to numbers that PyTorch loses: functions, and those numbers.
otherwise = {
    "i0": [inf, -inf],
    "i1": [inf, -inf],
    "asinh": [1e308, -1e308],
    "atanh": [1e308, -1e308],
    "sinc": [1e-160, -1e-160],
    "erfcx": [1e20],
    "log_ndtr": [-inf, inf, 1e308, -3e38, -1e20, -800, -1e308, -1e160],
    "lgamma": "all",
    "digamma": "all",
    "trigamma": "all",
    "gelu": "all",
    "fmod": "all",
    "remainder": "all",
    "norm 1.5": [1000],
}


def numbers(x):
    return " ".join(f"{v:.7g}" for v in (x.detach().double() + torch.zeros(1)).flatten().tolist())


def derivatives(ys, xs):
    """By each operand, of the sum; zeros where it does not count."""
    ys = [y for y in ys if y.requires_grad]
    if not ys:
        return [torch.zeros_like(x) for x in xs]
    found = torch.autograd.grad(sum(y.sum() for y in ys), xs, create_graph=True, allow_unused=True)
    return [torch.zeros_like(x) if g is None else g for g, x in zip(found, xs)]


def answers(f, xs):
    """What f gives, its derivatives, and theirs; none where PyTorch has none."""
    xs = [x.detach().requires_grad_() for x in xs]
    y = f(*xs)
    first = derivatives([y], xs)
    try:
        second = derivatives(first, xs)
    except (RuntimeError, NotImplementedError):
        second = []
    return [[y], first, second]


def believed(x, wide):
    """x's numbers; "?" where what float64 gives, rounded, is another: there PyTorch overflows or rounds on the way."""
    rounded = wide.to(x.dtype)
    near = torch.isclose(x, rounded, rtol=1e-5, atol=1e-7, equal_nan=True) & ((x == 0) == (rounded == 0))
    return " ".join(n if k else "?" for n, k in zip(numbers(x).split(), near.flatten().tolist()))


cases = []


def ask(name, f, xs):
    of_type, of_double = answers(f, xs), answers(f, [x.double() for x in xs])
    told = [[believed(x, w) for x, w in zip(*both)] for both in zip(of_type, of_double)]
    cases.append(
        [name, str(xs[0].dtype).removeprefix("torch."), [numbers(x) for x in xs], told[0][0], told[1], told[2]]
    )


# float64 has no wider type to be held against.
for dtype, values in points.items():
    for name, f in functions.items():
        if dtype == torch.float32 or otherwise.get(name) != "all":
            ask(
                name,
                f,
                [
                    torch.tensor(
                        [v for v in values if otherwise.get(name) == "all" or v not in otherwise.get(name, [])],
                        dtype=dtype,
                    )
                ],
            )
    few = [v for v in values if v != 0.5 and v != -0.5 and abs(v) not in (1e20, 100, 800)]
    a = torch.tensor(few, dtype=dtype)
    for name, f in pairs.items():
        if dtype == torch.float32 or otherwise.get(name) != "all":
            ask(name, f, [a.repeat_interleave(len(few)), a.repeat(len(few))])
    for name, f in lines.items():
        ask(name, f, [torch.tensor([r for r in rows if r[0] not in otherwise.get(name, [])], dtype=dtype)])
print("[" + ",\n ".join(json.dumps(c, separators=(",", ":")) for c in cases) + "]")
