"""Answers that no library should agree with, and a damaged file: to see that the parity program notices. usage: wrong.py DATA_DIR"""

import sys

import torch

from common import Bundle

data = sys.argv[1]
bundle, cases = Bundle(), []


def add(call, result, state, seed=0):
    cases.append(
        {
            "seed": seed,
            "call": call,
            "result": bundle.put(call, result),
            "state_after": bundle.put(call + ".state", state),
        }
    )


torch.manual_seed(0)
result, state = torch.rand(3), torch.random.get_rng_state()
one_bit = state.clone()
one_bit[4000] ^= 1
add("rand(3)", torch.nextafter(result, torch.ones(3)), state)  # off by the last bit
add("rand(3, float32)", result, one_bit)
add("rand(4)", result, state)  # another shape
add("rand(3, float64)", result, state)  # another type
add("rand(3, complex64)", result, state)  # nothing that exists: skipped
add("rand( 3 )", result, state)  # this one is right
bundle.write(f"{data}/wrong", "rng", {"cases": cases})
some = [case for case in cases if case["call"] in ("rand( 3 )", "rand(3, complex64)")]
bundle.write(f"{data}/unknown", "rng", {"cases": some})

bundle.write(f"{data}/damaged", "rng", {"cases": cases})
with open(f"{data}/damaged/rng.safetensors", "r+b") as file:
    file.truncate(3000)
