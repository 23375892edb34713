"""Asks PyTorch for losses, distances and embeddings with their gradients: python answers.py > answers.json

Inputs are multiples of 1/8, exact in every type. A tensor is {"shape", "values"}, of integers {"shape", "integers"}.
"""

import itertools
import json

import torch
import torch.nn.functional as F

cases = []


def numbers(*shape, seed=0, low=-2.5, steps=41):
    n = torch.Size(shape).numel()
    return (torch.tensor([(17 * i + 11 * seed + 5) % steps / 8 + low for i in range(n)], dtype=torch.float64)).reshape(
        shape
    )


def between(*shape, seed=0):  # 1/8 … 7/8
    return numbers(*shape, seed=seed, low=0.125, steps=7)


def integers(*shape, high, seed=0):
    n = torch.Size(shape).numel()
    return torch.tensor([(7 * i + 3 * seed + 1) % high for i in range(n)]).reshape(shape)


def signs(*shape, seed=0):
    return integers(*shape, high=2, seed=seed).double() * 2 - 1


def encoded(x):
    if not isinstance(x, torch.Tensor):
        return x
    flat = x.detach().reshape(-1).tolist()
    if not x.is_floating_point():
        return {"shape": list(x.shape), "integers": flat}
    return {"shape": list(x.shape), "values": [float(f"{v:.12g}") for v in flat]}


def ask(name, *inputs, gradients=None, half=True, **options):
    """`gradients`: of so many of the inputs; by default all real ones. `half`: whether half types are near enough."""
    leaves = []
    for i, x in enumerate(inputs):
        real = isinstance(x, torch.Tensor) and x.is_floating_point() and (gradients is None or i < gradients)
        leaves.append(x.clone().requires_grad_() if real else x)
    y = getattr(F, name)(*leaves, **options)
    g = numbers(*y.shape, seed=9)
    wanted = [x for x in leaves if isinstance(x, torch.Tensor) and x.requires_grad]
    grads = iter(torch.autograd.grad(y, wanted, g))
    cases.append(
        {
            "f": name,
            "inputs": [encoded(x) for x in inputs],
            "options": {k: encoded(v) for k, v in options.items()},
            "half": half,
            "y": encoded(y),
            "g": encoded(g),
            "gradients": [
                encoded(next(grads)) if isinstance(x, torch.Tensor) and x.requires_grad else None for x in leaves
            ],
        }
    )


REDUCTIONS = ("none", "mean", "sum")

for reduction in REDUCTIONS:
    x, t, w = numbers(3, 4), numbers(3, 4, seed=1), between(3, 4, seed=2)
    for name in ("mse_loss", "l1_loss"):
        ask(name, x, t, reduction=reduction)
        ask(name, x, t, reduction=reduction, weight=w)
        ask(name, numbers(3), numbers(3, 1, seed=3), reduction=reduction)
    for beta in (0.0, 0.5, 1.0):
        ask("smooth_l1_loss", x, t, reduction=reduction, beta=beta)
    for delta in (0.5, 1.0):
        ask("huber_loss", x, t, reduction=reduction, delta=delta)
    ask("huber_loss", x, t, reduction=reduction, delta=2.0, weight=w)
    for log_input, full in itertools.product((True, False), (True, False)):
        rate = x if log_input else between(3, 4)
        ask("poisson_nll_loss", rate, between(3, 4, seed=4) * 4, reduction=reduction, log_input=log_input, full=full)
    for var in (between(3, 4), between(3), between(3, 1)):
        ask("gaussian_nll_loss", x, t, var, reduction=reduction, full=True)
    ask("gaussian_nll_loss", x, t, between(3, 4), reduction=reduction, eps=0.5)
    ask("binary_cross_entropy", between(3, 4), between(3, 4, seed=1), reduction=reduction)
    ask("binary_cross_entropy", between(3, 4), between(3, 4, seed=1), reduction=reduction, weight=between(4))
    ask("binary_cross_entropy_with_logits", x, between(3, 4, seed=1), reduction=reduction)
    ask("binary_cross_entropy_with_logits", x, between(3, 4, seed=1), reduction=reduction, weight=between(3, 1))
    ask(
        "binary_cross_entropy_with_logits",
        x,
        between(3, 4, seed=1),
        reduction=reduction,
        weight=between(3, 1),
        pos_weight=between(4) * 4,
    )
    ask("multilabel_soft_margin_loss", x, between(3, 4, seed=1), reduction=reduction)
    ask("multilabel_soft_margin_loss", x, between(3, 4, seed=1), reduction=reduction, weight=between(4))
    ask("soft_margin_loss", x, signs(3, 4), gradients=1, reduction=reduction)
    for ignore_index, weight in itertools.product((-100, 1), (None, between(4))):
        options = {"reduction": reduction, "ignore_index": ignore_index, "weight": weight}
        ask("nll_loss", x, integers(3, high=4), **options)
        ask("nll_loss", numbers(2, 4, 3), integers(2, 3, high=4), **options)
        ask("nll_loss", numbers(4), torch.tensor(2), **options)
    for p, margin, weight in itertools.product((1, 2), (1.0, 0.25), (None, between(4))):
        ask("multi_margin_loss", x, integers(3, high=4), reduction=reduction, p=p, margin=margin, weight=weight)
    ask("multi_margin_loss", numbers(4), torch.tensor(2), reduction=reduction)
    listed = torch.tensor([[3, 0, -1, 1], [-1, 0, 1, 2], [2, -1, -1, -1]])
    ask("multilabel_margin_loss", x, listed, reduction=reduction)
    ask("multilabel_margin_loss", numbers(4), torch.tensor([3, 0, -1, 1]), reduction=reduction)
    ask("margin_ranking_loss", x, t, signs(3, 4), reduction=reduction, margin=0.5)
    ask("margin_ranking_loss", x, t, signs(3, 1), reduction=reduction)
    ask("hinge_embedding_loss", x, signs(3, 4), gradients=1, reduction=reduction)
    ask("hinge_embedding_loss", x, signs(4).long(), reduction=reduction, margin=2.0)
    ask("cosine_embedding_loss", x, t, signs(3), gradients=2, reduction=reduction, margin=0.125)
    ask(
        "cosine_embedding_loss",
        numbers(4),
        numbers(4, seed=1),
        torch.tensor(-1.0).double(),
        gradients=2,
        reduction=reduction,
    )
    for p, swap in itertools.product((2.0, 1.0), (False, True)):
        far = numbers(3, 4, seed=6)
        ask("triplet_margin_loss", x, t, far, reduction=reduction, p=p, swap=swap, margin=2.0, half=False)
    ask("triplet_margin_with_distance_loss", x, t, numbers(3, 4, seed=6), reduction=reduction, swap=True, half=False)
    for blank, lengths in itertools.product((0, 4), ((6, 5), (6, 2))):
        scores = numbers(6, 2, 5)
        padded = torch.tensor([[1, 2, 2], [3, 1, 1]])
        for zero_infinity in (False, True):
            if lengths[1] == 2 and not zero_infinity:
                continue  # NaN
            ask(
                "ctc_loss",
                scores.log_softmax(-1),
                padded,
                list(lengths),
                [3, 3],
                reduction=reduction,
                blank=blank,
                zero_infinity=zero_infinity,
                half=False,
            )
    ask(
        "ctc_loss",
        numbers(6, 2, 5).log_softmax(-1),
        torch.tensor([1, 2, 2]),
        [6, 4],
        [3, 0],
        reduction=reduction,
        half=False,
    )
    ask("ctc_loss", numbers(6, 5).log_softmax(-1), torch.tensor([1, 2]), [6], [2], reduction=reduction, half=False)
