"""Files that others than torch.save(state_dict) make, and what is in them: python generate.py, in this folder. Made with
PyTorch 2.15.0 and NumPy 2."""

import pickle
import warnings

import numpy as np
import torch

warnings.simplefilter("ignore")  # TorchScript's own, which says that it is old


class Part(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.lin = torch.nn.Linear(2, 2)
        self.bn = torch.nn.BatchNorm1d(2)
        self.scale = torch.ones(2)  # no buffer: not in the state dict
        self.register_buffer("offset", torch.full((1,), 5.0))
        self.sizes = [1, 2]

    def forward(self, x):
        return self.bn(self.lin(x)) * self.scale + self.offset + torch.tensor([1.0, 2.0])


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.part = Part()
        self.tied = self.part.lin
        self.layers = torch.nn.ModuleList([torch.nn.Linear(2, 1), torch.nn.Linear(2, 1)])
        self.w = torch.nn.Parameter(torch.ones(2))

    def forward(self, x):
        x = self.tied(self.part(x)) + self.w
        return self.layers[0](x) + self.layers[1](x)


torch.manual_seed(0)
net = Net().eval()
torch.jit.script(net).save("script.pt")
torch.jit.trace(net, torch.randn(3, 2)).save("trace.pt")
torch.save(net.state_dict(), "state.pt")  # what script.pt and trace.pt must give

torch.save(torch.nn.Linear(2, 1), "module.pt")
torch.save(torch.nn.Linear(2, 1), "module_legacy.pt", _use_new_zipfile_serialization=False)

values = {
    "f8": np.float64(0.1),
    "f4": np.float32(0.5),
    "f2": np.float16(0.25),
    "i4": np.int32(-7),
    "u8": np.uint64(2**63),
    "u1": np.uint8(200),
    "b": np.bool_(True),
    "c8": np.complex64(1 - 2j),
    "big": np.array(3, ">i4")[()],
    "array": np.arange(6, dtype=np.float32).reshape(2, 3),
    "column": np.asfortranarray(np.arange(6).reshape(2, 3)),
    "swapped": np.arange(3, dtype=">i2"),
    "none": np.zeros((0, 2)),
    "mask": np.array([True, False]),
    "dtype": np.dtype("float16"),
    "tensor": torch.ones(2),
}
torch.save(values, "numpy.pt")
del values["tensor"]
with open("numpy5.pkl", "wb") as f:
    pickle.dump(values, f, protocol=5)
with open("numpy_objects.pkl", "wb") as f:
    pickle.dump({"lr": 1, "names": np.array(["a", None], dtype=object)}, f, protocol=2)

with open("several.bin", "wb") as f:  # one after the other
    torch.save({"n": 1, "w": torch.ones(2)}, f, _use_new_zipfile_serialization=False)
    torch.save({"n": 2, "w": torch.full((3,), 2.0)}, f, _use_new_zipfile_serialization=False)
    pickle.dump([3], f, protocol=2)
    np.save(f, np.arange(4))

w = torch.nn.Parameter(torch.ones(2))
adam = torch.optim.Adam(
    [w], lr=torch.tensor(0.25), betas=(torch.tensor(0.5), torch.tensor(0.75)), capturable=False, foreach=False
)
schedule = torch.optim.lr_scheduler.CosineAnnealingLR(adam, 10)
w.sum().backward()
adam.step()
schedule.step()
state = schedule.state_dict()
state["_last_lr"] = [torch.as_tensor(x) for x in state["_last_lr"]]
torch.save({"optimizer": adam.state_dict(), "scheduler": state}, "tensor_options.pt")
print(adam.param_groups[0]["lr"], state)
