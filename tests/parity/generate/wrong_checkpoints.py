"""Descriptions of checkpoints that are wrong in one place each: to see that the parity program notices. usage: wrong_checkpoints.py DATA_DIR"""

import copy
import json
import os
import shutil
import sys

from safetensors.torch import load_file, save_file

data = sys.argv[1]
source, target = f"{data}/checkpoints", f"{data}/wrong_checkpoints"
os.makedirs(target, exist_ok=True)
FILES = ("mlp.pt", "views.pt")
for file in FILES:
    shutil.copy(f"{source}/{file}", target)
with open(f"{source}/expected.json") as file:
    expected = json.load(file)
right = {good["file"]: good for good in expected["good"]}
good = []


def wrong(file, change):
    case = copy.deepcopy(right[file])
    change(case["holds"], dict((key, value) for key, value in case["holds"]["dict"] if isinstance(key, str)))
    good.append(case)


wrong("mlp.pt", lambda holds, items: None)  # this one is right
wrong("views.pt", lambda holds, items: None)  # and this one
wrong("views.pt", lambda holds, items: items["transposed"].update(stride=[20, 5, 1]))
wrong("views.pt", lambda holds, items: items["slice"].update(offset=0))
wrong("views.pt", lambda holds, items: items["slice"].update(storage=99))  # shares memory with nothing
wrong("views.pt", lambda holds, items: items["scalar"].update(storage=0))  # shares memory with others
wrong("views.pt", lambda holds, items: items["parameter"].update(parameter=False))
wrong("views.pt", lambda holds, items: items["grad_leaf"].update(requires_grad=False))
wrong("views.pt", lambda holds, items: items["empty"].update(dtype="float64"))
wrong("mlp.pt", lambda holds, items: items["fc1.bias"].update(tensor="mlp.pt.wrong"))  # other elements
wrong("mlp.pt", lambda holds, items: holds.update(ordered=False))
wrong("mlp.pt", lambda holds, items: holds.pop("metadata"))
wrong("mlp.pt", lambda holds, items: holds["metadata"]["dict"][0][1]["dict"][0].__setitem__(1, 2))
wrong("mlp.pt", lambda holds, items: holds["dict"].pop())
wrong("mlp.pt", lambda holds, items: holds["dict"].reverse())

tensors = {key: x for key, x in load_file(f"{source}/expected.safetensors").items() if key.startswith(FILES)}
tensors["mlp.pt.wrong"] = tensors["mlp.pt.fc1.bias"] + 1
save_file(tensors, f"{target}/expected.safetensors")
with open(f"{target}/expected.json", "w") as file:
    marker = expected["marker_that_must_not_appear"]
    refuse = [{"file": "mlp.pt", "why": "it should not be", "may_be_read": False}]
    json.dump({"good": good, "refuse": refuse, "marker_that_must_not_appear": marker}, file, indent=1)
