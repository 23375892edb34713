"""What a family of operations is asked: cases with tensors of real numbers, of indices and of bools."""

import contextlib

import torch

VALUE_TYPES = [
    torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64,
    torch.float16, torch.bfloat16, torch.float32, torch.float64,
]  # fmt: skip

# Of equal elements PyTorch says only that it gives one; integers made of few numbers have many.
CHOOSES_AMONG_EQUALS = ("kthvalue", "topk", "median", "nanmedian", "mode")

# PyTorch rounds each of their steps to a half type; right is the float answer, rounded once.
ROUNDS_EACH_STEP = ("logsumexp", "linalg.matrix_exp", "index_reduce", "index_reduce_", "special.ndtr")

# They read a triangle of an argument, the first or the second; PyTorch's gradient has numbers beside it.
READS_A_TRIANGLE = {"cholesky_inverse": 0, "cholesky_solve": 1}

generator = torch.Generator().manual_seed(0)


@contextlib.contextmanager
def apart(seed):
    """Numbers of a stream of their own, so that cases that come later to a family leave those of all others as they are."""
    global generator
    before, generator = generator, torch.Generator().manual_seed(seed)
    yield
    generator = before


def real(*shape, scale=1.0):
    """Numbers of both signs."""
    return torch.randn(shape, generator=generator, dtype=torch.float64) * scale


def positive(*shape):
    return torch.randn(shape, generator=generator, dtype=torch.float64).abs() + 0.25


def unit(*shape):
    """Inside (-1, 1)."""
    return torch.rand(shape, generator=generator, dtype=torch.float64) * 1.8 - 0.9


def index(high, *shape):
    return torch.randint(0, high, shape, generator=generator)


def permutation(n):
    return torch.randperm(n, generator=generator)


def mask(*shape):
    return torch.rand(shape, generator=generator) > 0.5


def definite(*batch, n):
    """Symmetric, positive definite matrices."""
    a = real(*batch, n, n)
    return a @ a.mT + n * torch.eye(n, dtype=torch.float64)


def converted(x, dtype):
    """A tensor of real numbers as the library is given it in that type; indices and bools stay as they are."""
    if x.dtype != torch.float64:
        return x
    if dtype == torch.bool:
        return x > 0
    if dtype == torch.uint8:
        return (x * 4).abs().to(dtype)
    if not dtype.is_floating_point:
        return (x * 4).to(dtype)
    return x.to(dtype)


class Family:
    """Cases of one family, in the order in which they were added."""

    def __init__(self):
        self.cases = []

    def add(self, name, *arguments, **named):
        """`name` is PyTorch's: torch.NAME, torch.linalg.NAME or a method. The first case of a name is asked in every type."""
        self.cases.append((name, list(arguments), named))


def function(name):
    if name.startswith("linalg."):
        return getattr(torch.linalg, name.removeprefix("linalg."))
    if name.startswith("special."):
        return getattr(torch.special, name.removeprefix("special."))
    if not name.endswith("_") and hasattr(torch, name):
        return getattr(torch, name)
    return getattr(torch.Tensor, name)
