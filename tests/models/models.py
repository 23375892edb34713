"""PyTorch's answers for examples/models: models.json, and the keys of the published sizes: keys/NAME.txt.

usage: python models.py     (with torch, torchvision and transformers; writes beside itself)

Weights are not stored: both sides fill each parameter by one formula of integers.
"""

import json
import os

import numpy as np
import torch
import torchvision
import transformers
from torch import nn
from torch.nn import functional as F

HERE = os.path.dirname(os.path.abspath(__file__))


def spread(n, seed):
    """n numbers in [-1, 1) that look drawn: 32-bit integer arithmetic, the same in models_test.cpp."""
    h = np.arange(n, dtype=np.uint32) * np.uint32(2654435761) + np.uint32(seed * 40503 % 2**32)
    h ^= h >> np.uint32(15)
    h *= np.uint32(0x2C1B3C6D)
    h ^= h >> np.uint32(12)
    return torch.from_numpy(h.astype(np.float64) / 2**31 - 1)


def fill(model):
    with torch.no_grad():
        for i, p in enumerate(model.parameters()):
            values = spread(p.numel(), i)
            if p.dim() > 1:
                values *= (3.0 / (p.numel() / p.shape[0])) ** 0.5
            else:
                values = values * 0.1 + (1.0 if p.mean() == 1 else 0.0)
            p.copy_(values.reshape(p.shape))


def images(n, channels, size):
    return spread(n * channels * size * size, 1000).reshape(n, channels, size, size)


def tokens(batch, length, vocabulary):
    return (torch.arange(batch * length) * 7 + 3).remainder(vocabulary).reshape(batch, length)


