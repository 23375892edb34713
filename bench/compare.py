#!/usr/bin/env python3
"""Runs Tenon's workloads and PyTorch's in turn on this machine and prints both with their ratio.

usage: compare.py --python PYTHON [--threads N] [--simd SET] [--filter TEXT] [--runs N] [--build DIR]

PYTHON is an interpreter that has torch. PyTorch is run twice a round: as a user gets it ("stock"), and with MKL's AVX-512 kernels
unlocked on AMD ("best": peers/mkl_all_isa.c, built here by gcc). Each program reports its best batch; over the rounds the median counts.
The ratio is PyTorch's best over Tenon's: above 1, Tenon is faster.

--simd SET limits the instructions of both alike, as on a lesser processor: scalar, sse4 (for PyTorch these two are one), avx2, avx512. The
first line says what each uses."""

import argparse
import os
import re
import statistics
import subprocess
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
GROUPS = ["-wops", "-wmlp", "-wblock", "-wresnet", "-wrnn", "-wgpt", "-wattention", "-wmem"]  # of torch_anchor.py

# What makes each of the libraries that take part use no more than a set: PyTorch's own kernels, MKL, oneDNN (which had two names).
LIMITS = {
    "scalar": ("default", "SSE4_2", "SSE41"),
    "sse4": ("default", "SSE4_2", "SSE41"),
    "avx2": ("avx2", "AVX2", "AVX2"),
    "avx512": ("avx512", "AVX512", "AVX512_CORE"),
}


def environment(simd):
    """This process's, with the limits."""
    if simd is None:
        return dict(os.environ)
    aten, mkl, onednn = LIMITS[simd]
    return {
        **os.environ,
        "TENON_SIMD": simd,
        "ATEN_CPU_CAPABILITY": aten,
        "MKL_ENABLE_INSTRUCTIONS": mkl,
        "ONEDNN_MAX_CPU_ISA": onednn,
        "DNNL_MAX_CPU_ISA": onednn,
    }


def rows(command, variables):
    """The `name  number us` lines that a program prints, and the last word of its first line: the instructions that it uses."""
    text = subprocess.run(command, env=variables, stdout=subprocess.PIPE, text=True, check=True).stdout
    found, plain = {}, ""
    for name, number in re.findall(r"^(.*?)\s+([\d.]+) us$", text, re.M):
        if name.startswith("  same, "):  # as the row before, but for what is named
            name = f"{plain or 'same'}, {name[len('  same, '):]}"
        else:
            plain = name
        found[name] = float(number)
    return found, text.split("\n", 1)[0].split()[-1]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", required=True, help="an interpreter that has torch")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument(
        "--simd", choices=LIMITS, help="no more than these instructions, for both (default: all that the processor has)"
    )
    parser.add_argument("--filter", default="", help="only rows whose name holds this text")
    parser.add_argument("--runs", type=int, default=3, help="rounds; the median of each row counts (default 3)")
    parser.add_argument("--build", default=os.path.join(HERE, "..", "build"), help="where Tenon was built")
    args = parser.parse_args()

    tenon = [os.path.join(args.build, "bench", "workloads"), "--threads", str(args.threads), "--filter", args.filter]
    torch = [
        args.python,
        os.path.join(HERE, "peers", "torch_anchor.py"),
        str(args.threads),
        *GROUPS,
        f"--filter={args.filter}",
    ]
    variables = environment(args.simd)
    results = {"tenon": [], "stock": [], "best": []}
    uses = {}

    def run(who, command, variables):
        found, uses[who] = rows(command, variables)
        results[who].append(found)

    with tempfile.TemporaryDirectory() as folder:
        unlock = os.path.join(folder, "mkl_all_isa.so")
        subprocess.run(
            ["gcc", "-shared", "-fPIC", os.path.join(HERE, "peers", "mkl_all_isa.c"), "-o", unlock], check=True
        )
        for _ in range(args.runs):
            run("tenon", tenon, variables)
            run("stock", torch, variables)
            run("best", torch, {**variables, "LD_PRELOAD": unlock})

    def median(who, name):
        values = [r[name] for r in results[who] if name in r]
        return statistics.median(values) if values else None

    print(f"{args.threads} threads, limit {args.simd or 'none'}: Tenon uses {uses['tenon']}, PyTorch {uses['stock']}")
    print(f"{'microseconds':56s} {'stock':>12s} {'best':>12s} {'tenon':>12s} {'ratio':>7s}")
    for name in results["tenon"][0]:
        ours, stock, best = (median(who, name) for who in ("tenon", "stock", "best"))
        if stock is None or best is None:
            continue
        print(f"{name:56s} {stock:12.2f} {best:12.2f} {ours:12.2f} {min(stock, best) / ours:7.2f}")


if __name__ == "__main__":
    main()
