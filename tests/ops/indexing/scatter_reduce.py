"""Asks PyTorch about scatter_reduce: python scatter_reduce.py > scatter_reduce.json

Sources have ties and zeros; the gradient of a result is 1, 2, …
"""

import json

import torch

x = torch.tensor([[1.0, 2, 0, -3], [2, 2, 5, 0], [0, -1, 3, 4]], dtype=torch.float64)
source = torch.tensor([[2.0, 2, 0, 1], [-3, 5, 0, 4], [0, -1, 3, 3]], dtype=torch.float64)
index = torch.tensor([[1, 0, 2, 0], [1, 0, 2, 0], [1, 2, 0, 0]])
cases = []
for reduce in ["sum", "prod", "mean", "amax", "amin"]:
    for include_self in [True, False]:
        for dim in [0, 1]:
            for width in [2, 4]:
                a, b = x.clone().requires_grad_(), source.clone().requires_grad_()
                y = (
                    a.scatter_reduce(dim, index[:, :width], b, reduce, include_self=include_self)
                    if width == 4
                    else a.scatter_reduce(dim, index[:, :width], b[:, :width], reduce, include_self=include_self)
                )
                y.backward(torch.arange(1.0, 13, dtype=torch.float64).reshape(3, 4))
                whole = x.long().scatter_reduce(dim, index[:, :width], source.long(), reduce, include_self=include_self)
                cases.append(
                    {
                        "reduce": reduce,
                        "include_self": include_self,
                        "dim": dim,
                        "width": width,
                        "values": y.flatten().tolist(),
                        "grad": a.grad.flatten().tolist(),
                        "source_grad": b.grad.flatten().tolist(),
                        "integers": whole.flatten().tolist(),
                    }
                )
print(
    json.dumps({"x": x.flatten().tolist(), "source": source.flatten().tolist(), "index": index.flatten().tolist()})[:-1]
    + ',\n"cases": ['
)
print(",\n".join(json.dumps(c) for c in cases) + "]}")
