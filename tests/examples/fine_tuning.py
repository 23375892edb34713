import torch
from torch import nn


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Linear(784, 256)
        self.activation = nn.ReLU()
        self.classifier = nn.Linear(256, 10)

    def forward(self, x):
        return self.classifier(self.activation(self.encoder(x)))


torch.manual_seed(0)
model = Model()
model.requires_grad_(False)
model.classifier.requires_grad_(True)
total = sum(p.numel() for p in model.parameters())
trainable = sum(p.numel() for p in model.parameters() if p.requires_grad)
print(f"Total: {total:,} | Trainable: {trainable:,}")
x, y = torch.randn(32, 784), torch.randint(0, 10, (32,))


def step(optimizer):
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()


before = model.encoder.weight.detach().clone()
optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=1e-4)
for _ in range(3):
    print(f"head only: {step(optimizer):.4f}")
print("encoder as it was:", str(model.encoder.weight.equal(before)).lower())
model.requires_grad_(True)
layered = torch.optim.Adam(
    [{"params": model.encoder.parameters(), "lr": 1e-5}, {"params": model.classifier.parameters(), "lr": 1e-3}]
)
for _ in range(3):
    print(f"layered: {step(layered):.4f}")
print("encoder as it was:", str(model.encoder.weight.equal(before)).lower())
