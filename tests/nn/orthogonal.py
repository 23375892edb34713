"""Prints the cases of orthogonal_test.cpp: python orthogonal.py, with PyTorch 2.15."""

import torch
from torch.nn.utils.parametrizations import orthogonal


def numbers(x):
    return "{" + ", ".join("%.7g" % v for v in x.flatten().tolist()) + "}"


for shape in [(3, 3), (2, 4), (4, 2)]:
    for name in ["matrix_exp", "cayley", "householder"]:
        for trivial in [True, False]:
            torch.manual_seed(5)
            layer = torch.nn.Linear(shape[1], shape[0], bias=False)
            orthogonal(layer, orthogonal_map=name, use_trivialization=trivial)
            original = layer.parametrizations.weight.original
            step = torch.arange(shape[0] * shape[1]).reshape(shape) * 0.01
            if name == "householder":
                step = step.tril(-1) if shape[0] >= shape[1] else step.triu(1)
            with torch.no_grad():
                original.add_(step)
            weight = layer.weight
            (weight * torch.arange(weight.numel()).reshape(shape)).sum().backward()
            flag = str(trivial).lower()
            row = [numbers(weight), numbers(original.grad)]
            print(f"{{{{{shape[0]}, {shape[1]}}}, OrthogonalMap::{name}, {flag}, {row[0]}, {row[1]}}},")
