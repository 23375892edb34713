"""Writes the checkpoint of more than 4 GiB for large_zip_test.cpp into this folder, without the bytes of its large tensor, which are zeros:
python generate.py (it takes 9 GB of memory, and PyTorch)"""

import os
import sys

import torch

SIZE = 2**32 + 28
folder = os.path.dirname(os.path.abspath(sys.argv[0]))


class Rest:
    """A file that keeps all but what is written in large parts."""

    def __init__(self):
        self.kept, self.dropped = bytearray(), 0

    def write(self, data):
        if len(data) < 1 << 16:
            self.kept += bytes(data)
            return len(data)
        if self.dropped == 0:
            print("the tensor's bytes begin at", len(self.kept))
        self.dropped += len(data)
        return len(data)

    def flush(self):
        pass


rest = Rest()
torch.save({"before": torch.arange(3.0), "large": torch.zeros(SIZE, dtype=torch.uint8), "after": torch.arange(5)}, rest)
assert rest.dropped == SIZE
with open(os.path.join(folder, "rest.pt"), "wb") as file:
    file.write(rest.kept)
