"""Asks PyTorch how results lie in memory: python layouts.py > layouts.json

A case is [operation, [[type, sizes, strides] of each operand], [the strides of each result]]. What draws, from a seed,
has its elements too, in row-major order. The operands are ones, those of linear algebra sines. The stride of a dimension
of one element, which nothing reads, is kept for elementwise functions alone, and null elsewhere.
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
    "bernoulli": lambda x: torch.bernoulli(x * 0.5),
}


others = {
    # order along a dimension
    "sort": lambda x: x.sort(-1),
    "sort 0": lambda x: x.sort(0, descending=True),
    "argsort": lambda x: x.argsort(0),
    "msort": lambda x: x.msort(),
    "topk": lambda x: x.topk(1),
    "topk 0": lambda x: x.topk(1, 0),
    "kthvalue": lambda x: x.kthvalue(1, 0),
    "kthvalue kept": lambda x: x.kthvalue(1, -1, keepdim=True),
    "median": lambda x: x.median(0),
    "median kept": lambda x: x.median(0, keepdim=True),
    "nanmedian": lambda x: x.nanmedian(-1),
    "mode": lambda x: x.mode(0),
    "mode kept": lambda x: x.mode(0, keepdim=True),
    "quantile": lambda x: x.double().quantile(0.5, 0),
    "quantile kept": lambda x: x.double().quantile(0.5, -1, keepdim=True),
    "quantiles": lambda x: x.double().quantile(torch.tensor([0.25, 0.5], dtype=torch.float64), 0),
    "unique": lambda x: torch.unique(x, return_inverse=True)[1],
    # rearranged
    "flip": lambda x: x.flip(0),
    "flip none": lambda x: x.flip([]),
    "roll": lambda x: x.roll(1),
    "roll 0": lambda x: x.roll(1, 0),
    "roll two": lambda x: x.roll([1, 1], [0, -1]),
    "rot90": lambda x: x.rot90(1, [0, 1]),
    "rot90 twice": lambda x: x.rot90(2, [0, 1]),
    "rot90 not": lambda x: x.rot90(0, [0, 1]),
    "repeat": lambda x: x.repeat([2] * x.dim()),
    "repeat more": lambda x: x.repeat([2] + [1] * x.dim()),
    "tile": lambda x: x.tile([2]),
    "repeat_interleave": lambda x: x.repeat_interleave(2, 0),
    "repeat_interleave flat": lambda x: x.repeat_interleave(2),
    "reshape": lambda x: x.reshape(-1),
    "flatten": lambda x: x.flatten(),
    "narrow_copy": lambda x: x.narrow_copy(0, 0, 1),
    "diag_embed": lambda x: x.diag_embed(),
    "tril": lambda x: x.tril(),
    "triu": lambda x: x.triu(1),
    # sums and extrema
    "sum": lambda x: x.sum(0),
    "sum last": lambda x: x.sum(-1),
    "sum kept": lambda x: x.sum(0, keepdim=True),
    "sum two": lambda x: x.sum([0, -1]),
    "sum two kept": lambda x: x.sum([0, -1], keepdim=True),
    "sum all kept": lambda x: x.sum(list(range(x.dim())), keepdim=True),
    "nansum": lambda x: x.nansum(0),
    "mean": lambda x: x.double().mean(0),
    "mean two kept": lambda x: x.double().mean([0, -1], keepdim=True),
    "nanmean": lambda x: x.double().nanmean(0),
    "prod": lambda x: x.prod(0),
    "prod kept": lambda x: x.prod(-1, keepdim=True),
    "amax": lambda x: x.amax(0),
    "amax two": lambda x: x.amax([0, -1]),
    "amax two kept": lambda x: x.amax([0, -1], keepdim=True),
    "aminmax": lambda x: x.aminmax(dim=0),
    "max": lambda x: x.max(0),
    "max kept": lambda x: x.max(-1, keepdim=True),
    "argmax": lambda x: x.argmax(0),
    "argmin kept": lambda x: x.argmin(-1, keepdim=True),
    "argmax all kept": lambda x: x.argmax(keepdim=True),
    "var": lambda x: x.double().var(0),
    "std kept": lambda x: x.double().std([0, -1], keepdim=True),
    "var_mean": lambda x: torch.var_mean(x.double(), 0),
    "std_mean": lambda x: torch.std_mean(x.double(), -1, keepdim=True),
    "norm": lambda x: x.double().norm(2, 0),
    "norm one": lambda x: x.double().norm(1, [0, -1]),
    "norm max kept": lambda x: x.double().norm(float("inf"), [0], keepdim=True),
    "vector_norm": lambda x: torch.linalg.vector_norm(x.double(), 2, 0),
    "logsumexp": lambda x: x.double().logsumexp(0),
    "logsumexp two kept": lambda x: x.double().logsumexp([0, -1], keepdim=True),
    "all": lambda x: x.all(0),
    "any kept": lambda x: x.any(-1, keepdim=True),
    "any two": lambda x: x.any([0, -1]),
    "count_nonzero": lambda x: x.count_nonzero(0),
    # along a dimension
    "cumsum": lambda x: x.cumsum(0),
    "cumsum last": lambda x: x.cumsum(-1),
    "cumprod": lambda x: x.cumprod(0),
    "cummax": lambda x: x.cummax(0),
    "logcumsumexp": lambda x: x.double().logcumsumexp(0),
    "diff": lambda x: x.diff(dim=0),
    "diff last": lambda x: x.diff(),
    "log_softmax": lambda x: x.double().log_softmax(0),
    "softmax 0": lambda x: x.double().softmax(0),
    "renorm": lambda x: x.double().renorm(2, 0, 1),
    # chosen by number or mask
    "index_select": lambda x: x.index_select(0, torch.tensor([0, 0])),
    "index_select last": lambda x: x.index_select(-1, torch.tensor([0, 0])),
    "gather": lambda x: x.gather(0, torch.zeros_like(x, dtype=torch.int64)),
    "take": lambda x: x.take(torch.zeros_like(x, dtype=torch.int64)),
    "take_along_dim": lambda x: x.take_along_dim(torch.zeros_like(x, dtype=torch.int64), 0),
    "masked_select": lambda x: x.masked_select(x > 0),
    "masked_fill cut": lambda x: x.masked_fill((x > 1)[:1], 1),
    "masked_fill by tensor": lambda x: x.masked_fill(x > 1, torch.tensor(1, dtype=x.dtype)),
    "masked_scatter": lambda x: x.masked_scatter(x > 0, torch.ones(x.shape, dtype=x.dtype)),
    "scatter": lambda x: x.scatter(0, torch.zeros_like(x, dtype=torch.int64), x),
    "scatter number": lambda x: x.scatter(0, torch.zeros_like(x, dtype=torch.int64), 1),
    "scatter_add": lambda x: x.scatter_add(0, torch.zeros_like(x, dtype=torch.int64), x),
    "scatter_reduce": lambda x: x.scatter_reduce(0, torch.zeros_like(x, dtype=torch.int64), x, "amax"),
    "index_put": lambda x: x.index_put([torch.tensor([0])], x[:1]),
    "index_add": lambda x: x.index_add(0, torch.tensor([0]), x[:1]),
    "index_copy": lambda x: x.index_copy(0, torch.tensor([0]), x[:1]),
    "index_fill": lambda x: x.index_fill(0, torch.tensor([0]), 1),
    "index_reduce": lambda x: x.index_reduce(0, torch.tensor([0]), x[:1], "amax"),
    "put": lambda x: x.put(torch.tensor([0]), torch.ones(1, dtype=x.dtype)),
    "index one": lambda x: x[torch.tensor([0, 0])],
    "index last": lambda x: x[..., torch.tensor([0, 0])],
    "index second": lambda x: x[:, torch.tensor([0, 0])],
    "index second pair": lambda x: x[:, torch.tensor([[0, 0]])],
    "index two": lambda x: x[torch.tensor([0, 0]), torch.tensor([0, 0])],
    "index apart": lambda x: x[torch.tensor([0, 0]), :, torch.tensor([0, 0])],
    "index mask": lambda x: x[x > 0],
    "nonzero": lambda x: x.nonzero(),
    "select_scatter": lambda x: x.select_scatter(x[0], 0, 0),
    "slice_scatter": lambda x: x.slice_scatter(x[:1], 0, 0, 1),
    "diagonal_scatter": lambda x: x.diagonal_scatter(x.diagonal()),
    # new ones and copies
    "zeros_like": torch.zeros_like,
    "ones_like": torch.ones_like,
    "full_like": lambda x: torch.full_like(x, 2),
    "rand_like double": lambda x: torch.rand_like(x, dtype=torch.float64),
    "randint_like": lambda x: torch.randint_like(x, 5),
    "new_zeros": lambda x: x.new_zeros(x.shape),
    "contiguous": lambda x: x.contiguous(),
    "to int": lambda x: x.to(torch.int32),
    "to half": lambda x: x.to(torch.float16),
    "to itself": lambda x: x.to(x.dtype),
    # layers
    "layer_norm": lambda x: torch.nn.functional.layer_norm(x.double(), x.shape[-1:]),
    "gelu": lambda x: torch.nn.functional.gelu(x.double()),
    "gelu tanh": lambda x: torch.nn.functional.gelu(x.double(), approximate="tanh"),
    "relu": torch.relu,
    "sigmoid": torch.sigmoid,
    "round decimals": lambda x: x.double().round(decimals=2),
    "polygamma": lambda x: x.double().polygamma(1),
    "lerp": lambda x: x.double().lerp(x.double(), 0.5),
    "nan_to_num": torch.nan_to_num,
    "linear": lambda x: torch.nn.functional.linear(x.double(), torch.ones(2, x.shape[-1], dtype=torch.float64)),
    # products
    "matmul by a matrix": lambda x: x @ torch.ones(x.shape[-1], 2, dtype=x.dtype),
    "matmul by a vector": lambda x: x @ torch.ones(x.shape[-1], dtype=x.dtype),
    "matmul of a matrix": lambda x: torch.ones(2, x.shape[-2], dtype=x.dtype) @ x,
    "matmul by itself": lambda x: x @ x.mT,
    "bmm": lambda x: x.bmm(x.mT),
    "baddbmm": lambda x: x.baddbmm(x, torch.ones(x.shape[0], x.shape[2], x.shape[2], dtype=x.dtype)),
    "addmm": lambda x: x.addmm(x, torch.ones(x.shape[1], x.shape[1], dtype=x.dtype)),
    "outer": lambda x: x.outer(x),
    "kron": lambda x: torch.kron(x, x),
    "tensordot": lambda x: torch.tensordot(x, x, 1),
    "einsum": lambda x: torch.einsum("bij,bkj->bik", x, x),
    "einsum permuted": lambda x: torch.einsum("bij->jib", x),
    "cdist": lambda x: torch.cdist(x.double(), x.double()),
    "cross": lambda x: torch.linalg.cross(x, x),
}
joining = {
    "cat": lambda a, b: torch.cat([a, b]),
    "cat last": lambda a, b: torch.cat([a, b], -1),
    "stack": lambda a, b: torch.stack([a, b]),
    "stack last": lambda a, b: torch.stack([a, b], -1),
    "hstack": lambda a, b: torch.hstack([a, b]),
    "vstack": lambda a, b: torch.vstack([a, b]),
    "dstack": lambda a, b: torch.dstack([a, b]),
    "column_stack": lambda a, b: torch.column_stack([a, b]),
}
matrices = {
    "inv": torch.linalg.inv,
    "inv_ex": torch.linalg.inv_ex,
    "det": torch.linalg.det,
    "slogdet": torch.linalg.slogdet,
    "solve": lambda x: torch.linalg.solve(x, x),
    "solve vector": lambda x: torch.linalg.solve(x, x[..., 0]),
    "solve_triangular": lambda x: torch.linalg.solve_triangular(x, x, upper=True),
    "cholesky_ex": lambda x: torch.linalg.cholesky_ex(x)[0],
    "cholesky_ex upper": lambda x: torch.linalg.cholesky_ex(x, upper=True)[0],
    "cholesky_solve": lambda x: torch.cholesky_solve(x, x),
    "cholesky_inverse": torch.cholesky_inverse,
    "qr": torch.linalg.qr,
    "qr complete": lambda x: torch.linalg.qr(x, "complete"),
    "svd": lambda x: torch.linalg.svd(x, full_matrices=False),
    "svd full": torch.linalg.svd,
    "svdvals": torch.linalg.svdvals,
    "eigh": torch.linalg.eigh,
    "eigvalsh": torch.linalg.eigvalsh,
    "lstsq": lambda x: torch.linalg.lstsq(x, x)[0],
    "pinv": torch.linalg.pinv,
    "lu_factor": torch.linalg.lu_factor,
    "lu": torch.linalg.lu,
    "matrix_power": lambda x: torch.linalg.matrix_power(x, 3),
    "matrix_power 0": lambda x: torch.linalg.matrix_power(x, 0),
    "matrix_power 1": lambda x: torch.linalg.matrix_power(x, 1),
    "matrix_exp": torch.linalg.matrix_exp,
    "matrix_norm": torch.linalg.matrix_norm,
}


def gradient_of(f):
    """The gradient of a leaf, by all that f makes of it."""

    def run(x):
        leaf = x.detach().requires_grad_()
        y = f(leaf)
        (y[0] if isinstance(y, tuple) else y).sum().backward()
        return leaf.grad

    return run


# fmt: off
with_gradients = [
    "sort", "topk", "kthvalue", "median", "flip", "roll", "rot90", "repeat", "tile", "reshape", "tril", "sum",
    "mean", "prod", "amax", "max", "var", "norm", "logsumexp", "cumsum", "cumprod", "cummax", "logcumsumexp", "diff",
    "softmax 0", "index_select", "gather", "take", "take_along_dim", "masked_select", "masked_scatter", "scatter",
    "scatter_add", "index_put", "index_add", "index one", "index last", "nansum", "contiguous", "to half",
    "layer_norm", "gelu", "relu", "sigmoid", "linear", "matmul by a matrix", "bmm", "einsum", "cdist", "quantile",
]
# fmt: on
gradients = {"gradient of " + name: gradient_of(others[name]) for name in with_gradients}


def laid_out(sizes):
    """A tensor of these sizes in some layout: permuted, cut, expanded, with any stride where there is one element."""
    order = random.sample(range(len(sizes)), len(sizes))
    steps = [random.choice((1, 1, 1, 2)) for _ in sizes]
    spread = [random.random() < 0.1 for _ in sizes]
    whole = [1 if spread[d] else sizes[d] * steps[d] + random.choice((0, 0, 0, 1)) for d in order]
    x = torch.ones(whole, dtype=random.choice((torch.float32, torch.float32, torch.int64)))
    x = x.permute([order.index(d) for d in range(len(sizes))])
    for d, n in enumerate(sizes):
        x = (
            x.expand([n if k == d else -1 for k in range(x.dim())])
            if spread[d]
            else x[(slice(None),) * d + (slice(0, n * steps[d], steps[d]),)]
        )
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


def results_of(f, xs):
    """What f gives, as a list; none where PyTorch refuses these operands or where it gives a view."""
    try:
        y = f(*xs)
    except (RuntimeError, IndexError):
        return []
    return [y] if isinstance(y, torch.Tensor) else list(y)


def strides_of(results):
    return [list(y.stride()) for y in results]


def telling_strides_of(results):
    return [[s if n > 1 else None for n, s in zip(y.shape, y.stride())] for y in results]


def described(x):
    return [str(x.dtype).removeprefix("torch."), list(x.shape), list(x.stride())]


cases = []
for functions, operands, count in ((unary, 1, 22), (binary, 2, 40), (ternary, 3, 30)):
    for name, f in functions.items():
        for _ in range(count):
            sizes = some_sizes()
            xs = [laid_out(sizes if random.random() < 0.6 else narrower(sizes)) for _ in range(operands)]
            cases.append([name, [described(x) for x in xs], strides_of([f(*xs)])])
for name, f in drawing.items():
    for _ in range(25):
        x = laid_out(some_sizes())
        if x.is_floating_point():
            torch.manual_seed(3)
            y = f(x)
            cases.append([name, [described(x)], strides_of([y]), [round(v, 6) for v in y.flatten().tolist()]])
for name, f in (others | gradients).items():
    tried = 0
    while tried < 10:
        x = laid_out(some_sizes())
        results = results_of(f, [x])
        tried += len(results) > 0
        if results:
            cases.append([name, [described(x)], telling_strides_of(results)])
for name, f in joining.items():
    for _ in range(15):
        sizes = some_sizes()
        xs = [laid_out(sizes), laid_out(sizes)]
        if results := results_of(f, xs):
            cases.append([name, [described(x) for x in xs], telling_strides_of(results)])
sines = torch.arange(4096, dtype=torch.float64).square().sin()
for name, f in matrices.items():
    for _ in range(12):
        n = random.choice((1, 2, 3))
        layout = laid_out(random.choice(([], [2], [3, 2])) + [n, random.choice((n, n, 2))])
        x = sines.as_strided(layout.shape, layout.stride())
        if results := results_of(f, [x]):
            cases.append([name, [["float64", *described(x)[1:]]], telling_strides_of(results)])
print("[" + ",\n ".join(json.dumps(c, separators=(",", ":")) for c in cases) + "]")
