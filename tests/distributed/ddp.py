"""Losses of a training by torch.nn.parallel.DistributedDataParallel on gloo, two processes: writes ddp.json."""

import json
import os
import pathlib

import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from torch.nn.parallel import DistributedDataParallel

SEED, WORLD, STEPS = 11, 2, 100


def train(rank, queue):
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT="29511")
    dist.init_process_group("gloo", rank=rank, world_size=WORLD)
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    net = torch.nn.Sequential(torch.nn.Linear(6, 5), torch.nn.Tanh(), torch.nn.Linear(5, 3))
    model = DistributedDataParallel(net)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    losses = []
    for _ in range(STEPS):
        x, y = torch.randn(24, 6), torch.randint(0, 3, (24,))
        n = 24 // WORLD
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(x[rank * n : (rank + 1) * n]), y[rank * n : (rank + 1) * n])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    queue.put((rank, losses))
    dist.destroy_process_group()


if __name__ == "__main__":
    queue = mp.get_context("spawn").SimpleQueue()
    processes = mp.spawn(train, (queue,), WORLD, join=False)
    losses = dict(queue.get() for _ in range(WORLD))
    processes.join()
    out = pathlib.Path(__file__).with_name("ddp.json")
    out.write_text(json.dumps({"seed": SEED, "torch": torch.__version__, "losses": [losses[r] for r in range(WORLD)]}) + "\n")
