"""AttaCut's word splitter (characters and syllables): two Embeddings, three dilated Conv1d with BatchNorm1d, the
largest of the three, two Linears. python make.py .../attacut/artifacts/attacut-sc/model.pth"""

import os, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import torch
from torch import nn
from common import store, weights


class ConvBN(nn.Module):
    def __init__(self, channels, filters, size, dilation=1):
        super().__init__()
        self.conv = nn.Conv1d(channels, filters, size, padding=size // 2 * dilation, dilation=dilation)
        self.bn = nn.BatchNorm1d(filters)

    def forward(self, x):
        return self.bn(self.conv(x))


class Splitter(nn.Module):
    def __init__(self):
        super().__init__()
        self.ch_embeddings = nn.Embedding(139, 32, padding_idx=0)
        self.sy_embeddings = nn.Embedding(6227, 16, padding_idx=0)
        self.dropout = nn.Dropout(0.0)
        self.conv1 = ConvBN(48, 64, 3)
        self.conv2 = ConvBN(48, 64, 5, dilation=3)
        self.conv3 = ConvBN(48, 64, 9, dilation=2)
        self.linear1, self.linear2 = nn.Linear(64, 32), nn.Linear(32, 1)

    def embed(self, x):
        return torch.cat((self.ch_embeddings(x[:, 0]), self.sy_embeddings(x[:, 1])), 2)

    def from_embedding(self, e):
        e = e.permute(0, 2, 1)
        parts = [self.dropout(c(e).permute(0, 2, 1)) for c in (self.conv1, self.conv2, self.conv3)]
        best = torch.stack(parts, 3).max(3)[0]
        return self.linear2(torch.relu(self.linear1(best))).view(-1)

    def forward(self, x):
        return self.from_embedding(self.embed(x))


if __name__ == "__main__":
    model = Splitter().eval()
    model.load_state_dict(torch.load(weights(), map_location="cpu", weights_only=True))
    torch.manual_seed(0)
    x = torch.stack((torch.randint(1, 139, (2, 40)), torch.randint(1, 6227, (2, 40))), 1)
    x[1, :, 30:] = 0  # padding
    e = model.embed(x)
    y = model.from_embedding(e)
    store("thai_conv1d", model, {"tokens": x}, {"logits": y, "embedding": e}, {"embedding": e}, loss_of=["logits"])
