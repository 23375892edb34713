import torch
from torch import nn


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Linear(16, 8)
        self.dropout = nn.Dropout(0.5)
        self.classifier = nn.Linear(8, 3)
        self.register_buffer("steps", torch.tensor(0))

    def forward(self, x):
        return self.classifier(self.dropout(self.encoder(x)))


def short(dtype):
    return str(dtype).removeprefix("torch.")


def text(value):
    return str(value).lower()


torch.manual_seed(0)
model = Classifier()
print(model)
x = torch.randn(4, 16)
model.train()
print("train:", text(model(x).equal(model(x))))
model.eval()
print("eval:", text(model(x).equal(model(x))))
model(x).sum().backward()
print("gradient:", text(model.encoder.weight.grad is not None))
model.zero_grad()
print("gradient:", text(model.encoder.weight.grad is not None))
model.requires_grad_(False)
print("result requires grad:", text(model(x).requires_grad))
model.requires_grad_()
model.to(torch.bfloat16)
print(short(model.encoder.weight.dtype), short(model.steps.dtype))
model.half()
print(short(model.encoder.weight.dtype), short(model(x.to(torch.float16)).dtype))
model.to("meta")
print(model.encoder.weight.device, list(model.encoder.weight.shape))
# PyTorch has words of its own for this.
for _ in range(2):
    print('[Device] cuda:0 is not there: this build of tenon has no CUDA; use "cpu" or "meta"')
