"""Asks torchvision.transforms.v2 what it makes of images, and of which random numbers: python transforms.py > transforms.json

An image's values are (17 i + 5) % 256 in order, as uint8, or divided by 256. Each case seeds once and transforms several
times; `next` is what torch.rand(1) gives then. Bytes of the results are in hexadecimal digits.
"""

import json
import warnings

import torch
from torchvision.transforms import v2

warnings.simplefilter("ignore")

cases = []
PLANES = (3, 6, 7)


def image(shape, dtype):
    n = torch.Size(shape).numel()
    x = torch.tensor([(17 * i + 5) % 256 for i in range(n)]).reshape(shape)
    return x.to(dtype) if dtype in (torch.uint8, torch.int32) else (x / 256).to(dtype)


def name(dtype):
    return str(dtype).removeprefix("torch.")


def encoded(y):
    return {"shape": list(y.shape), "dtype": name(y.dtype), "bytes": y.contiguous().numpy().tobytes().hex()}


def ask(transform, *positional, shape=PLANES, dtype=torch.uint8, times=1, near=0, **options):
    """`near`: how far results may be from it."""
    f = getattr(v2, transform)(*positional, **options)
    torch.manual_seed(7)
    x = image(shape, dtype)
    ys = [encoded(f(x)) for _ in range(times)]
    cases.append(
        {
            "transform": transform,
            "arguments": [name(a) if isinstance(a, torch.dtype) else a for a in positional],
            "options": options,
            "shape": list(shape),
            "dtype": name(dtype),
            "near": near,
            "ys": ys,
            "next": torch.rand(1).item(),
        }
    )


REAL, BYTE = {"dtype": torch.float32}, 1
FLOAT = 2e-6

for to in (torch.float32, torch.float64, torch.int16, torch.int32, torch.int8):
    ask("ToDtype", to, scale=True)
ask("ToDtype", torch.float32)
ask("ToDtype", torch.uint8, scale=True, **REAL)
ask("ToDtype", torch.uint8, scale=True, dtype=torch.int32)
ask("ToDtype", torch.float16, scale=True, **REAL)
ask("ConvertImageDtype")
ask("Normalize", [0.5, 0.25, 0.125], [0.5, 0.3, 0.2], **REAL)
ask("Normalize", [0.5], [0.3], shape=(2, 3, 2, 3), **REAL)

for mode, near in (("nearest", 0), ("nearest-exact", 0), ("bilinear", BYTE), ("bicubic", BYTE)):
    ask("Resize", [4, 9], interpolation=mode, near=near)
ask("Resize", [4, 3], interpolation="bicubic", near=3e-6, **REAL)
ask("Resize", [4, 3], antialias=False, near=FLOAT, **REAL)
ask("Resize", 4, near=BYTE)
ask("Resize", 4, shape=(1, 9, 5), near=FLOAT, **REAL)
ask("Resize", 5, max_size=6, near=BYTE)
ask("Resize", None, max_size=4, near=BYTE)
ask("Resize", 6)
ask("Resize", [3, 3], dtype=torch.int32, near=BYTE)
ask("Resize", [3, 3], shape=(2, 2, 1, 5, 4), near=FLOAT, **REAL)

ask("CenterCrop", 3)
ask("CenterCrop", [4, 4])
ask("CenterCrop", [9, 3])
ask("CenterCrop", [10, 12], shape=(1, 5, 4))
ask("Pad", 2)
ask("Pad", [1, 2], fill=9)
ask("Pad", [1, 2, 0, 3], fill=[1, 2, 3])
ask("Pad", [1, 0, 2, 1], fill=[0.5, 0.25, 0.125], **REAL)
ask("Pad", [-1, 2])
for mode in ("edge", "reflect", "symmetric"):
    ask("Pad", [2, 1, 0, 3], padding_mode=mode)
ask("Pad", [2, 1], padding_mode="symmetric", shape=(2, 2, 3, 3), **REAL)
ask("Pad", [-1, 1, 2, -2], padding_mode="symmetric")

