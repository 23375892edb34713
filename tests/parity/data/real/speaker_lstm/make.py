"""Resemblyzer's speaker encoder: three LSTM layers, a Linear, ReLU, and a division by the norm.
python make.py .../resemblyzer/pretrained.pt"""

import os, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import torch
from torch import nn
from common import store, weights


class SpeakerEncoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(40, 256, 3, batch_first=True)
        self.linear = nn.Linear(256, 256)

    def forward(self, mels):
        hidden = self.lstm(mels)[1][0]
        e = torch.relu(self.linear(hidden[-1]))
        return e / e.norm(dim=1, keepdim=True)


model = SpeakerEncoder().eval()
checkpoint = torch.load(weights(), map_location="cpu", weights_only=True)
result = model.load_state_dict(checkpoint["model_state"], strict=False)
assert not result.missing_keys and result.unexpected_keys == ["similarity_weight", "similarity_bias"], result
torch.manual_seed(0)
x = (torch.randn(2, 60, 40).abs() * 0.05).requires_grad_()  # mel energies are small and positive
y = model(x)
store("speaker_lstm", model, {"mels": x}, {"embedding": y}, {"mels": x})
