"""Files that torch.save and safetensors wrote, what each holds (as JSON + safetensors), and files that must be refused.
usage: checkpoints.py OUT_DIR [--seed N]"""

import collections
import io
import json
import os
import pickle
import struct
import subprocess
import sys
import warnings
import zipfile

import torch
import torch.nn as nn
from safetensors.torch import save_file
from common import Bundle

warnings.simplefilter("ignore")
out = sys.argv[1]
seed = int(sys.argv[sys.argv.index("--seed") + 1]) if "--seed" in sys.argv else 0
os.makedirs(out, exist_ok=True)
torch.manual_seed(seed)
b, good, bad = (Bundle(), [], [])
storages = {}


def enc(key, v):
    if isinstance(v, torch.Tensor):
        e = {
            "dtype": str(v.dtype)[6:],
            "shape": list(v.shape),
            "requires_grad": v.requires_grad,
            "parameter": isinstance(v, nn.Parameter),
        }
        if v.device.type == "meta":
            return {"meta": True, **e}
        d = v.detach()
        e |= {
            "stride": list(v.stride()),
            "offset": v.storage_offset(),
            "storage": storages.setdefault(v.untyped_storage().data_ptr(), len(storages)),
            "storage_bytes": v.untyped_storage().nbytes(),
        }
        b.tensors[key] = torch.view_as_real(d).clone().contiguous() if d.is_complex() else d.clone().contiguous()
        return {"tensor": key, **e}
    if isinstance(v, torch.Size):
        return {"size": list(v)}
    if isinstance(v, torch.dtype):
        return {"dtype": str(v)[6:]}
    if isinstance(v, torch.device):
        return {"device": str(v)}
    if isinstance(v, (bytes, bytearray)):
        return {"bytes": v.hex()}
    if isinstance(v, tuple):
        return {"tuple": [enc(f"{key}.{i}", x) for i, x in enumerate(v)]}
    if isinstance(v, list):
        return [enc(f"{key}.{i}", x) for i, x in enumerate(v)]
    if isinstance(v, set):
        return {"set": sorted(v)}
    if isinstance(v, dict):
        return {
            "dict": [[enc(f"{key}.k{i}", k), enc(f"{key}.{k}", x)] for i, (k, x) in enumerate(v.items())],
            "ordered": isinstance(v, collections.OrderedDict),
            **({"metadata": enc(key + "._metadata", v._metadata)} if hasattr(v, "_metadata") else {}),
        }
    if isinstance(v, complex):
        return {"complex": [v.real, v.imag]}
    if isinstance(v, float) and (v != v or v in (float("inf"), -float("inf"))):
        return {"float": str(v)}
    if isinstance(v, int) and (not isinstance(v, bool)) and (abs(v) >= 2**53):
        return {"int": str(v)}
    return v


def keep(name, obj, **kw):
    storages.clear()
    torch.save(obj, f"{out}/{name}", **kw)
    good.append({"file": name, "holds": enc(name, obj)})


class MLP(nn.Module):
    def __init__(s, h=16):
        super().__init__()
        s.fc1 = nn.Linear(12, h)
        s.relu = nn.ReLU()
        s.fc2 = nn.Linear(h, 5)

    def forward(s, x):
        return s.fc2(s.relu(s.fc1(x)))


# ---- files that torch.save wrote
m = MLP(16 + seed)
keep("mlp.pt", m.state_dict())
keep("mlp_legacy.pt", m.state_dict(), _use_new_zipfile_serialization=False)
conv = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(16, 3))
conv(torch.randn(5, 3, 4, 4))
keep("conv_batchnorm.pt", conv.state_dict())
keep("transformer.pt", nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), 2).state_dict())
tied = nn.ModuleDict({"emb": nn.Embedding(7, 4), "head": nn.Linear(4, 7, bias=False)})
tied["head"].weight = tied["emb"].weight
keep("tied_weights.pt", tied.state_dict())
for on, mk in (
    ("adam", lambda p: torch.optim.Adam(p, lr=0.001, amsgrad=True)),
    ("sgd", lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True)),
    ("adamw", lambda p: torch.optim.AdamW(p, lr=0.001, weight_decay=0.1)),
    ("rmsprop", lambda p: torch.optim.RMSprop(p, momentum=0.5, centered=True)),
):
    m2 = MLP()
    o = mk([{"params": m2.fc1.parameters(), "lr": 1e-05}, {"params": m2.fc2.parameters()}])
    s = torch.optim.lr_scheduler.CosineAnnealingLR(o, 10)
    for _ in range(3):
        o.zero_grad()
        m2(torch.randn(4, 12)).square().mean().backward()
        o.step()
        s.step()
    keep(
        f"checkpoint_{on}.pt",
        {
            "epoch": 3,
            "model_state_dict": m2.state_dict(),
            "optimizer_state_dict": o.state_dict(),
            "scheduler_state_dict": s.state_dict(),
            "loss": 0.125,
            "rng_state": torch.random.get_rng_state(),
            "cuda_rng_state": [],
        },
    )
