import os
import tempfile

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


def text(value):
    return str(value).lower()


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    torch.manual_seed(0)
    model = MLP(16, 8, 4)
    x = torch.randn(2, 16)
    before = model(x)
    torch.save(model.state_dict(), "model.pt")
    other = MLP(16, 8, 4)
    other.load_state_dict(torch.load("model.pt"))
    print(text(other(x).equal(before)))
    for key, value in torch.load("model.pt").items():
        print(key, list(value.shape))

    torch.save(
        {"fc1.weight": torch.ones(8, 16), "fc1.bias": torch.zeros(8), "head.weight": torch.ones(2, 8)}, "pretrained.pt"
    )
    report = model.load_state_dict(torch.load("pretrained.pt"), strict=False)
    for key in report.missing_keys:
        print("missing", key)
    for key in report.unexpected_keys:
        print("unexpected", key)
    print(int(model.fc1.weight.mean().item()))
    try:
        model.load_state_dict(torch.load("pretrained.pt"))
    except RuntimeError as error:
        print("[load_state_dict]", error)
    os.chdir("/")
