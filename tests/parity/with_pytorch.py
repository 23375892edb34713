"""Checkpoints between Tenon and PyTorch, with PyTorch at the other end. Run by hand where it is installed; the tests need it not.
usage: with_pytorch.py PARITY_PROGRAM [--rounds N]"""

import collections
import math
import random
import subprocess
import sys
import tempfile
import zipfile

import torch
import torch.nn as nn

program = sys.argv[1]
rounds = int(sys.argv[sys.argv.index("--rounds") + 1]) if "--rounds" in sys.argv else 50
# fmt: off
DTYPES = (
    torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16, torch.int8,
    torch.uint8, torch.bool, torch.complex32, torch.complex64, torch.complex128, torch.uint16, torch.uint32,
    torch.uint64, torch.float8_e4m3fn, torch.float8_e5m2, torch.float8_e4m3fnuz, torch.float8_e5m2fnuz,
    torch.float8_e8m0fnu,
)
# fmt: on


def random_tensor(r, pool):
    if pool and r.random() < 0.3:  # another view of what is there
        x = r.choice(pool).detach()
        for _ in range(r.randrange(3)):
            if x.dim() > 0:
                x = x.transpose(0, -1) if r.random() < 0.5 else x[r.randrange(max(x.size(0), 1)) :]
        return x
    x = torch.randint(0, 2, [r.randrange(4) for _ in range(r.randrange(4))]).to(r.choice(DTYPES))
    pool.append(x)
    if x.dtype in (torch.float64, torch.float32, torch.float16) and r.random() < 0.3:
        x = nn.Parameter(x, requires_grad=r.random() < 0.5) if r.random() < 0.5 else x.clone().requires_grad_()
    elif r.random() < 0.1:
        x = x.to("meta")
    return x


def random_plain(r):
    return r.choice(
        (
            None,
            True,
            False,
            0,
            -1,
            255,
            256,
            65536,
            2**31,
            -(2**31) - 1,
            2**63,
            -(2**100),
            0.5,
            -0.0,
            math.inf,
            math.nan,
            "",
            "naïve 🙂",
            "x" * 300,
            b"\x00\xff",
            b"a",
            1 - 2j,
            torch.Size([2, 3]),
            torch.bfloat16,
            torch.device("cpu"),
            torch.device("cuda", 1),
        )
    )


def random_key(r):
    return r.choice(
        (r.randrange(10), sys.intern(f"key {r.randrange(20)}"), (1, "a", r.randrange(3)), 0.5, None, b"\xe9")
    )


def random_value(r, pool, seen, depth=0):
    if seen and r.random() < 0.1:
        return r.choice(seen)
    kind = r.random()
    if depth > 4 or kind < 0.3:
        return random_plain(r)
    if kind < 0.6:
        return random_tensor(r, pool)
    n = r.choice((0, 1, 2, 5)) if depth or r.random() < 0.9 else r.choice((999, 1000, 1001, 2500))
    items = [random_value(r, pool, seen, depth + 1 if n < 10 else 9) for _ in range(n)]
    if kind < 0.7:
        v = items
    elif kind < 0.8:
        v = tuple(items)
    elif kind < 0.83:
        v = {r.randrange(100) for _ in range(n)}
    else:
        v = collections.OrderedDict() if kind > 0.9 else {}
        for item in items:
            v[random_key(r)] = item
        if kind > 0.95:
            v._metadata = collections.OrderedDict({"": {"version": 1}})
    seen.append(v)
    return v


