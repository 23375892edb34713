import torch
from torch import nn


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Linear(16, 8)
        self.activation = nn.ReLU()
        self.classifier = nn.Linear(8, 3)

    def forward(self, x):
        return self.classifier(self.activation(self.encoder(x)))


torch.manual_seed(0)
model = Model()
activations = {}


def watch(module, inputs, output):
    print(f"encoder: {list(inputs[0].shape)} -> {list(output.shape)}")
    activations["encoder"] = output.detach()


def watch_back(module, grad_input, grad_output):
    print(f"{type(module).__name__}: grad_output norm = {grad_output[0].norm().item():.4f}")


handle = model.encoder.register_forward_hook(watch)
for name, module in model.named_modules():
    if not list(module.children()):
        module.register_full_backward_hook(watch_back)

x, y = torch.randn(4, 16), torch.tensor([0, 1, 2, 1])
nn.functional.cross_entropy(model(x), y).backward()
print(f"{activations['encoder'].mean().item():.4f}")
handle.remove()
model(x)
model.classifier.register_forward_hook(lambda module, inputs, output: output * 0)
print(str(model(x).abs().sum().item() == 0).lower())