class DoubleConv(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.conv1 = nn.Conv2d(i, o, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(o)
        self.conv2 = nn.Conv2d(o, o, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(o)

    def forward(self, x):
        return F.relu(self.norm2(self.conv2(F.relu(self.norm1(self.conv1(x))))))


class UNet(nn.Module):
    def __init__(self, i, o, width, depth):
        super().__init__()
        sizes = [width << k for k in range(depth + 1)]
        self.down = nn.ModuleList(DoubleConv(a, b) for a, b in zip([i] + sizes[: depth - 1], sizes[:depth]))
        self.bottom = DoubleConv(sizes[depth - 1], sizes[depth])
        back = range(depth - 1, -1, -1)
        self.widen = nn.ModuleList(nn.ConvTranspose2d(sizes[k + 1], sizes[k], 2, stride=2) for k in back)
        self.up = nn.ModuleList(DoubleConv(sizes[k + 1], sizes[k]) for k in back)
        self.head = nn.Conv2d(width, o, 1)

    def forward(self, x):
        passed = []
        for step in self.down:
            passed.append(step(x))
            x = F.max_pool2d(passed[-1], 2)
        x = self.bottom(x)
        for widen, up in zip(self.widen, self.up):
            x = up(torch.cat([passed.pop(), widen(x)], 1))
        return self.head(x)


class VAE(nn.Module):
    def __init__(self, inputs, hidden, latent):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(inputs, hidden), nn.ReLU())
        self.mean = nn.Linear(hidden, latent)
        self.log_variance = nn.Linear(hidden, latent)
        self.decoder = nn.Sequential(nn.Linear(latent, hidden), nn.ReLU(), nn.Linear(hidden, inputs))

    def forward(self, x, noise):
        h = self.encoder(x)
        m, v = self.mean(h), self.log_variance(h)
        return self.decoder(m + (v * 0.5).exp() * noise), m, v


class LSTMTagger(nn.Module):
    def __init__(self, words, tags, embedding, hidden):
        super().__init__()
        self.embedding = nn.Embedding(words, embedding)
        self.lstm = nn.LSTM(embedding, hidden, batch_first=True, bidirectional=True)
        self.tags = nn.Linear(2 * hidden, tags)

    def forward(self, x, lengths):
        packed = nn.utils.rnn.pack_padded_sequence(self.embedding(x), lengths, True, enforce_sorted=False)
        return self.tags(nn.utils.rnn.pad_packed_sequence(self.lstm(packed)[0], batch_first=True)[0])


def vae_loss(out, x):
    logits, m, v = out
    picture = F.binary_cross_entropy_with_logits(logits, x, reduction="sum")
    return (picture - 0.5 * (1 + v - m**2 - v.exp()).sum()) / len(x)


def bert_outputs(out):
    return out.last_hidden_state, out.pooler_output


GPT2 = transformers.GPT2Config(
    vocab_size=61, n_positions=24, n_embd=32, n_layer=2, n_head=4, resid_pdrop=0, embd_pdrop=0, attn_pdrop=0
)
LLAMA = transformers.LlamaConfig(
    vocab_size=61,
    hidden_size=32,
    intermediate_size=48,
    num_hidden_layers=2,
    num_attention_heads=4,
    num_key_value_heads=2,
    max_position_embeddings=24,
)
BERT = transformers.BertConfig(
    vocab_size=61,
    hidden_size=32,
    num_hidden_layers=2,
    num_attention_heads=4,
    intermediate_size=64,
    max_position_embeddings=16,
    hidden_dropout_prob=0,
    attention_probs_dropout_prob=0,
)
LENGTHS = [5, 9, 2]

# name: (model, its outputs, the loss of these; by default half the mean square of every output)
CASES = {
    "resnet": (
        lambda: torchvision.models.ResNet(torchvision.models.resnet.BasicBlock, [1, 2, 1, 1], num_classes=10),
        lambda m: m(images(2, 3, 40)),
        None,
    ),
    "resnet of bottlenecks": (
        lambda: torchvision.models.ResNet(torchvision.models.resnet.Bottleneck, [1, 1, 1, 1], num_classes=10),
        lambda m: m(images(2, 3, 40)),
        None,
    ),
    "mobilenet_v2": (
        lambda: torchvision.models.MobileNetV2(num_classes=10, width_mult=0.25, dropout=0),
        lambda m: m(images(3, 3, 64)),
        None,
    ),
    "unet": (lambda: UNet(3, 2, 4, 3), lambda m: m(images(2, 3, 24)), None),
    "vision_transformer": (
        lambda: torchvision.models.VisionTransformer(32, 8, 2, 4, 32, 64, num_classes=10),
        lambda m: m(images(2, 3, 32)),
        None,
    ),
    "vae": (
        lambda: VAE(50, 20, 4),
        lambda m: m(spread(150, 1000).abs().reshape(3, 50), spread(12, 1001).reshape(3, 4)),
        lambda out: vae_loss(out, spread(150, 1000).abs().reshape(3, 50)),
    ),
    "gpt2": (lambda: transformers.GPT2LMHeadModel(GPT2), lambda m: m(tokens(2, 9, 61)).logits, None),
    "llama": (lambda: transformers.LlamaForCausalLM(LLAMA), lambda m: m(tokens(2, 9, 61)).logits, None),
    "bert": (
        lambda: transformers.BertModel(BERT),
        lambda m: bert_outputs(
            m(
                tokens(2, 9, 61),
                attention_mask=torch.tensor([[1] * 9, [1] * 6 + [0] * 3]),
                token_type_ids=torch.arange(18).reshape(2, 9).remainder(2),
            )
        ),
        None,
    ),
    "lstm_tagger": (lambda: LSTMTagger(61, 5, 12, 10), lambda m: m(tokens(3, 9, 61), LENGTHS), None),
}


def summed(x):
    """The sum of all elements' sizes, and the first few."""
    x = x.detach().double().flatten()
    return [x.abs().sum().item()] + x[:3].tolist()


def answer(name):
    make, call, loss_of = CASES[name]
    torch.manual_seed(0)
    model = make().train()
    if name != "llama":  # which goes by way of float32, whatever its weights are
        model.double()
    fill(model)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    out = call(model)
    outputs = out if isinstance(out, tuple) else (out,)
    loss = loss_of(out) if loss_of else sum((x**2).mean() for x in outputs) / 2
    loss.backward()
    gradients = {n: summed(p.grad) for n, p in model.named_parameters()}
    optimizer.step()
    with torch.no_grad():
        after = call(model.eval())
    after = after if isinstance(after, tuple) else (after,)
    return {
        "outputs": [summed(x) for x in outputs],
        "loss": loss.item(),
        "gradients": gradients,
        "outputs in evaluation after a step": [summed(x) for x in after],
    }


def generated(make, config, temperature=0.0, top_k=0, top_p=1.0):
    model = make(config).eval()
    fill(model)
    ids = tokens(2, 4, 61)
    torch.manual_seed(5)
    for _ in range(12):
        with torch.no_grad():
            scores = model(ids).logits[:, -1]
        if temperature == 0:
            following = scores.argmax(-1, keepdim=True)
        else:
            scores = scores / temperature
            if top_k:
                scores = transformers.TopKLogitsWarper(top_k)(ids, scores)
            if top_p < 1:
                scores = transformers.TopPLogitsWarper(top_p)(ids, scores)
            following = torch.multinomial(scores.softmax(-1), 1)
        ids = torch.cat([ids, following], 1)
    return ids.flatten().tolist()


def keys():
    with torch.device("meta"):
        whole = {
            "resnet18": torchvision.models.resnet18(),
            "resnet34": torchvision.models.resnet34(),
            "resnet50": torchvision.models.resnet50(),
            "mobilenet_v2": torchvision.models.mobilenet_v2(),
            "vision_transformer": torchvision.models.vit_b_16(),
            "gpt2": transformers.GPT2LMHeadModel(transformers.GPT2Config()),
            "llama": transformers.LlamaForCausalLM(transformers.LlamaConfig()),
            "bert": transformers.BertModel(transformers.BertConfig()),
        }
    os.makedirs(os.path.join(HERE, "keys"), exist_ok=True)
    for name, model in whole.items():
        with open(os.path.join(HERE, "keys", name + ".txt"), "w") as f:
            for key, x in model.state_dict().items():
                f.write(f"{key} {' '.join(str(n) for n in x.shape)}".rstrip() + "\n")


def main():
    keys()
    answers = {name: answer(name) for name in CASES}
    ways = {
        "greedy": {},
        "temperature": {"temperature": 0.8},
        "top_k": {"temperature": 1.0, "top_k": 5},
        "top_p": {"temperature": 1.3, "top_p": 0.6},
        "both": {"temperature": 1.1, "top_k": 20, "top_p": 0.8},
    }
    models = {"gpt2": (transformers.GPT2LMHeadModel, GPT2), "llama": (transformers.LlamaForCausalLM, LLAMA)}
    answers["generated"] = {
        name: {way: generated(*model, **options) for way, options in ways.items()} for name, model in models.items()
    }
    with open(os.path.join(HERE, "models.json"), "w") as f:
        json.dump(answers, f, indent=1)


if __name__ == "__main__":
    main()