def same(a, b, where="", storages=None):
    """Raises where b is not what a is, sharing of memory included."""
    storages = {} if storages is None else storages
    assert type(a) is type(b), f"{where}: {type(a)} became {type(b)}"
    if isinstance(a, torch.Tensor):
        for what in ("dtype", "shape", "device", "requires_grad"):
            assert getattr(a, what) == getattr(b, what), f"{where}: {what}"
        assert a.stride() == b.stride() and a.storage_offset() == b.storage_offset(), f"{where}: strides"
        if a.device.type != "meta":
            x, y = a.detach().untyped_storage(), b.detach().untyped_storage()
            assert bytes(x) == bytes(y), f"{where}: bytes"
            if x.nbytes():
                assert storages.setdefault(x.data_ptr(), y.data_ptr()) == y.data_ptr(), f"{where}: sharing"
    elif isinstance(a, dict):
        assert list(map(repr, a)) == list(map(repr, b)), f"{where}: keys"
        for (k, x), y in zip(a.items(), b.values()):
            same(x, y, f"{where}[{k!r}]", storages)
        assert hasattr(a, "_metadata") == hasattr(b, "_metadata"), f"{where}: metadata"
        if hasattr(a, "_metadata"):
            same(a._metadata, b._metadata, where + "._metadata", storages)
    elif isinstance(a, (list, tuple)):
        assert len(a) == len(b), f"{where}: length"
        for i, (x, y) in enumerate(zip(a, b)):
            same(x, y, f"{where}[{i}]", storages)
    else:
        assert repr(a) == repr(b), f"{where}: {a!r} became {b!r}"


def records(file):
    archive = zipfile.ZipFile(file)
    return {name.split("/", 1)[1]: archive.read(name) for name in archive.namelist() if "serialization_id" not in name}


def round_trips(folder):
    to_the_byte = 0
    for seed in range(rounds):
        r = random.Random(seed)
        torch.manual_seed(seed)
        value = [random_value(r, pool := [], seen := []) for _ in range(5)]
        for legacy in (False, True):
            if legacy and any(t.is_meta or t.dtype in torch.storage._new_dtypes() for t in tensors_in(value)):
                continue  # PyTorch itself does not read these back
            torch.save(value, f"{folder}/in.pt", _use_new_zipfile_serialization=not legacy)
            subprocess.run([program, "again", f"{folder}/in.pt", f"{folder}/out.pt"], check=True)
            same(value, torch.load(f"{folder}/out.pt", weights_only=True), f"{seed}: ")
            if not legacy:
                a, b = records(f"{folder}/in.pt"), records(f"{folder}/out.pt")
                to_the_byte += a == b
    print(f"{rounds} random checkpoints went through Tenon and back; {to_the_byte} were the same to the byte")


def tensors_in(v):
    if isinstance(v, torch.Tensor):
        return [v]
    items = v.values() if isinstance(v, dict) else v if isinstance(v, (list, tuple)) else ()
    return [t for item in items for t in tensors_in(item)]


def training(folder):
    subprocess.run([program, "written", folder], check=True)
    checkpoint = torch.load(f"{folder}/training.pt", weights_only=True)
    model = nn.Sequential(collections.OrderedDict(fc1=nn.Linear(12, 16), relu=nn.ReLU(), fc2=nn.Linear(16, 5)))
    optimizer = torch.optim.Adam(model.parameters(), lr=1.0, amsgrad=True)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 10)
    model.load_state_dict(checkpoint["model_state_dict"])
    optimizer.load_state_dict(checkpoint["optimizer_state_dict"])
    scheduler.load_state_dict(checkpoint["scheduler_state_dict"])
    torch.set_rng_state(checkpoint["rng_state"])
    torch.testing.assert_close(model(checkpoint["input"]), checkpoint["output"])
    torch.testing.assert_close(torch.randn(5), checkpoint["next"], rtol=1e-6, atol=1e-6)
    assert type(checkpoint["model_state_dict"]) is collections.OrderedDict and checkpoint["model_state_dict"]._metadata[
        "fc1"
    ] == {"version": 1}
    assert all(type(p) is nn.Parameter and p.requires_grad for p in checkpoint["kept"].values())
    model(checkpoint["input"]).square().mean().backward()
    optimizer.step()
    scheduler.step()
    ours, theirs = checkpoint["optimizer_state_dict"], optimizer.state_dict()
    assert list(ours) == list(theirs) and list(ours["param_groups"][0]) == list(theirs["param_groups"][0]), (
        "other options, or in another order"
    )
    same(checkpoint["scheduler_state_dict"].keys().__len__(), scheduler.state_dict().keys().__len__())
    print("PyTorch goes on with a training that Tenon saved")


with tempfile.TemporaryDirectory() as folder:
    training(folder)
    round_trips(folder)
