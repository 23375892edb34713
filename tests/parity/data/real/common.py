"""What the makers share: loss, gradients, files. A case's folder holds data.safetensors (inputs, outputs, gradients)
and keys.json (what the weights file holds and what the module's state dict must be)."""

import json
import os
import sys

import torch
from safetensors.torch import save_file

MOST = 300_000


def weights():
    """The weights file is given: python make.py FILE."""
    if len(sys.argv) != 2:
        raise SystemExit("usage: make.py WEIGHTS")
    return sys.argv[1]


def keys_of(state):
    return {k: [str(v.dtype).replace("torch.", ""), list(v.shape)] for k, v in state.items()}


def losses(outputs):
    """Two scalars of all outputs: the mean, and one in which every element counts differently."""
    flat = torch.cat([o.reshape(-1) for o in outputs])
    return flat.mean(), (flat * torch.cos(torch.arange(flat.numel(), dtype=torch.float32))).mean()


def store(name, model, inputs, outputs, wanted, most_parameter=1200, loss_of=None):
    """inputs, outputs: dicts of tensors; wanted: dict of tensors whose gradients are stored (the input, or what stands
    for it where that is integers). Gradients of short parameters are stored too. loss_of: the outputs that the losses
    are of, one after the other, in this order; all where it is not given."""
    loss_of = loss_of or list(outputs)
    here = os.path.dirname(os.path.abspath(sys.argv[0]))
    data = {f"input.{k}": v for k, v in inputs.items()}
    data |= {f"output.{k}": v for k, v in outputs.items()}
    parameters = {k: p for k, p in model.named_parameters() if p.numel() <= most_parameter}
    for label, loss in zip(("mean", "weighted"), losses([outputs[k] for k in loss_of])):
        names = list(wanted) + ["parameter." + k for k in parameters]
        tensors = list(wanted.values()) + list(parameters.values())
        got = torch.autograd.grad(loss, tensors, retain_graph=True, allow_unused=True)
        data[f"loss.{label}"] = loss
        for n, g, t in zip(names, got, tensors):
            if label == "weighted" or not n.startswith("parameter."):
                data[f"grad_{label}.{n}"] = torch.zeros_like(t) if g is None else g
    data = {k: v.detach().contiguous().clone() for k, v in data.items()}
    path = os.path.join(here, "data.safetensors")
    save_file(data, path, {"format": "pt", "torch": torch.__version__})
    assert os.path.getsize(path) <= MOST, os.path.getsize(path)
    with open(os.path.join(here, "keys.json"), "w") as f:
        json.dump(
            {
                "state_dict": keys_of(model.state_dict()),
                "parameters": sum(p.numel() for p in model.parameters()),
                "loss_of": loss_of,
            },
            f,
            indent=1,
        )
    print(
        f"{name}: {os.path.getsize(path)} bytes, {sum(p.numel() for p in model.parameters())} parameters,",
        {k: list(v.shape) for k, v in data.items() if k.startswith(("input", "output"))},
        f"mean {data['loss.mean'].item():.6g}, weighted {data['loss.weighted'].item():.6g}",
    )
