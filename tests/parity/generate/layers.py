"""Writes the classes of torch.nn by family, for docs/layers.md: python layers.py > ../data/layers.json."""

import inspect
import json

import torch

families = {
    "Containers": ["module", "container"],
    "Convolution": ["conv"],
    "Folding": ["fold"],
    "Pooling": ["pooling"],
    "Padding": ["padding"],
    "Activations": ["activation", "adaptive"],
    "Normalisation": ["batchnorm", "instancenorm", "normalization"],
    "Recurrence": ["rnn"],
    "Transformers": ["transformer"],
    "Linear": ["linear"],
    "Dropout": ["dropout"],
    "Embedding": ["sparse"],
    "Distance": ["distance"],
    "Losses": ["loss"],
    "Images and channels": ["pixelshuffle", "channelshuffle", "upsampling"],
    "Shapes": ["flatten"],
}
hidden = {"Container", "NLLLoss2d", "DataParallel", "Module"}

found = {family: [] for family in families}
for name, cls in vars(torch.nn).items():
    if not inspect.isclass(cls) or not issubclass(cls, torch.nn.Module) or name in hidden:
        continue
    file = cls.__module__.rsplit(".", 1)[1]
    family = next((f for f, files in families.items() if file in files), None)
    if family is None:
        raise SystemExit(f"{name} of {cls.__module__} has no family")
    found[family].append(name)
print(json.dumps({"torch": torch.__version__.split("+")[0], "families": found}, indent=1))