for reduction, log_target in itertools.product((*REDUCTIONS, "batchmean"), (False, True)):
    ask("kl_div", numbers(3, 4), between(3, 4), reduction=reduction, log_target=log_target)

for dim in (1, 0, -1):
    ask("cosine_similarity", numbers(3, 4), numbers(3, 4, seed=1), dim=dim, half=False)
ask("cosine_similarity", numbers(3, 4), numbers(4, seed=1), eps=4.0, half=False)
for p, keepdim in itertools.product((2.0, 1.0, 3.0), (False, True)):
    ask("pairwise_distance", numbers(3, 4), numbers(4, seed=1), p=p, keepdim=keepdim, half=False)
ask("bilinear", numbers(2, 3, 2), numbers(2, 3, 4, seed=1), numbers(3, 2, 4, seed=2), numbers(3), half=False)
ask("bilinear", numbers(2), numbers(4, seed=1), numbers(3, 2, 4, seed=2), half=False)

table = numbers(6, 3)
for options in (
    {},
    {"padding_idx": 2},
    {"padding_idx": -1},
    {"max_norm": 2.0},
    {"max_norm": 1.5, "norm_type": 1.0},
    {"scale_grad_by_freq": True},
):
    i = torch.tensor([[1, 2, 5], [2, 2, 0]])
    w = table.clone().requires_grad_()
    y = F.embedding(i, w, **options)
    g = numbers(*y.shape, seed=9)
    cases.append(
        {
            "f": "embedding",
            "inputs": [encoded(i), encoded(table)],
            "options": options,
            "half": False,
            "y": encoded(y),
            "g": encoded(g),
            "gradients": [None, encoded(torch.autograd.grad(y, w, g)[0])],
        }
    )

flat, bags = torch.tensor([1, 2, 5, 2, 2, 0, 1]), torch.tensor([0, 3, 3, 5])
for mode in ("sum", "mean", "max"):
    ask("embedding_bag", torch.tensor([[1, 2, 5], [2, 2, 0]]), table, mode=mode)
    ask("embedding_bag", flat, table, bags, mode=mode)
    ask("embedding_bag", flat, table, bags, mode=mode, padding_idx=2)
    ask("embedding_bag", flat, table, torch.tensor([0, 3, 3, 7]), mode=mode, include_last_offset=True)
    if mode != "max":
        ask("embedding_bag", flat, table, bags, mode=mode, scale_grad_by_freq=True)
# the factors are an input here, so that they get a gradient
factors = between(7)
w, f = table.clone().requires_grad_(), factors.clone().requires_grad_()
y = F.embedding_bag(flat, w, bags, mode="sum", per_sample_weights=f, padding_idx=5)
g = numbers(*y.shape, seed=9)
cases.append(
    {
        "f": "embedding_bag",
        "inputs": [encoded(flat), encoded(table), encoded(bags), encoded(factors)],
        "options": {"mode": "sum", "padding_idx": 5},
        "half": True,
        "y": encoded(y),
        "g": encoded(g),
        "gradients": [None, encoded(torch.autograd.grad(y, w, g, retain_graph=True)[0]), None]
        + [encoded(torch.autograd.grad(y, f, g)[0])],
    }
)

print("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]")
