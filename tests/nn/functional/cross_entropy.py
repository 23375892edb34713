"""Asks PyTorch for cross-entropies and their gradients: python cross_entropy.py > cross_entropy.json"""

import itertools
import json

import torch

logits = torch.tensor([[(7 * i + 5 * c + i * c) % 13 / 2 - 3 for c in range(5)] for i in range(4)], dtype=torch.float64)
weight = torch.tensor([0.5, 2.0, 1.0, 0.25, 3.0], dtype=torch.float64)
target = [1, 4, 0, 2]
gradient = torch.tensor([1.0, -2.0, 0.5, 3.0], dtype=torch.float64)

cases = []
for weighted, ignore_index, reduction, smoothing in itertools.product(
    (False, True), (-100, 4, 0), ("none", "mean", "sum"), (0.0, 0.1, 1.0)
):
    x = logits.clone().requires_grad_()
    loss = torch.nn.functional.cross_entropy(
        x,
        torch.tensor(target),
        weight if weighted else None,
        ignore_index=ignore_index,
        reduction=reduction,
        label_smoothing=smoothing,
    )
    loss.backward(gradient if reduction == "none" else gradient[0])
    cases.append(
        {
            "weighted": weighted,
            "ignore_index": ignore_index,
            "reduction": reduction,
            "label_smoothing": smoothing,
            "loss": loss.detach().reshape(-1).tolist(),
            "grad": x.grad.reshape(-1).tolist(),
        }
    )

lines = ",\n".join(json.dumps(case) for case in cases)
print(
    f'{{"logits": {json.dumps(logits.tolist())},\n"weight": {json.dumps(weight.tolist())}, "target": {target},'
    f' "gradient": {gradient.tolist()},\n"cases": [\n{lines}\n]}}'
)