x = torch.arange(60.0).reshape(3, 4, 5)
shared = torch.randn(40)
keep(
    "every_dtype.pt",
    {
        str(d)[6:]: torch.tensor([0, 1, 2, 3]).to(d)
        for d in (
            torch.float64,
            torch.float32,
            torch.float16,
            torch.bfloat16,
            torch.int64,
            torch.int32,
            torch.int16,
            torch.int8,
            torch.uint8,
            torch.bool,
            torch.complex64,
            torch.complex128,
            torch.uint16,
            torch.uint32,
            torch.uint64,
        )
    },
)
keep(
    "views.pt",
    {
        "transposed": x.transpose(0, 2),
        "slice": x[1:, ::2],
        "expanded": x[0, 0].expand(3, 5),
        "scalar": torch.tensor(7),
        "empty": torch.empty(0, 3),
        "same_storage": [shared[:10], shared[5:25], shared[::4]],
        "parameter": nn.Parameter(torch.randn(2, 2)),
        "grad_leaf": torch.randn(3, requires_grad=True),
        "channels_last": torch.randn(2, 3, 4, 4).to(memory_format=torch.channels_last),
    },
)
keep(
    "plain_values.pt",
    {
        "none": None,
        "true": True,
        "false": False,
        "ints": [0, -1, 255, 256, 65535, 65536, -(2**31), 2**31, 2**63, -(2**80)],
        "floats": [0.0, -0.0, 1e300, float("inf"), float("-inf"), float("nan")],
        "text": "naïve – ü – 深い – 🙂",
        "long_text": "x" * 70000,
        "tuple": (1, (2, (3,)), ()),
        "tuple4": (1, 2, 3, 4),
        "nested": {"a": {"b": {"c": [1, [2, [3]]]}}},
        5: "int key",
        (1, 2): "tuple key",
        "bytes": b"\x00\xff\x80",
        "set": {1, 2, 3},
        "complex": 1 + 2j,
        "size": torch.Size([2, 3]),
        "dtype": torch.bfloat16,
        "device": torch.device("cuda", 1),
        "ordered": collections.OrderedDict([("z", 1), ("a", 2)]),
        "same_list_twice": [[1], [1]],
        "many": list(range(3000)),
    },
)
self_ref = [1]
memo = {"a": self_ref, "b": self_ref}
keep("shared_list.pt", memo)
keep("meta_tensor.pt", {"w": torch.empty(3, 4, device="meta")})
keep("with space.v2.name.pt", {"w": torch.ones(2)})
buf = io.BytesIO()
torch.save({"w": torch.ones(3)}, buf)
open(f"{out}/from_stream.pt", "wb").write(buf.getvalue())
good.append({"file": "from_stream.pt", "holds": enc("from_stream.pt", {"w": torch.ones(3)})})
z = zipfile.ZipFile(f"{out}/mlp.pt")
zz = zipfile.ZipFile(f"{out}/deflated.pt", "w", zipfile.ZIP_DEFLATED)
for n in z.namelist():
    zz.writestr(n, z.read(n))
zz.close()
good.append({"file": "deflated.pt", "holds": enc("deflated.pt", m.state_dict())})
sd = {k: v.contiguous() for k, v in conv.state_dict().items()}
save_file(sd, f"{out}/conv_batchnorm.safetensors", metadata={"format": "pt", "made": "by hand"})
good.append(
    {
        "file": "conv_batchnorm.safetensors",
        "metadata": {"format": "pt", "made": "by hand"},
        "holds": enc("conv_batchnorm.safetensors", dict(sorted(sd.items()))),
    }
)
st_all = {
    k: torch.tensor([0, 1, 2, 3]).to(d)
    for k, d in dict(
        F64=torch.float64,
        F32=torch.float32,
        F16=torch.float16,
        BF16=torch.bfloat16,
        I64=torch.int64,
        I32=torch.int32,
        I16=torch.int16,
        I8=torch.int8,
        U8=torch.uint8,
        BOOL=torch.bool,
    ).items()
} | {"scalar": torch.tensor(3.0), "empty": torch.empty(0, 2)}
save_file(st_all, f"{out}/every_dtype.safetensors")
good.append({"file": "every_dtype.safetensors", "holds": enc("every_dtype.safetensors", dict(sorted(st_all.items())))})

