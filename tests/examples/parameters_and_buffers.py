import torch
from torch import nn


class MyModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(10, 5)
        self.custom_weight = nn.Parameter(torch.randn(5, 5))
        self.register_buffer("running_mean", torch.zeros(5))
        self.register_buffer("step_count", torch.tensor(0))
        self.register_buffer("table", torch.arange(5), persistent=False)

    def forward(self, x):
        y = self.linear(x).matmul(self.custom_weight)
        with torch.no_grad():
            self.running_mean.mul_(0.9).add_(y.mean(0), alpha=0.1)
            self.step_count.add_(1)
        return y


torch.manual_seed(0)
model = MyModel()
for name, parameter in model.named_parameters():
    print(f"{name}: {list(parameter.shape)}, requires_grad={str(parameter.requires_grad).lower()}")
for name, buffer in model.named_buffers():
    print(f"{name}: {list(buffer.shape)}")
print("saved: " + " ".join(model.state_dict()))
for _ in range(3):
    model(torch.randn(8, 10))
print(f"{model.step_count.item()} steps")
torch.set_printoptions(precision=3)
print(model.running_mean)
