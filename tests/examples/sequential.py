from collections import OrderedDict

import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Dropout(0.1), nn.Linear(256, 10))
print(model)
output = model(torch.randn(32, 784))
print(f"{list(output.shape)} {output.mean().item():.4f}")
print(list(model[-1].weight.shape))
print(model[0:2])

named = nn.Sequential(OrderedDict(encoder=nn.Linear(784, 256), activation=nn.ReLU(), classifier=nn.Linear(256, 10)))
print(named)
print(list(named.encoder.weight.shape))