# A file saved on two GPUs: the location tags are patched, the bytes are the CPU's.
cuda = io.BytesIO()
torch.save({"a": torch.arange(4.0), "b": torch.ones(2, 2)}, cuda)
zc = zipfile.ZipFile(cuda)
zo = zipfile.ZipFile(f"{out}/cuda_tagged.pt", "w")
for n in zc.namelist():
    d = zc.read(n)
    if n.endswith("data.pkl"):
        i = d.index(b"X\x03\x00\x00\x00cpu")
        j = d.find(b"X\x03\x00\x00\x00cpu", i + 1)
        assert j < 0
        d = d.replace(b"X\x03\x00\x00\x00cpu", b"X\x06\x00\x00\x00cuda:1")
    zo.writestr(n, d)
zo.close()
storages.clear()
good.append(
    {
        "file": "cuda_tagged.pt",
        "needs": 'map_location: "cpu", or {"cuda:1": "cpu"}; without one, and without that GPU, an error that names cuda:1 and map_location',
        "holds": enc("cuda_tagged.pt", {"a": torch.arange(4.0), "b": torch.ones(2, 2)}),
    }
)


def refuse(name, data, why):
    open(f"{out}/{name}", "wb").write(data)
    bad.append({"file": name, "why": why})


# ---- what must be refused, with a clear error and nothing executed
class Evil:
    def __init__(s, f, *a):
        s.f, s.a = (f, a)

    def __reduce__(s):
        return (s.f, s.a)


def pt(obj):
    bio = io.BytesIO()
    torch.save(obj, bio)
    return bio.getvalue()


marker = "/tmp/executed_by_checkpoint"
refuse("evil_os_system.pt", pt({"w": torch.ones(2), "x": Evil(os.system, f"touch {marker}")}), "calls os.system")
refuse("evil_eval.pt", pt({"x": Evil(eval, f"open('{marker}','w')")}), "calls eval")
refuse("evil_exec.pt", pt(Evil(exec, f"open('{marker}','w')")), "calls exec")
refuse("evil_popen.pt", pt([Evil(subprocess.Popen, ["touch", marker])]), "calls subprocess.Popen")
refuse("evil_getattr.pt", pt(Evil(getattr, "text", "upper")), "calls getattr")
refuse("evil_legacy.pt", pickle.dumps(Evil(os.system, f"touch {marker}"), protocol=2), "raw pickle calling os.system")
torch.save(m, f"{out}/whole_module.pt")
bad.append({"file": "whole_module.pt", "why": "a pickled module object: names a class that is not a tensor"})
torch.jit.script(nn.Linear(2, 2)).save(f"{out}/torchscript.pt")
bad.append({"file": "torchscript.pt", "why": "a TorchScript archive"})
ok = open(f"{out}/mlp.pt", "rb").read()
for f in (0.1, 0.5, 0.9, 0.99):
    refuse(f"truncated_{int(f * 100)}.pt", ok[: int(len(ok) * f)], "cut short")
flip = bytearray(ok)
i = ok.index(b"data/0") + 200
flip[i] ^= 255
refuse("flipped_byte_in_tensor.pt", bytes(flip), "CRC-32 of a tensor's record does not match")


def rewrite(edit):
    bio = io.BytesIO()
    w = zipfile.ZipFile(bio, "w")
    for n in z.namelist():
        n2, d = edit(n, z.read(n))
        if n2:
            w.writestr(n2, d)
    w.close()
    return bio.getvalue()


pkl = next((n for n in z.namelist() if n.endswith("data.pkl")))
raw = z.read(pkl)
refuse("no_pickle.pt", rewrite(lambda n, d: (None if n == pkl else n, d)), "no data.pkl")
refuse("no_storage.pt", rewrite(lambda n, d: (None if n.endswith("data/0") else n, d)), "a storage is missing")
refuse(
    "short_storage.pt",
    rewrite(lambda n, d: (n, d[:4] if n.endswith("data/0") else d)),
    "a storage is shorter than its tensors",
)
refuse(
    "bad_version.pt", rewrite(lambda n, d: (n, b"9999\n" if n.endswith("/version") else d)), "an unknown format version"
)
refuse(
    "big_endian.pt",
    rewrite(lambda n, d: (n, b"big" if n.endswith("byteorder") else d)),
    "big-endian data (read it right, or refuse)",
)


def pk(p):
    return rewrite(lambda n, d: (n, p if n == pkl else d))


