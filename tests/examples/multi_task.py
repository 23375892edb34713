import torch
from torch import nn


class MultiTaskModel(nn.Module):
    def __init__(self, input, hidden):
        super().__init__()
        self.encoder = nn.Linear(input, hidden)
        self.heads = nn.ModuleDict({"sentiment": nn.Linear(hidden, 3), "topic": nn.Linear(hidden, 20)})

    def forward(self, x, task):
        return self.heads[task](self.encoder(x))


torch.manual_seed(0)
model = MultiTaskModel(16, 32)
print(model)
x = torch.randn(4, 16)
for task in ("sentiment", "topic"):
    print(f"{task}: {list(model(x, task).shape)} {model(x, task).mean().item():.4f}")
for name, parameter in model.named_parameters():
    print(f"{name} {list(parameter.shape)}")
