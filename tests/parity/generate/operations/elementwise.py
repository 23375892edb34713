"""Functions of every element."""

import torch

from .cases import Family, apart, mask, positive, real, unit

family = Family()
add = family.add

inf, nan = float("inf"), float("nan")
special = torch.tensor(
    [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.5, -2.5, inf, -inf, nan, 1e-5, 100.0, -100.0], dtype=torch.float64
)

# One tensor.
everywhere = (
    "neg abs sign exp exp2 expm1 square sin cos tan sinh cosh tanh asinh atan sigmoid relu erf erfc sinc floor ceil round trunc "
    "frac positive isnan isinf isfinite isposinf isneginf signbit logical_not nan_to_num"
).split()
for name in everywhere:
    add(name, real(3, 4))
    add(name, special)
    add(name, real(2, 0, 3))
    add(name, real())
for name in "log log2 log10 log1p sqrt rsqrt reciprocal lgamma".split():
    add(name, positive(3, 4))
    add(name, special)
add("digamma", positive(3, 4))
add("digamma", torch.cat([special[4:8], special[11:13]]))  # at its poles PyTorch's slope is noise
for name in "asin acos atanh erfinv logit".split():
    add(name, unit(3, 4))
    add(name, special)
add("acosh", positive(3, 4) + 1)
add("acosh", special)
add("bitwise_not", real(3, 4))
add("round", real(3, 4, scale=10), decimals=1)
add("round", real(3, 4, scale=100), decimals=-1)
add("logit", unit(3, 4), eps=0.1)
add("nan_to_num", special, nan=1.5, posinf=2.5, neginf=-3.5)
add("polygamma", 3, positive(5))  # PyTorch's trigamma has no more than nine digits

# Two tensors.
arithmetic = "add sub mul div maximum minimum fmax fmin remainder fmod floor_divide atan2 hypot copysign logaddexp logaddexp2 xlogy heaviside".split()
for name in arithmetic:
    second = positive if name in ("div", "remainder", "fmod", "floor_divide", "xlogy") else real
    add(name, real(3, 4), second(3, 4) + (0 if second is real else 1))
    add(name, real(3, 1), second(2, 1, 4) + (0 if second is real else 1))
    add(name, special[:8], second(8) + (0 if second is real else 1))
    add(name, special, special.flip(0))
    add(name, real(0, 4), second(1, 4) + (0 if second is real else 1))
add("add", real(3, 4), real(4), alpha=2)
add("sub", real(3, 4), real(4), alpha=3)
for name in "add sub mul div remainder fmod floor_divide".split():
    add(name, real(3, 4), 3)
    add(name, real(3, 4), -1.75)
for mode in ("trunc", "floor"):
    add("div", real(3, 4, scale=5), positive(3, 4) + 1, rounding_mode=mode)
    add("div", real(3, 4, scale=5), -1.5, rounding_mode=mode)
add("nextafter", real(3, 4), real(3, 4))
add("gcd", real(3, 4, scale=8), real(3, 4, scale=4))
add("lcm", real(3, 4, scale=2), real(3, 4, scale=2))
add("pow", positive(3, 4), positive(3, 4))
add("pow", real(3, 4), 2)
add("pow", real(3, 4), 3)
add("pow", positive(3, 4), 0.5)
add("pow", positive(3, 4), -1.5)
add("pow", positive(3, 4), -1)
add("pow", 2, positive(3, 4))
add("pow", special, 2)
add("pow", special, 0)
add("pow", special.abs(), special)
for name in "eq ne lt le gt ge".split():
    add(name, real(3, 4).round(), real(4).round())
    add(name, real(3, 4).round(), 1)
    add(name, special, special.flip(0))
for name in "logical_and logical_or logical_xor".split():
    add(name, real(3, 4).round(), real(4).round())
for name in "bitwise_and bitwise_or bitwise_xor".split():
    add(name, real(3, 4, scale=9), real(3, 4, scale=9))
    add(name, real(3, 4, scale=9), 5)
for name in "bitwise_left_shift bitwise_right_shift".split():
    add(name, real(3, 4, scale=9), unit(3, 4).abs())
add("isclose", real(3, 4), real(3, 4), rtol=0.5)
add("isclose", special, special, equal_nan=True)