refuse("pickle_empty.pt", pk(b""), "empty pickle")
refuse("pickle_cut.pt", pk(raw[: len(raw) // 2]), "pickle cut short")
refuse("pickle_underflow.pt", pk(b"\x80\x02(tR."), "stack underflow")
refuse("pickle_no_memo.pt", pk(b"\x80\x02h\x05."), "a memo that was never put")
refuse("pickle_huge_length.pt", pk(b"\x80\x02X\xff\xff\xff\x7fabc."), "a string longer than the file")
refuse(
    "pickle_deep.pt",
    pk(b"\x80\x02" + b"]" * 200000 + b"a" * 199999 + b"."),
    "200,000 lists inside one another (read it, or refuse; never crash)",
)
refuse("pickle_huge_long.pt", pk(b"\x80\x02\x8b\xff\xff\xff\x7f\x01."), "an integer of 2 GiB")
refuse("pickle_self.pt", pk(b"\x80\x02]q\x00h\x00a."), "a list that holds itself (read it without looping, or refuse)")


def tens(off, size, stride, numel=4):
    return pickle_tensor(off, size, stride, numel)


def pickle_tensor(off, size, stride, numel):
    s = (
        b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n((X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpu"
        + num(numel)
        + b"tQ"
        + num(off)
        + b"("
        + b"".join(map(num, size))
        + b"t("
        + b"".join(map(num, stride))
        + b"t\x89ccollections\nOrderedDict\n)RtR."
    )
    return s


def num(v):
    e = v.to_bytes((v.bit_length() + 8) // 8 or 1, "little", signed=True)
    return b"\x8a" + bytes([len(e)]) + e


refuse("tensor_past_end.pt", pk(tens(0, [1000000], [1])), "a tensor larger than its storage")
refuse("tensor_negative_offset.pt", pk(tens(-8, [2], [1])), "a negative storage offset")
refuse("tensor_negative_stride.pt", pk(tens(3, [4], [-1])), "a negative stride")
refuse("tensor_overflow.pt", pk(tens(0, [2**40, 2**40], [2**40, 1])), "a size whose product overflows 64 bits")
refuse("tensor_dims_differ.pt", pk(tens(0, [2, 2], [1])), "as many strides as sizes are needed")
refuse("tensor_negative_size.pt", pk(tens(0, [-2], [1])), "a negative size")
refuse("storage_numel_lies.pt", pk(tens(0, [4], [1], 2**62)), "a storage that claims 2^62 elements")
refuse("not_a_checkpoint.pt", os.urandom(4096), "random bytes")
refuse("empty.pt", b"", "empty file")
refuse("text.pt", b"hello\n", "a text file")
st = open(f"{out}/every_dtype.safetensors", "rb").read()
n = struct.unpack("<Q", st[:8])[0]
head = json.loads(st[8 : 8 + n])


def sth(h, data=st[8 + n :], length=None):
    t = json.dumps(h).encode() if isinstance(h, dict) else h
    return struct.pack("<Q", len(t) if length is None else length) + t + data


refuse("st_truncated.safetensors", st[:-3], "cut short")
refuse("st_huge_header.safetensors", sth(head, length=2**60), "a header longer than the file")
refuse("st_not_json.safetensors", sth(b"{nope"), "a header that is no JSON")
h = json.loads(json.dumps(head))
h["F32"]["data_offsets"] = [0, 10**15]
refuse("st_past_end.safetensors", sth(h), "offsets past the end")
h = json.loads(json.dumps(head))
h["F32"]["data_offsets"] = h["F64"]["data_offsets"]
refuse("st_overlap.safetensors", sth(h), "offsets that overlap, or do not fit the shape")
h = json.loads(json.dumps(head))
h["F32"]["shape"] = [2**62, 8]
refuse("st_shape_overflow.safetensors", sth(h), "a shape whose size overflows")
h = json.loads(json.dumps(head))
h["F32"]["dtype"] = "F7"
refuse("st_bad_dtype.safetensors", sth(h), "an unknown dtype")
refuse(
    "st_duplicate.safetensors",
    sth(
        b'{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}',
        b"x",
    ),
    "a name given twice",
)
refuse("st_trailing.safetensors", st + b"abc", "bytes after the last tensor")
refuse("st_deep.safetensors", sth(b'{"a":' * 100000, b""), "JSON 100,000 levels deep")
for x in bad:
    x["may_be_read"] = x["file"] in ("big_endian.pt", "pickle_deep.pt", "pickle_self.pt")
b.write(
    out, "expected", {"torch": torch.__version__, "good": good, "refuse": bad, "marker_that_must_not_appear": marker}
)
print(len(good), "good,", len(bad), "to refuse")
