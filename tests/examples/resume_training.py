import os
import tempfile

import torch
from torch import nn
from torch.optim.lr_scheduler import CosineAnnealingLR
from torch.utils.data import DataLoader, TensorDataset


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Linear(16, 32)
        self.dropout = nn.Dropout(0.2)
        self.classifier = nn.Linear(32, 4)

    def forward(self, x):
        return self.classifier(self.dropout(self.encoder(x).relu()))


def train_epoch(model, optimizer, loader):
    for x, y in loader:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
    return loss.item()


def new():
    model = Model()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    return model, optimizer, CosineAnnealingLR(optimizer, 10)


def train(first):
    global best
    for epoch in range(first, 5):
        loss = train_epoch(model, optimizer, loader)
        scheduler.step()
        print(f"epoch {epoch}: loss {loss:.4f}, lr {scheduler.get_last_lr()[0]:.6f}")
        best = min(best, loss)
        if first == 0 and epoch == 2:
            torch.save(
                {
                    "epoch": epoch,
                    "model_state_dict": model.state_dict(),
                    "optimizer_state_dict": optimizer.state_dict(),
                    "scheduler_state_dict": scheduler.state_dict(),
                    "loss": best,
                    "rng_state": torch.get_rng_state(),
                    "cuda_rng_state": torch.cuda.get_rng_state_all(),
                },
                file,
            )


with tempfile.TemporaryDirectory() as folder:
    file = os.path.join(folder, "checkpoint.pt")
    best = 1e9
    torch.manual_seed(0)
    loader = DataLoader(TensorDataset(torch.randn(64, 16), torch.randint(0, 4, (64,))), batch_size=16, shuffle=True)
    model, optimizer, scheduler = new()
    train(0)
    torch.manual_seed(99)
    model, optimizer, scheduler = new()
    checkpoint = torch.load(file)
    model.load_state_dict(checkpoint["model_state_dict"])
    optimizer.load_state_dict(checkpoint["optimizer_state_dict"])
    scheduler.load_state_dict(checkpoint["scheduler_state_dict"])
    torch.set_rng_state(checkpoint["rng_state"])
    print(f"resumed: best loss {checkpoint['loss']:.4f}")
    train(checkpoint["epoch"] + 1)
