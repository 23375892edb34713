"""Asks PyTorch for results and gradients of what pads, pools, resizes and samples images, in float64:
for f in padding pooling resizing sampling; do python images.py $f > $f.json; done

The numbers of a tensor are ((7919·i + 13) mod 97) / 8 − 6, of a gradient ((31·i + 5) mod 17) / 4 − 2, by the row-major place i.
A case is {"f": function, "shape": of the input, "args": …, "y": result, "size": its shape, "grad": of the input}, and
"strides" of the result where the input's channels lie last.
"""

import json
import random
import sys

import torch
import torch.nn.functional as F

family = sys.argv[1]
random.seed(1)
cases = []


def numbers(shape, dtype=torch.float64):
    n = torch.Size(shape).numel()
    return (((torch.arange(n) * 7919 + 13) % 97) / 8 - 6).to(dtype).reshape(shape)


def gradient(shape):
    n = torch.Size(shape).numel()
    return (((torch.arange(n) * 31 + 5) % 17) / 4 - 2).double().reshape(shape)


def values(t):
    return [float(f"{v:.8g}") if v % 1 else int(v) for v in t.detach().reshape(-1).tolist()]


def add(f, shape, args, call, prepare=lambda x: x, channels_last=False):
    x = prepare(numbers(shape)).requires_grad_()
    try:
        y = call(x)
    except (RuntimeError, ValueError):
        return False
    if isinstance(y, torch.Tensor) and y.numel() == 0:
        return False
    indices = None
    if isinstance(y, tuple):
        y, indices = y
    y.backward(gradient(y.shape))
    case = {"f": f, "shape": list(shape), "args": args, "size": list(y.shape), "y": values(y), "grad": values(x.grad)}
    if indices is not None:
        case["indices"] = indices.reshape(-1).tolist()
    if channels_last:
        last = torch.channels_last if len(shape) == 4 else torch.channels_last_3d
        z = call(x.detach().contiguous(memory_format=last))
        case["strides"] = list((z[0] if isinstance(z, tuple) else z).stride())
    cases.append(case)
    return True


def some(n, *choices):
    """One number or n."""
    return random.choice(choices) if random.random() < 0.4 else [random.choice(choices) for _ in range(n)]


def each(n, v):
    return [v] * n if isinstance(v, int) else v


def image(n, least=3, most=7, planes=3):
    shape = [random.randint(1, planes)] + [random.randint(least, most if n < 3 else 5) for _ in range(n)]
    return ([random.randint(1, 2)] if random.random() < 0.8 else []) + shape


def last(n, shape):
    return n > 1 and len(shape) == n + 2 and shape[1] > 1


def padding():
    for mode in ("constant", "reflect", "replicate", "circular"):
        for n in (1, 2, 3):
            done = 0
            while done < 4:
                shape = image(n, 2, 4, 2)
                pad = [random.randint(-1 if random.random() < 0.3 else 0, 2 if n < 3 else 1) for _ in range(2 * n)]
                value = 2.5 if mode == "constant" else None
                done += add(
                    mode, shape, {"pad": pad}, lambda x: F.pad(x, pad, mode, value), channels_last=last(n, shape)
                )


