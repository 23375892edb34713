"""Asks PyTorch what its brackets give, read and assigned: python index.py > index.json

x is 0, 1, 2, …; a value assigned is 100, 101, …; the gradient of x comes from a result whose gradient is 1, 2, …
"""

import json
import random
import warnings

import torch

warnings.simplefilter("ignore")
random.seed(3)


def slice_of(n):
    def end():
        return None if random.random() < 0.4 else random.randint(-n - 2, n + 2)

    return slice(end(), end(), random.choice([None, 1, 1, 2, 3]))


def places(n, shape):
    wrong = random.random() < 0.02  # out of range
    count = 1
    for size in shape:
        count *= size
    numbers = [random.randint(-n, n - 1) if n > 0 else 0 for _ in range(count)]
    if wrong and count:
        numbers[0] = n
    return torch.tensor(numbers, dtype=random.choice([torch.int64, torch.int64, torch.int32])).reshape(shape)


def expression(shape):
    """Indices for a tensor of this shape, and now and then for another."""
    items, d, ellipsis = [], 0, False
    common = random.choice([(2,), (3,), (2, 3), (), (0,)] + [(2,)] * 3)
    while d < len(shape) and random.random() < 0.85:
        kind = random.choice(
            ["int", "slice", "slice", "none", "ellipsis", "bool", "tensor", "tensor", "tensor", "mask"]
        )
        if kind == "int":
            n = shape[d]
            items.append(random.randint(-n, n - 1) if n > 0 else 0)
            d += 1
        elif kind == "slice":
            items.append(slice_of(shape[d]))
            d += 1
        elif kind == "none":
            items.append(None)
        elif kind == "ellipsis" and not ellipsis:
            ellipsis = True
            items.append(Ellipsis)
            d += random.randint(0, len(shape) - d)
        elif kind == "bool" and random.random() < 0.3:
            items.append(random.random() < 0.8)
        elif kind == "tensor":
            own = random.choice([common, common, common, (1,), common[1:]])
            items.append(places(shape[d], own))
            d += 1
        elif kind == "mask":
            dims = random.randint(1, min(2, len(shape) - d))
            sizes = shape[d : d + dims]
            items.append(torch.rand(sizes) < 0.5 if random.random() < 0.95 else torch.ones(3, dtype=torch.bool))
            d += dims
    return items


def written(item):
    if isinstance(item, slice):
        return {"slice": [item.start, item.stop, item.step]}
    if isinstance(item, torch.Tensor):
        return {"type": str(item.dtype)[6:], "shape": list(item.shape), "values": item.flatten().tolist()}
    if item is Ellipsis:
        return "..."
    return item


def numbers(t):
    return [int(v) for v in t.flatten().tolist()]


def case(shape, items):
    torch.manual_seed(0)
    x = torch.arange(torch.Size(shape).numel(), dtype=torch.float64).reshape(shape).requires_grad_()
    c = {"shape": list(shape), "indices": [written(i) for i in items]}
    index = tuple(items)
    try:
        y = x[index]
    except Exception:
        c["error"] = True
        return c
    if y.numel() == 0 and any(isinstance(i, torch.Tensor) and i.dtype != torch.bool for i in items):
        return None  # PyTorch does not look at places of which none is read
    y.backward(torch.arange(1.0, y.numel() + 1, dtype=torch.float64).reshape(y.shape))
    c["result"] = {"shape": list(y.shape), "values": numbers(y), "grad": numbers(x.grad)}
    sizes = list(y.shape)[random.randint(0, y.dim()) :]  # broadcasts
    sizes = [n if random.random() < 0.8 else 1 for n in sizes]
    if random.random() < 0.2:
        sizes = [1] * (y.dim() - len(sizes) + 1) + sizes
    if len(set(numbers(y))) < y.numel():
        sizes = []  # one place twice: the order is PyTorch's own affair
    value = torch.arange(100.0, 100 + torch.Size(sizes).numel(), dtype=torch.float64).reshape(sizes).requires_grad_()
    z = x.detach().clone().requires_grad_()
    put = z.clone()
    put[index] = value
    put.backward(torch.arange(1.0, put.numel() + 1, dtype=torch.float64).reshape(put.shape))
    c["put"] = {"value": sizes, "values": numbers(put), "grad": numbers(z.grad), "value_grad": numbers(value.grad)}
    return c


shapes = [(5,), (4, 3), (2, 3, 4), (3, 2, 2, 3), (1, 4), (0, 3), (3, 0), ()]
cases = [case(s, i) for s in shapes for i in ([], [None], [Ellipsis], [True], [False])]
weights = [2, 4, 8, 8, 2, 1, 1, 0]
for _ in range(320):
    s = random.choices(shapes, weights)[0]
    cases.append(case(s, expression(s)))
cases = [c for c in cases if c]
print("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]")
