import torch
from torch import nn


class NotSoBadModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(10, 10) for _ in range(3))  # a plain list would be forgotten

    def forward(self, x):
        for layer in self.layers:
            x = layer(x).relu()
        return x


torch.manual_seed(0)
model = NotSoBadModel()
print(f"{sum(p.numel() for p in model.parameters())} parameters")
for name, parameter in model.named_parameters():
    print(f"{name} {list(parameter.shape)}")
print(f"{model(torch.randn(4, 10)).sum().item():.4f}")