def pooling():
    for n in (1, 2, 3):
        done = 0
        while done < (12 if n < 3 else 6):
            kernel = some(n, 1, 2, 3)
            a = {"kernel_size": kernel, "ceil_mode": random.random() < 0.4}
            if random.random() < 0.7:
                a["stride"] = some(n, 1, 2, 3)
            a["padding"] = [random.randint(0, k // 2) for k in each(n, kernel)]
            a["dilation"] = some(n, 1, 1, 2)
            shape, f = image(n), f"max_pool{n}d"
            done += add(f, shape, a, lambda x: getattr(F, f)(x, **a, return_indices=True), channels_last=last(n, shape))
        done = 0
        while done < (12 if n < 3 else 6):
            kernel = some(n, 1, 2, 3)
            a = {"kernel_size": kernel, "ceil_mode": random.random() < 0.4, "count_include_pad": random.random() < 0.5}
            if random.random() < 0.7:
                a["stride"] = some(n, 1, 2, 3)
            a["padding"] = [random.randint(0, k // 2) for k in each(n, kernel)]
            if n > 1 and random.random() < 0.3:
                a["divisor_override"] = random.choice([3, -2])
            shape, f = image(n), f"avg_pool{n}d"
            done += add(f, shape, a, lambda x: getattr(F, f)(x, **a), channels_last=last(n, shape))
        for norm in (1, 2, 3.5, -1, float("inf"), -float("inf")):
            a = {"kernel_size": some(n, 2, 3), "ceil_mode": random.random() < 0.4}
            if random.random() < 0.5:
                a["stride"] = some(n, 1, 2)
            if n == 1:
                a = {k: v[0] if isinstance(v, list) else v for k, v in a.items()}
            shape, f = image(n, planes=2), f"lp_pool{n}d"
            add(
                f,
                shape,
                {**a, "norm_type": str(norm)},
                lambda x: getattr(F, f)(x, norm, **a),
                lambda x: (x.abs() + 0.5).detach(),
            )
        for kind in ("avg", "max"):
            for _ in range(5 if n < 3 else 3):
                size = [random.choice([1, 2, 3, 5, None]) if n > 1 else random.randint(1, 9) for _ in range(n)]
                shape, f = image(n), f"adaptive_{kind}_pool{n}d"
                with_places = {"return_indices": True} if kind == "max" else {}
                if n == 1:
                    size = size[0]
                add(
                    f,
                    shape,
                    {"output_size": size},
                    lambda x: getattr(F, f)(x, size, **with_places),
                    channels_last=last(n, shape),
                )
        if n > 1:
            for _ in range(4):
                shape, f = image(n, 5, 7, 2), f"fractional_max_pool{n}d"
                kernel, size = [random.randint(1, 3) for _ in range(n)], [random.randint(1, 3) for _ in range(n)]
                batch = shape[0] if len(shape) > n + 1 else 1
                one = [[random.random() for _ in range(n)] for _ in range(shape[-n - 1])]
                samples = torch.tensor([one] * batch).double()
                add(
                    f,
                    shape,
                    {"kernel_size": kernel, "output_size": size, "samples": samples.tolist()},
                    lambda x: getattr(F, f)(x, kernel, size, _random_samples=samples, return_indices=True),
                )


def resizing():
    modes = {
        1: ("nearest", "nearest-exact", "linear", "area"),
        2: ("nearest", "nearest-exact", "bilinear", "bicubic", "area", "aa bilinear", "aa bicubic", "aa lanczos"),
        3: ("nearest", "nearest-exact", "trilinear", "area"),
    }
    for n in modes:
        for mode in modes[n]:
            for k in range(5):
                least = 2 if mode.startswith("aa") else 1
                sizes = [random.randint(least, 5 if n < 3 else 3) for _ in range(n)]
                shape = [random.randint(1, 2), random.randint(1, 2)] + sizes
                a = {"mode": mode.removeprefix("aa ")}
                if k < 2:
                    a["size"] = [random.randint(least, 6 if n < 3 else 4) for _ in range(n)]
                else:
                    a["scale_factor"] = (
                        random.choice([2.0, 0.8, 1.7, 1.0])
                        if k == 2
                        else [random.choice([2.0, 0.6, 1.7, 1.3, 1.0]) for _ in range(n)]
                    )
                    if k == 4 and mode != "area":
                        a["recompute_scale_factor"] = True
                if mode.startswith("aa"):
                    a["antialias"] = True
                if mode.endswith("linear") or mode.endswith("cubic"):
                    a["align_corners"] = random.random() < 0.4
                add(mode, shape, a, lambda x: F.interpolate(x, **a), channels_last=last(n, shape))
    # With antialias, PyTorch 2.15 gives all rows the first one's numbers where the width becomes 1.
    cases[:] = [c for c in cases if not c["f"].startswith("aa") or c["size"][-1] > 1]


def sampling():
    for shape, places in (([2, 2, 3, 4], [2, 3, 5]), ([1, 2, 1, 5], [1, 4, 2]), ([2, 1, 2, 3, 4], [2, 2, 2, 3])):
        n = len(shape) - 2
        numbers_of_grid = torch.Size(places).numel() * n
        grid = ((torch.arange(numbers_of_grid) * 43 + 7) % 101 / 32 - 1.6).double().reshape(places + [n])
        for mode in ("bilinear", "nearest", "bicubic")[: 3 if n == 2 else 2]:
            for padding_mode in ("zeros", "border", "reflection"):
                for align_corners in (False, True):
                    x, g = numbers(shape).requires_grad_(), grid.clone().requires_grad_()
                    y = F.grid_sample(x, g, mode, padding_mode, align_corners)
                    y.backward(gradient(y.shape))
                    cases.append(
                        {
                            "f": mode,
                            "padding_mode": padding_mode,
                            "align_corners": align_corners,
                            "shape": shape,
                            "grid": values(grid),
                            "grid_size": places + [n],
                            "y": values(y),
                            "size": list(y.shape),
                            "grad": values(x.grad),
                            "grad_grid": values(g.grad),
                        }
                    )


globals()[family]()
print("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]")
