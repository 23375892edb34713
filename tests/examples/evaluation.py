import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Linear(2, 32)
        self.activation = nn.ReLU()
        self.dropout = nn.Dropout(0.1)
        self.classifier = nn.Linear(32, 2)

    def forward(self, x):
        return self.classifier(self.dropout(self.activation(self.encoder(x))))


torch.manual_seed(0)
points = torch.randn(600, 2)
inside = (points.pow(2).sum(1) < 1).long()
loader = DataLoader(TensorDataset(points[:500], inside[:500]), batch_size=50, shuffle=True)
val_loader = DataLoader(TensorDataset(points[500:], inside[500:]), batch_size=50)
model = Classifier()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
for epoch in range(1, 6):
    for x, y in loader:
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()
    loss = correct = 0
    model.eval()
    with torch.no_grad():
        for x, y in val_loader:
            output = model(x)
            loss += nn.functional.cross_entropy(output, y).item()
            correct += (output.argmax(1) == y).sum().item()
    model.train()
    print(f"epoch {epoch}: loss {loss / 2:.3f}, {correct} of 100")