ask("RandomCrop", 4, times=3)
ask("RandomCrop", [6, 5], times=2)
ask("RandomCrop", [6, 7])
ask("RandomCrop", 5, padding=2, times=3)
ask("RandomCrop", [5, 6], padding=[1, 2], padding_mode="reflect", times=2)
ask("RandomCrop", [9, 8], pad_if_needed=True, fill=[1, 2, 3], times=2)
ask("RandomCrop", [9, 5], padding=[1, 0, 0, 1], pad_if_needed=True, padding_mode="edge", times=2)
ask("RandomResizedCrop", 4, times=4, near=BYTE)
ask("RandomResizedCrop", [3, 5], scale=[0.5, 1.0], ratio=[0.9, 1.1], interpolation="nearest", times=3)
ask("RandomResizedCrop", 3, scale=[0.3, 0.6], ratio=[4.0, 5.0], antialias=False, times=2, near=FLOAT, **REAL)
ask("RandomResizedCrop", 3, scale=[1.0, 1.0], ratio=[0.1, 0.2], interpolation="nearest", shape=(1, 4, 6))
ask("RandomHorizontalFlip", times=5, shape=(3, 2, 3))
ask("RandomVerticalFlip", 0.3, times=5, shape=(2, 3, 2, 3))
ask("RandomRotation", 40, times=2)
ask("RandomRotation", [20, 70], fill=[1, 2, 3], times=2)
ask("RandomRotation", 180, interpolation="bilinear", fill=7, times=2, near=BYTE)
ask("RandomRotation", 60, interpolation="bilinear", times=2, near=2e-5, **REAL)
ask("RandomRotation", 45, expand=True, times=2)
ask("RandomRotation", [100, 120], interpolation="bilinear", expand=True, near=BYTE)
ask("RandomRotation", 30, center=[1.5, 2], times=2)
for angle in (0, 90, 180, 270, -90):
    ask("RandomRotation", [angle, angle], shape=(1, 3, 3))
ask("RandomRotation", [90, 90], expand=True)
ask("RandomErasing", 1.0, times=3)
ask("RandomErasing", shape=(2, 3, 5, 4), value=0.5, times=3, **REAL)
ask("RandomErasing", 1.0, scale=[0.2, 0.5], ratio=[0.5, 1.5], value=[1, 2, 3], times=2)
ask("RandomErasing", 1.0, value="random", near=FLOAT, **REAL)
ask("RandomErasing", 1.0, scale=[1.0, 1.0], ratio=[1.0, 1.0])

ask("Grayscale", near=BYTE)
ask("Grayscale", 3, near=FLOAT, **REAL)
ask("Grayscale", 3, shape=(2, 1, 2, 2))
ask("RandomGrayscale", 0.5, shape=(3, 2, 2), times=4, near=BYTE)
ask("RandomGrayscale", shape=(3, 2, 2), times=4)
ask("ColorJitter", brightness=0.4, times=2, near=BYTE)
ask("ColorJitter", contrast=[0.5, 1.5], times=2, near=BYTE)
ask("ColorJitter", saturation=2, times=2, near=BYTE)
ask("ColorJitter", hue=0.3, times=2, near=BYTE)
ask(
    "ColorJitter", brightness=0.4, contrast=0.4, saturation=0.4, hue=0.1, times=3, near=4
)  # roundings follow each other
ask("ColorJitter", brightness=0.4, contrast=0.4, saturation=0.4, hue=0.1, times=2, near=2e-5, **REAL)
ask("ColorJitter", brightness=0.4, contrast=0.4, saturation=0.4, hue=[-0.5, 0.5], shape=(1, 3, 3), times=2, near=BYTE)
ask("ColorJitter", hue=0.5, shape=(2, 3, 2, 2), near=2e-5, **REAL)
ask("ColorJitter", brightness=0, shape=(3, 2, 2))
ask("GaussianBlur", 3, times=2, near=BYTE)
ask("GaussianBlur", [5, 3], sigma=[0.5, 0.9], near=FLOAT, **REAL)
ask("GaussianBlur", [3, 7], sigma=1.5, shape=(2, 2, 3, 5, 4), near=FLOAT, **REAL)
print("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]")
