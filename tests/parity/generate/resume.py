"""A checkpoint that a PyTorch program wrote after its first epoch on Fashion-MNIST, as the tutorials lay it out, and what it did next.
usage: resume.py OUT_DIR [--seed N]"""

import gzip, json, os, sys
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

out = sys.argv[1]
seed = int(sys.argv[sys.argv.index("--seed") + 1]) if "--seed" in sys.argv else 0
FOLDER = "/usr/share/datasets/fashion-mnist/"


def read(name, begin):
    return torch.from_numpy(np.frombuffer(gzip.open(FOLDER + name).read(), np.uint8, offset=begin).copy())


images = read("train-images-idx3-ubyte.gz", 16).view(-1, 784).float() / 255
labels = read("train-labels-idx1-ubyte.gz", 8).long()
torch.set_num_threads(1)
torch.manual_seed(seed)
model = nn.Sequential(nn.Linear(784, 16), nn.ReLU(), nn.Dropout(0.1), nn.Linear(16, 10))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 3)
loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(images, labels), batch_size=64, shuffle=True)


def epoch(steps):
    losses = []
    for x, y in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        if len(losses) == steps:
            break
    return losses


loss = epoch(len(loader))[-1]
scheduler.step()
torch.save(
    {
        "epoch": 0,
        "model_state_dict": model.state_dict(),
        "optimizer_state_dict": optimizer.state_dict(),
        "scheduler_state_dict": scheduler.state_dict(),
        "loss": loss,
        "rng_state": torch.get_rng_state(),
        "cuda_rng_state": torch.cuda.get_rng_state_all(),
    },
    os.path.join(out, "after_an_epoch.pt"),
)
json.dump(
    {"torch": torch.__version__, "lr": scheduler.get_last_lr()[0], "next_losses": epoch(100)},
    open(os.path.join(out, "after_an_epoch.json"), "w"),
    indent=1,
)
