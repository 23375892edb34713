import os
import pickle
import sys
import types

import torch

# The class, and the file: examples/data/foreign_config.pt.
module = types.ModuleType("my.module")
sys.modules["my"], sys.modules["my.module"] = types.ModuleType("my"), module


class Config:
    def __init__(self, hidden, dropout):
        self.hidden, self.dropout = hidden, dropout


Config.__module__, Config.__qualname__ = "my.module", "Config"
module.Config = Config
file = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../examples/data/foreign_config.pt")
torch.save({"config": Config(256, 0.1), "weight": torch.arange(4.0)}, file)

try:
    torch.load(file)
except pickle.UnpicklingError as error:
    print("refused:", "my.module.Config" if "my.module.Config" in str(error) else error)
with torch.serialization.safe_globals([Config]):
    checkpoint = torch.load(file)
    print(vars(checkpoint["config"]))
    print(checkpoint["weight"])
try:
    torch.load(file)
except pickle.UnpicklingError:
    print("refused again")
