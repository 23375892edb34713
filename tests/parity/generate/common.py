"""Shared by the generators: writes a JSON description beside a safetensors file of its tensors."""

import json
import os

import torch
from safetensors.torch import save_file


class Bundle:
    """Collects tensors under unique keys; encode() turns any argument into its JSON form."""

    def __init__(self):
        self.tensors = {}

    def put(self, key, tensor):
        self.tensors[key] = tensor.detach().clone().contiguous()
        return {"tensor": key}

    def encode(self, key, v):
        if isinstance(v, torch.Tensor):
            return self.put(key, v)
        if isinstance(v, torch.dtype):
            return {"dtype": str(v).removeprefix("torch.")}
        if isinstance(v, (tuple, list)):
            return [self.encode(f"{key}.{i}", x) for i, x in enumerate(v)]
        if isinstance(v, dict):
            return {str(k): self.encode(f"{key}.{k}", x) for k, x in v.items()}
        if isinstance(v, torch.nn.Module):
            return {"function": type(v).__name__}
        if callable(v) and hasattr(v, "__name__"):
            return {"function": v.__name__}
        if isinstance(v, float) and v != v:
            return "nan"
        if v in (float("inf"), float("-inf")):
            return str(v)
        assert v is None or isinstance(v, (bool, int, float, str)), (key, type(v))
        return v

    def write(self, folder, name, description, indent=1):
        os.makedirs(folder, exist_ok=True)
        with open(f"{folder}/{name}.json", "w") as file:
            json.dump(description, file, indent=indent)
        save_file(self.tensors, f"{folder}/{name}.safetensors")
