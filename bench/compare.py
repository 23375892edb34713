#!/usr/bin/env python3
"""Runs Tenon's workloads and PyTorch's in turn on this machine and prints both with their ratio.

usage: compare.py --python PYTHON [--threads N] [--runs N] [--build DIR]

PYTHON is an interpreter that has torch. PyTorch is run twice a round: as a user gets it ("stock"), and with MKL's AVX-512 kernels
unlocked on AMD ("best": peers/mkl_all_isa.c, built here by gcc). Each program reports its best batch; over the rounds the median counts.
The ratio is PyTorch's best over Tenon's: above 1, Tenon is faster."""
import argparse
import os
import re
import statistics
import subprocess
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
GROUPS = ["-wops", "-wmlp", "-wmem"]  # of torch_anchor.py: those that have rows on this side


def rows(command, environment=None):
    """The `name  number us` lines that a program prints."""
    text = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    found = re.findall(r"^(.*?)\s+([\d.]+) us$", text, re.M)
    return {name.strip(): float(number) for name, number in found}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", required=True, help="an interpreter that has torch")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--runs", type=int, default=3, help="rounds; the median of each row counts (default 3)")
    parser.add_argument("--build", default=os.path.join(HERE, "..", "build"), help="where Tenon was built")
    args = parser.parse_args()

    tenon = [os.path.join(args.build, "bench", "workloads"), "--threads", str(args.threads)]
    torch = [args.python, os.path.join(HERE, "peers", "torch_anchor.py"), str(args.threads), *GROUPS]
    results = {"tenon": [], "stock": [], "best": []}
    with tempfile.TemporaryDirectory() as folder:
        unlock = os.path.join(folder, "mkl_all_isa.so")
        subprocess.run(["gcc", "-shared", "-fPIC", os.path.join(HERE, "peers", "mkl_all_isa.c"), "-o", unlock], check=True)
        for _ in range(args.runs):
            results["tenon"].append(rows(tenon))
            results["stock"].append(rows(torch))
            results["best"].append(rows(torch, {**os.environ, "LD_PRELOAD": unlock}))

    def median(who, name):
        values = [r[name] for r in results[who] if name in r]
        return statistics.median(values) if values else None

    print(f"{'microseconds, ' + str(args.threads) + ' threads':40s} {'stock':>12s} {'best':>12s} {'tenon':>12s} {'ratio':>7s}")
    for name in results["tenon"][0]:
        ours, stock, best = (median(who, name) for who in ("tenon", "stock", "best"))
        if stock is None or best is None:
            continue
        print(f"{name:40s} {stock:12.2f} {best:12.2f} {ours:12.2f} {min(stock, best) / ours:7.2f}")


if __name__ == "__main__":
    main()
