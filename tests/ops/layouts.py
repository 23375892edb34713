"""Asks PyTorch how elementwise results lie in memory: python layouts.py > layouts.json

A case is [operation, [[type, sizes, strides] of each operand], the result's strides]. What draws, from a seed, has its
elements too, in row-major order; the operands are ones.
"""

import json
import random

import torch

random.seed(5)
unary = {
    "empty_like": torch.empty_like,
    "clone": torch.clone,
    "to": lambda x: x.to(torch.float64),
    "neg": torch.neg,
    "exp": torch.exp,
    "isnan": torch.isnan,
    "pow": lambda x: x**2,
    "clamp": lambda x: x.clamp(min=0),
    "masked_fill": lambda x: x.masked_fill(x > 1, 1),
    "softmax": lambda x: x.double().softmax(-1),
    "add one": lambda x: x + 1,
    "one minus": lambda x: 1 - x,
    "less than one": lambda x: x < 1,
}
binary = {"add": torch.add, "less": torch.lt, "maximum": torch.maximum, "divide": torch.div}
ternary = {"where": lambda c, a, b: torch.where(c > 0, a, b), "addcmul": torch.addcmul, "clamp to": torch.clamp}
drawing = {
    "dropout": lambda x: torch.nn.functional.dropout(x, 0.5),
    "rand_like": torch.rand_like,
    "randn_like": torch.randn_like,
}


def laid_out(sizes):
    """A tensor of these sizes in some layout: permuted, cut, expanded, with any stride where there is one element."""
    order = random.sample(range(len(sizes)), len(sizes))
    steps = [random.choice((1, 1, 1, 2)) for _ in sizes]
    spread = [random.random() < 0.1 for _ in sizes]
    whole = [1 if spread[d] else sizes[d] * steps[d] + random.choice((0, 0, 0, 1)) for d in order]
    x = torch.ones(whole, dtype=random.choice((torch.float32, torch.float32, torch.int64)))
    x = x.permute([order.index(d) for d in range(len(sizes))])
    for d, n in enumerate(sizes):
        x = x.expand([n if k == d else -1 for k in range(x.dim())]) if spread[d] else x[(slice(None),) * d + (slice(0, n * steps[d], steps[d]),)]
    strides = [random.choice((1, 3, 50)) if n == 1 and random.random() < 0.3 else s for n, s in zip(sizes, x.stride())]
    x = x.as_strided(x.shape, strides, 0)
    if x.dim() == 4 and random.random() < 0.2:
        x = x.contiguous(memory_format=torch.channels_last)
    return x


def some_sizes():
    return [random.choice((1, 2, 2, 3, 3, 4)) for _ in range(random.choice((0, 1, 2, 2, 3, 3, 4, 4, 5)))]


def narrower(sizes):
    """Sizes that broadcast to these."""
    return [1 if random.random() < 0.25 else n for n in sizes[random.choice((0, 0, 0, 1, 2)) :]]


def described(x):
    return [str(x.dtype).removeprefix("torch."), list(x.shape), list(x.stride())]


cases = []
for functions, operands, count in ((unary, 1, 22), (binary, 2, 40), (ternary, 3, 30)):
    for name, f in functions.items():
        for _ in range(count):
            sizes = some_sizes()
            xs = [laid_out(sizes if random.random() < 0.6 else narrower(sizes)) for _ in range(operands)]
            cases.append([name, [described(x) for x in xs], list(f(*xs).stride())])
for name, f in drawing.items():
    for _ in range(25):
        x = laid_out(some_sizes())
        if x.is_floating_point():
            torch.manual_seed(3)
            y = f(x)
            cases.append([name, [described(x)], list(y.stride()), [round(v, 6) for v in y.flatten().tolist()]])
print("[" + ",\n ".join(json.dumps(c, separators=(",", ":")) for c in cases) + "]")
