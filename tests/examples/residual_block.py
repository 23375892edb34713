import torch
from torch import nn


class ResBlock(nn.Module):
    def __init__(self, dim, expansion=4):
        super().__init__()
        self.norm = nn.LayerNorm(dim)
        self.ff = nn.Sequential(nn.Linear(dim, dim * expansion), nn.GELU(), nn.Linear(dim * expansion, dim))

    def forward(self, x):
        return x + self.ff(self.norm(x))


torch.manual_seed(0)
model = nn.Sequential(ResBlock(32), ResBlock(32, 2))
print(model)
x = torch.randn(8, 32, requires_grad=True)
y = model(x)
y.pow(2).mean().backward()
print(f"{list(y.shape)} {y.std().item():.4f}")
print(f"gradient of x: {x.grad.norm().item():.4f}")
