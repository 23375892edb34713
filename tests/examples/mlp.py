import torch
from torch import nn


class MLP(nn.Module):
    def __init__(self, input, hidden, output):
        super().__init__()
        self.fc1 = nn.Linear(input, hidden)
        self.relu = nn.ReLU()
        self.fc2 = nn.Linear(hidden, output)

    def forward(self, x):
        return self.fc2(self.relu(self.fc1(x)))


torch.manual_seed(0)
model = MLP(784, 256, 10)
output = model(torch.randn(32, 784))
print(list(output.shape))
print(sum(p.numel() for p in model.parameters()))
print(f"{output.mean().item():.4f}")
print(f"{model.fc1.weight.std().item():.4f}")
