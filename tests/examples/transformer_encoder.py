import torch
from torch import nn


class TransformerBlock(nn.Module):
    def __init__(self, d_model, n_heads, p=0.0):
        super().__init__()
        self.norm1 = nn.LayerNorm(d_model)
        self.attn = nn.MultiheadAttention(d_model, n_heads, batch_first=True)
        self.norm2 = nn.LayerNorm(d_model)
        self.ff = nn.Sequential(nn.Linear(d_model, 4 * d_model), nn.GELU(), nn.Linear(4 * d_model, d_model))
        self.dropout = nn.Dropout(p)

    def forward(self, x, mask=None):
        h = self.norm1(x)
        x = x + self.dropout(self.attn(h, h, h, attn_mask=mask)[0])
        return x + self.dropout(self.ff(self.norm2(x)))


class TransformerEncoder(nn.Module):
    def __init__(self, num_layers, d_model, n_heads):
        super().__init__()
        self.layers = nn.ModuleList(TransformerBlock(d_model, n_heads) for _ in range(num_layers))
        self.norm = nn.LayerNorm(d_model)

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return self.norm(x)


torch.manual_seed(0)
model = TransformerEncoder(6, 64, 4)
print(model)
print(f"{sum(p.numel() for p in model.parameters())} parameters")
x = torch.randn(2, 16, 64)
print(list(model(x).shape))
mask = torch.ones(16, 16, dtype=torch.bool).triu(1)
masked = model.layers[-1](x, mask)
print(f"{masked.select(1, 0).norm().item():.3f}")
print(str(masked.allclose(model.layers[-1](x))).lower())