# Three tensors, choices.
add("where", mask(3, 4), real(3, 4), real(3, 4))
add("where", mask(3, 1), real(4), real(2, 1, 1))
add("where", mask(3, 4), real(3, 4), 2.5)
add("where", mask(3, 4), 1, real(3, 4))
add("clamp", real(3, 4), -0.5, 0.75)
add("clamp", real(3, 4), min=0)
add("clamp", real(3, 4), max=0.25)
add("clamp", real(3, 4), real(4), real(3, 1) + 1)
add("clamp", special, -1, 1)
add("lerp", real(3, 4), real(3, 4), 0.25)
add("lerp", real(3, 4), real(4), unit(3, 1))
add("addcmul", real(3, 4), real(3, 4), real(4))
add("addcmul", real(3, 4), real(3, 4), real(4), value=2)
add("addcdiv", real(3, 4), real(3, 4), positive(4))
add("addcdiv", real(3, 4), real(3, 4), positive(4), value=0.5)

# In place.
for name in everywhere:
    if hasattr(torch.Tensor, name + "_") and name != "nan_to_num":
        add(name + "_", real(3, 4))
for name in "log sqrt rsqrt reciprocal lgamma digamma".split():
    add(name + "_", positive(3, 4))
for name in "add_ sub_ mul_ div_ remainder_ fmod_".split():
    add(name, real(3, 4), positive(4) + 1)
    add(name, real(3, 4), 2)
add("div_", real(3, 4), positive(4) + 1, rounding_mode="floor")
add("pow_", positive(3, 4), real(4))
add("pow_", positive(3, 4), 2)
add("clamp_", real(3, 4), -0.5, 0.75)
add("lerp_", real(3, 4), real(3, 4), 0.25)
add("lerp_", real(3, 4), real(3, 4), unit(4))
add("addcmul_", real(3, 4), real(3, 4), real(4), value=2)
add("addcdiv_", real(3, 4), real(3, 4), positive(4), value=2)
for name in "bitwise_and_ bitwise_or_ bitwise_xor_".split():
    add(name, real(3, 4, scale=9), real(3, 4, scale=9))
add("fill_", real(3, 4), 2.5)
add("zero_", real(3, 4))
add("copy_", real(3, 4), real(4))
for name in "floor_divide_ atan2_ hypot_ copysign_ xlogy_ nextafter_ heaviside_".split():
    add(name, real(3, 4), positive(4) + 1)
add("atan2_", special[:8], special[:8].flip(0))
for name in "gcd_ lcm_ logical_and_ logical_or_ logical_xor_".split():
    add(name, real(3, 4, scale=4).round(), real(4, scale=2).round())
for name in "bitwise_left_shift_ bitwise_right_shift_".split():
    add(name, real(3, 4, scale=9), unit(3, 4).abs())
for name in "log2 log10 log1p".split():
    add(name + "_", positive(3, 4))
for name in "asin acos atanh erfinv logit".split():
    add(name + "_", unit(3, 4))
add("acosh_", positive(3, 4) + 1)
add("nan_to_num_", special)
add("nan_to_num_", special, nan=1.5, posinf=2.5, neginf=-3.5)
add("polygamma_", positive(5), 3)
add("round_", real(3, 4, scale=10), decimals=1)
add("clamp_", real(3, 4), real(4), real(3, 1) + 1)

# Made of others.
add("float_power", positive(3, 4), real(4))
add("float_power", positive(3, 4), 2)
add("float_power", 2, real(3, 4))
add("ldexp", real(3, 4), real(4).round())
add("deg2rad", real(3, 4, scale=90))
add("rad2deg", real(3, 4))

with apart(1):
    for name in "eq_ ne_ lt_ le_ gt_ ge_".split():
        add(name, real(3, 4).round(), real(4).round())
        add(name, real(3, 4).round(), 1)
        add(name, special, special.flip(0))
    add("deg2rad_", real(3, 4, scale=90))
    add("rad2deg_", real(3, 4))
    add("ldexp_", real(3, 4), real(4).round())
    add("float_power_", positive(3, 4), real(4))
    add("float_power_", positive(3, 4), 2)
    for name in "copysign_ xlogy_ bitwise_and_ bitwise_left_shift_".split():
        add(name, real(3, 4), 2)
    add("add_", real(3, 4), 2, alpha=3)
    add("sub", real(3, 4), 2, alpha=3)
    add("xlogy", 2, positive(3, 4))
    add("remainder", 7, positive(3, 4) + 1)
