"""Random programs of views and changes in place, run by PyTorch: what each gives, or that it is refused.

Writes view_programs.json beside itself. A program starts with x, a leaf of shape (2, 3), and the tensors t[0] = x * x, t[1] = zeros(2, 3)
and t[2], a leaf of shape (3,); each step adds a tensor or changes one. At the end the gradients of sum(t[i] * t[i]) over all float tensors
that require grad are taken.
"""

import json
import os
import random

import torch

VIEWS = ["select", "narrow", "transpose", "flatten", "unsqueeze", "select", "narrow", "transpose", "flatten", "unbind"]
CHANGES = ["add_", "mul_", "copy_", "fill_", "exp_mul_"]


def broadcasts(source, target):
    try:
        return torch.broadcast_shapes(source.shape, target.shape) == target.shape
    except RuntimeError:
        return False


def overlaps(a, b):
    same = a.untyped_storage().data_ptr() == b.untyped_storage().data_ptr()
    return same and (a.shape, a.stride(), a.storage_offset()) != (b.shape, b.stride(), b.storage_offset())


def make_step(r, t):
    kind = r.random()
    i = r.randrange(len(t))
    if kind < 0.45:
        if i == 2 and r.random() < 0.8:
            i = r.randrange(2)
        name = r.choice(VIEWS)
        if t[i].dim() == 0:
            return ["unsqueeze", i, 0]
        d = r.randrange(t[i].dim())
        if name in ("select", "unbind"):
            return [name, i, d, r.randrange(t[i].size(d))]
        if name == "narrow":
            n = r.randrange(1, t[i].size(d) + 1)
            return [name, i, d, r.randrange(t[i].size(d) - n + 1), n]
        if name == "flatten" and not t[i].is_contiguous():
            return ["transpose", i, 0, d]
        return (
            [name, i, 0, d]
            if name == "transpose"
            else [name, i, d]
            if name == "unsqueeze" and t[i].dim() < 4
            else [name, i]
            if name == "flatten"
            else ["transpose", i, 0, d]
        )
    if kind < 0.85:
        name = r.choice(CHANGES)
        if i == 2 and r.random() < 0.9:  # a leaf: mostly refused
            i = r.randrange(2)
        if name == "fill_":
            return [name, i, r.randrange(1, 4)]
        sources = [j for j in range(len(t)) if broadcasts(t[j], t[i]) and (name != "copy_" or j != i)]
        return [name, i, r.choice(sources)] if sources else ["fill_", i, 2]
    sources = [j for j in range(len(t)) if broadcasts(t[j], t[i])]
    return ["mul", i, r.choice(sources)]


def run_step(t, step):
    name, i, *a = step
    y = t[i]
    try:  # PyTorch takes a view whose base has just been recorded for a leaf, and refuses to change it, until its grad_fn is looked at
        y.grad_fn
    except RuntimeError:
        pass
    if name == "select":
        t.append(y.select(*a))
    elif name == "narrow":
        t.append(y.narrow(*a))
    elif name == "transpose":
        t.append(y.transpose(*a))
    elif name == "flatten":
        t.append(y.view(-1))
    elif name == "unsqueeze":
        t.append(y.unsqueeze(*a))
    elif name == "unbind":
        t.append(y.unbind(a[0])[a[1]])
    elif name == "mul":
        t.append(y * t[a[0]])
    elif name == "fill_":
        y.fill_(a[0])
    elif name == "exp_mul_":
        y.mul_((t[a[0]] * 0.1).exp())
    else:
        source = t[a[0]]
        if overlaps(source, y) or (source is y and name == "mul_"):
            source = source.clone()  # PyTorch refuses what Tenon copies
        getattr(y, name)(source)


def run(seed):
    r = random.Random(seed)
    x = torch.tensor([[0.5, -1.0, 1.5], [1.0, 0.25, -0.5]], dtype=torch.float64, requires_grad=True)
    w = torch.tensor([0.5, 1.5, -1.0], dtype=torch.float64, requires_grad=True)
    t = [x * x, torch.zeros(2, 3, dtype=torch.float64), w]
    program = {"steps": []}
    for _ in range(r.randrange(3, 10)):
        step = make_step(r, t)
        program["steps"].append(step)
        try:
            run_step(t, step)
        except RuntimeError:
            program["refused"] = len(program["steps"]) - 1
            return program
    try:
        loss = sum((y * y).sum() for y in t)
        program["loss"] = loss.item()
        loss.backward()
    except RuntimeError:
        program["refused"] = len(program["steps"])
        return program
    program["x"] = None if x.grad is None else x.grad.flatten().tolist()
    program["w"] = None if w.grad is None else w.grad.flatten().tolist()
    return program


programs = [run(seed) for seed in range(400)]
programs = [p for p in programs if abs(p.get("loss", 0)) < 1e6]
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "view_programs.json"), "w") as f:
    f.write("[\n" + ",\n".join(json.dumps(p) for p in programs) + "\n]\n")
print(len(programs), sum("refused" in p for p in programs))
