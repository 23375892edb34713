"""Writes pytorch_names.h: every method of torch.Tensor and every function of torch that is an operation, but for what is
named here, with the reason.

usage: pytorch_names.py > pytorch_names.h
"""

import torch

LEFT_OUT = {
    "complex numbers and spectra": """angle conj conj_physical conj_physical_ resolve_conj resolve_neg is_conj is_neg isreal stft istft
        cfloat cdouble chalf""",
    "sparse tensors": """coalesce col_indices ccol_indices crow_indices row_indices indices values dense_dim sparse_dim is_coalesced
        sparse_mask sparse_resize_ sparse_resize_and_clear_ smm sspaddmm to_dense to_sparse to_sparse_bsc to_sparse_bsr to_sparse_coo
        to_sparse_csc to_sparse_csr resize_as_sparse_ to_padded_tensor""",
    "quantized tensors": """dequantize int_repr q_per_channel_axis q_per_channel_scales q_per_channel_zero_points q_scale q_zero_point
        qscheme""",
    "other devices, processes, storages": """cuda xpu ipu mtia pin_memory is_pinned share_memory_ is_shared record_stream get_device
        is_distributed storage storage_type untyped_storage set_ is_set_to to_mkldnn""",
    "Python's own": """apply_ map_ map2_ numpy tolist new new_tensor as_subclass module_load dim_order type reinforce data_ptr
        const_data_ptr hash_tensor new_empty_strided nonzero_static align_as align_to refine_names rename rename_""",
    "words of C++: x.to(float32) is x.float()": "float double int long short char byte bool half bfloat16",
    "replaced in PyTorch itself, by torch.linalg": "cholesky lu qr svd lstsq eig symeig solve triangular_solve lu_solve geqrf orgqr ormqr",
    "PyTorch's internals": "unsafe_chunk unsafe_split unsafe_split_with_sizes resize resize_as slice_inverse",
    "layers, which are nn's": "prelu hardshrink",
}


def methods():
    left_out = {name for names in LEFT_OUT.values() for name in names.split()}
    of_pytorch = [n for n in dir(torch.Tensor) if n[0] != "_" and callable(getattr(torch.Tensor, n))]
    return [n for n in of_pytorch if n not in left_out]


FUNCTIONS = """abs absolute acos acosh add addbmm addcdiv addcmul addmm addmv addr adjoint all allclose amax amin aminmax any arange arccos
    arccosh arcsin arcsinh arctan arctan2 arctanh argmax argmin argsort argwhere as_strided as_strided_scatter asin asinh atan atan2 atanh
    atleast_1d atleast_2d atleast_3d baddbmm bernoulli bincount bitwise_and bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift
    bitwise_xor block_diag bmm broadcast_tensors broadcast_to bucketize cartesian_prod cat cdist ceil cholesky_inverse cholesky_solve chunk
    clamp clamp_max clamp_min clip clone column_stack combinations concat concatenate copysign corrcoef cos cosh count_nonzero cov cross
    cummax cummin cumprod cumsum cumulative_trapezoid deg2rad det detach diag diag_embed diagflat diagonal diagonal_scatter diff digamma
    dist div divide dot dsplit dstack einsum empty empty_like eq equal erf erfc erfinv exp exp2 expm1 eye fix flatten flip fliplr flipud
    float_power floor floor_divide fmax fmin fmod frac frexp full full_like gather gcd ge ger greater greater_equal gt heaviside histc histogram
    hsplit hstack hypot i0 igamma igammac index_add index_copy index_fill index_put index_reduce index_select inner inverse isclose isfinite isin isinf
    isnan isneginf isposinf kron kthvalue lcm ldexp le lerp less less_equal lgamma linspace log log10 log1p log2 log_softmax logaddexp
    logaddexp2 logcumsumexp logdet logical_and logical_not logical_or logical_xor logit logspace logsumexp lt masked_fill masked_scatter
    masked_select matmul matrix_exp matrix_power max maximum mean median meshgrid min minimum mm mode moveaxis movedim msort mul
    multinomial multiply mv mvlgamma nan_to_num nanmean nanmedian nanquantile nansum narrow narrow_copy ne neg negative nextafter nonzero
    norm normal not_equal numel ones ones_like outer pdist permute pinverse polygamma positive pow prod put quantile rad2deg rand
    rand_like randint randint_like randn randn_like randperm ravel reciprocal relu remainder renorm repeat_interleave reshape roll rot90
    round row_stack rsqrt scatter scatter_add scatter_reduce searchsorted select select_scatter sgn sigmoid sign signbit sin sinc sinh
    slice_scatter slogdet softmax sort split split_with_sizes sqrt square squeeze stack std std_mean sub subtract sum swapaxes swapdims t
    take take_along_dim tan tanh tensor_split tensordot tile topk trace transpose trapezoid trapz tril tril_indices triu triu_indices
    true_divide trunc unbind unflatten unique unique_consecutive unravel_index unsqueeze vander var var_mean vdot vsplit vstack where xlogy
    zeros zeros_like""".split()

IN_PLACE_LEFT_OUT = """conj_physical_ resize_as_sparse_ alpha_dropout_ celu_ dropout_ embedding_renorm_ feature_alpha_dropout_
    feature_dropout_ rrelu_ selu_ threshold_""".split()  # complex and sparse; layers' are nn's


def in_place():
    return [n for n in dir(torch) if n[0] != "_" and n[-1] == "_" and n not in IN_PLACE_LEFT_OUT]


def block(opening, line, names):
    print(opening)
    for name in names:
        print(line.format(name))


def main():
    assert all(hasattr(torch, n) for n in FUNCTIONS)
    print("#pragma once")
    print(
        "// Written by pytorch_names.py: what torch.Tensor and torch have, found under its name. It only has to compile."
    )
    print("#include <tenon/tenon.h>\n\nnamespace pytorch_names {\n")
    block("struct Methods : tenon::Tensor {", " using Tensor::{};", methods())
    print("};\n")
    block("namespace functions {", "using tenon::{};", FUNCTIONS + in_place())
    special = "bessel_j0 bessel_j1 bessel_y0 bessel_y1 digamma entr erf erfc erfcx erfinv exp2 expit expm1 gammainc gammaincc gammaln i0 i0e i1 i1e log1p log_ndtr log_softmax logit logsumexp modified_bessel_i0 modified_bessel_i1 modified_bessel_k0 modified_bessel_k1 multigammaln ndtr ndtri polygamma psi round scaled_modified_bessel_k0 scaled_modified_bessel_k1 sinc softmax spherical_bessel_j0 xlog1py xlogy zeta"
    block("} // namespace functions\nnamespace special {", "using tenon::special::{};", special.split())
    print("} // namespace special\n\n} // namespace pytorch_names")


if __name__ == "__main__":
    main()
