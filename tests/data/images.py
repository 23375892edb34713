"""Asks torchvision what it reads from small PNG and JPEG files: python images.py > images.json

Bytes are in hexadecimal digits: a file's, and of each answer the elements', row by row (16 bits: low byte first).
"""

import io
import json
import struct
import zlib

import numpy as np
import torch
from PIL import Image
from torchvision.io import ImageReadMode, decode_image

rng = np.random.default_rng(1)
colors = rng.integers(0, 256, (4, 5, 3), dtype=np.uint8)
gray, alpha = colors[..., 0].copy(), colors[..., 1].copy()


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(pixels, color_type, depth=8, interlaced=False, chunks=()):
    """By hand: Pillow writes neither 16-bit colours nor interlaced files."""
    h, w = pixels.shape[:2]

    def rows(part):
        packed = np.packbits(part, axis=1) if depth == 1 else part.astype(">u2") if depth == 16 else part
        return b"".join(b"\0" + row.tobytes() for row in packed) if part.size else b""

    steps = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]
    parts = [pixels[y::dy, x::dx] for y, x, dy, dx in steps] if interlaced else [pixels]
    data = zlib.compress(b"".join(rows(part) for part in parts))
    header = struct.pack(">IIBBBBB", w, h, depth, color_type, 0, 0, int(interlaced))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        chunk(k, d) for k, d in [(b"IHDR", header), *chunks, (b"IDAT", data), (b"IEND", b"")]
    )


def saved(image, form, **options):
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def exif(orientation):
    tags = Image.Exif()
    tags[0x0112] = orientation
    return tags


smooth = np.stack(
    [np.add.outer(np.arange(11) * 9, np.arange(19) * 7), np.add.outer(np.arange(11), np.arange(19)) * 8], -1
)
smooth = np.concatenate([smooth, 255 - smooth[..., :1]], -1).astype(np.uint8)
palette = Image.fromarray(colors).quantize(6)
wide = colors.astype(np.uint16) * 257 + 3

ALL = ("unchanged", "gray", "gray_alpha", "rgb", "rgb_alpha")
files = {
    "rgb.png": (saved(Image.fromarray(colors), "PNG"), ALL),
    "gray.png": (saved(Image.fromarray(gray), "PNG"), ALL),
    "gray_alpha.png": (saved(Image.fromarray(np.dstack([gray, alpha]), "LA"), "PNG"), ALL),
    "rgb_alpha.png": (saved(Image.fromarray(np.dstack([colors, alpha]), "RGBA"), "PNG"), ALL),
    "interlaced.png": (png(colors, 2, interlaced=True), ALL),
    "wide.png": (png(wide, 2, depth=16), ALL),
    "wide_gray.png": (png(wide[..., 0], 0, depth=16, interlaced=True), ALL),
    # torchvision leaves a palette's numbers as they are, and takes opaque alpha of one bit for 1.
    "black_and_white.png": (png(gray > 127, 0, depth=1), ("unchanged", "gray", "rgb")),
    "palette.png": (saved(palette, "PNG", bits=8), ("gray", "rgb")),
    "palette_alpha.png": (saved(palette, "PNG", transparency=bytes([0, 90, 255, 255, 255, 255]), bits=8), ("gray", "rgb", "rgb_alpha")),
    "gamma.png": (png(colors, 2, chunks=[(b"gAMA", struct.pack(">I", 45455))]), ("gray", "rgb")),
    "rgb.jpg": (saved(Image.fromarray(smooth), "JPEG"), ("unchanged", "gray", "rgb")),
    "gray.jpg": (saved(Image.fromarray(smooth[..., 0]), "JPEG"), ("unchanged", "gray", "rgb")),
    "progressive.jpg": (saved(Image.fromarray(smooth), "JPEG", progressive=True, quality=90), ("rgb",)),
    "inks.jpg": (saved(Image.fromarray(smooth).convert("CMYK"), "JPEG"), ("unchanged", "gray", "rgb")),
}  # fmt: skip
for i in range(1, 9):
    files[f"turned_{i}.jpg"] = (saved(Image.fromarray(smooth[..., 1]), "JPEG", exif=exif(i)), ("exif",))
files["turned.png"] = (saved(Image.fromarray(colors), "PNG", exif=exif(6)), ("exif",))

result = {}
for name, (data, modes) in files.items():
    answers = {}
    for mode in modes:
        x = torch.frombuffer(bytearray(data), dtype=torch.uint8)
        y = (
            decode_image(x, apply_exif_orientation=True)
            if mode == "exif"
            else decode_image(x, getattr(ImageReadMode, mode.upper()))
        )
        answers[mode] = {
            "shape": list(y.shape),
            "dtype": str(y.dtype).removeprefix("torch."),
            "bytes": y.contiguous().numpy().tobytes().hex(),
        }
    result[name] = {"file": data.hex(), "answers": answers}
print("{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in result.items()) + "\n}")
