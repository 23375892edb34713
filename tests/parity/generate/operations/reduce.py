"""Sums, extrema, order."""

import torch

from .cases import Family, apart, positive, real, unit

family = Family()
add = family.add

nan, inf = float("nan"), float("inf")
gaps = torch.tensor([[1.0, nan, 2.0], [nan, nan, nan], [0.5, -1.0, 3.0]], dtype=torch.float64)
ties = torch.tensor([[1.0, 3.0, 3.0], [2.0, 2.0, 0.0], [-1.0, -1.0, -1.0]], dtype=torch.float64)

for name in "sum nansum mean nanmean amax amin all any logsumexp".split():
    add(name, real(2, 3, 4), [1])
    add(name, real(2, 3, 4), [0, 2], keepdim=True)
    add(name, real(2, 3, 4), [-1])
    add(name, gaps, [1])
    add(name, ties, [1])
    if name != "logsumexp":
        add(name, real(2, 3, 4), [0, 1, 2])
        add(name, real(), [])
for name in "sum nansum mean prod all any".split():
    add(name, real(2, 3))
    add(name, real())
for name in "sum nansum mean all any logsumexp".split():
    add(name, real(2, 0, 3), [1])
    add(name, real(2, 0, 3), [0])
add("sum", real(3, 4), [1], dtype=torch.float64)
add("prod", real(3, 4), 1)
add("prod", real(3, 4), 0, keepdim=True)
add("prod", torch.tensor([[1.0, 0, 2], [0, 0, 3], [2, 3, 4]], dtype=torch.float64), 1)
add("prod", real(2, 0, 3), 1)
for name in ("var", "std"):
    add(name, real(3, 4), [1])
    add(name, real(3, 4))
    add(name, real(2, 3, 4), [0, 2], correction=0, keepdim=True)
    add(name, real(3, 1), [1])
    add(name, real(3, 4), [0], correction=2)
add("var_mean", real(3, 4), [1])
add("std_mean", real(3, 4), [1], keepdim=True)
add("norm", real(3, 4))
for p in (1, 2, 3, 0.5, 0, inf, -inf):
    add("norm", real(3, 4), p, [1])
add("norm", real(3, 4), 2, [0, 1], keepdim=True)
add("norm", torch.zeros(2, 3, dtype=torch.float64), 2, [1])
add("dist", real(3, 4), real(3, 4))
add("dist", real(3, 4), real(4), 1)
for name in ("max", "min"):
    add(name, real(3, 4))
    add(name, real(3, 4), 1)
    add(name, ties, 1)
    add(name, ties)
    add(name, gaps, 1, keepdim=True)
    add(name, real())
for name in ("argmax", "argmin"):
    add(name, real(3, 4))
    add(name, real(3, 4), 1)
    add(name, ties, 1, keepdim=True)
    add(name, gaps, 1)
add("aminmax", real(3, 4))
add("aminmax", real(3, 4), dim=1, keepdim=True)
add("count_nonzero", real(3, 4).round())
add("count_nonzero", real(3, 4).round(), [1])
for name in ("median", "nanmedian"):
    add(name, real(3, 4))
    add(name, real(3, 4), 1)
    add(name, gaps, 1, keepdim=True)
add("mode", torch.tensor([[1.0, 2, 2, 3], [3, 1, 3, 1], [5, 4, 3, 2]], dtype=torch.float64), 1)
add("kthvalue", real(3, 4), 2)
add("kthvalue", real(3, 4), 1, 0, keepdim=True)
add("quantile", real(3, 4), 0.3)
add("quantile", real(3, 4), 0.75, 1, keepdim=True)
add("quantile", real(3, 4), torch.tensor([0.1, 0.5, 1.0], dtype=torch.float64), 0)

add("cumsum", real(3, 4), 1)
add("cumsum", real(3, 4), 0)
add("cumsum", real(2, 0), 1)
add("cumprod", real(3, 4), 1)
add("cumprod", torch.tensor([1.0, 2, 0, 3, 0, 4], dtype=torch.float64), 0)
add("logcumsumexp", real(3, 4), 1)
add("cummax", real(3, 4), 1)
add("cummin", gaps, 1)
add("diff", real(3, 4))
add("diff", real(3, 5), 2, 0)
add("sort", real(3, 4))
add("sort", real(3, 4), 0, True)
add("sort", ties, dim=1, stable=True)
add("sort", gaps, 1)
add("argsort", real(3, 4), 1)
add("argsort", real(3, 4), 0, descending=True)
add("topk", real(3, 5), 2)
add("topk", real(3, 5), 2, 0, False)
add("topk", real(7), 7)
add("softmax", real(3, 4), 1)
add("softmax", real(3, 4), 0)
add("softmax", torch.tensor([[1.0, -inf, 2], [100, 0, -100]], dtype=torch.float64), 1)
add("log_softmax", real(3, 4), 1)
add("log_softmax", real(2, 3, 4), 1)
repeated = torch.tensor([2.0, 1, 1, 3, 2, 2, 1], dtype=torch.float64)
add("unique", repeated)
add("unique", repeated, return_inverse=True, return_counts=True)
add(
    "unique",
    torch.tensor([[1.0, 2], [0, 1], [1, 2]], dtype=torch.float64),
    dim=0,
    return_inverse=True,
    return_counts=True,
)
add("unique_consecutive", repeated)
add("unique_consecutive", repeated, return_inverse=True, return_counts=True)

add("nanquantile", gaps, 0.3)
add("nanquantile", gaps, 0.75, 1, keepdim=True)
add("nanquantile", gaps, torch.tensor([0.1, 0.5, 1.0], dtype=torch.float64), 0)
for how in "lower higher midpoint nearest".split():
    add("nanquantile", gaps, 0.6, 1, interpolation=how)
    add("quantile", real(3, 4), 0.6, 1, interpolation=how)
add("cov", real(3, 5))
add("cov", real(5))
add("cov", real(3, 5), correction=0)
add("cov", real(3, 5), fweights=torch.tensor([1, 2, 0, 1, 3]))
add("cov", real(3, 5), fweights=torch.tensor([1, 2, 0, 1, 3]), aweights=positive(5))
add("corrcoef", real(3, 5))
add("corrcoef", real(5))
for name in ("trapezoid", "cumulative_trapezoid"):
    add(name, real(3, 4))
    add(name, real(3, 4), dx=0.5, dim=0)
    add(name, real(3, 4), real(4))
    add(name, real(3, 4, 2), real(4), dim=1)
    add(name, real(3, 4), real(3, 4), dim=0)
    add(name, real(3, 0))
add("cumsum_", real(3, 4), 1)
add("cumprod_", real(3, 4), 0)

with apart(4):
    add("renorm", real(3, 4), 2, 0, 1.0)
    add("renorm", real(2, 3, 4, scale=2), 1, 1, 2.5)
    add("renorm", real(3, 4), float("inf"), -1, 0.5)
    add("renorm", real(3, 4), 2, 0, 100.0)
    add("renorm_", real(3, 4), 2, 1, 1.0)
    add("msort", real(4, 3))
