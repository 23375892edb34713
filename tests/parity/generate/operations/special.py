"""Functions of torch.special that are only there, and their kin."""

import torch

from .cases import Family, apart, positive, real, unit
from .elementwise import special

family = Family()
add = family.add

with apart(6):
    for name in "i0 special.i0e special.i1 special.i1e".split():
        add(name, real(3, 4, scale=3))
        add(name, torch.tensor([0.0, -0.0, 1e-8, 7.5, 19.99, 20.01, -25.0, 60.0], dtype=torch.float64))
        add(name, real(2, 0, 3))
        add(name, real())
    for name in "special.ndtr special.log_ndtr special.erfcx".split():
        add(name, real(3, 4, scale=2))
        add(name, torch.tensor([0.0, -0.0, -1.0, 5.0, -6.0, 9.9, 10.1, 30.0], dtype=torch.float64))
        add(name, real())
    add("special.ndtri", unit(3, 4).abs())
    add("special.ndtri", torch.tensor([1e-300, 1e-20, 0.01, 0.5, 0.99, 1 - 1e-12], dtype=torch.float64))
    add("special.entr", positive(3, 4))
    add("special.entr", special)
    add("special.xlog1py", real(3, 4), positive(4))
    add("special.xlog1py", special, special.flip(0))
    add("special.xlog1py", 2, positive(4))
    add("special.xlog1py", real(4), 3)
    add("mvlgamma", positive(3, 4) + 1, 3)
    add("mvlgamma", positive(4), 1)
    add("i0_", real(3, 4))
    add("mvlgamma_", positive(3, 4) + 1, 2)
