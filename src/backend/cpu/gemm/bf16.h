#pragma once
// Products of bfloat16 by the instructions that some processors have for them: AMX's tiles, or AVX-512's sums of two
// products. Elsewhere bfloat16 is widened to float while it is packed, as float16 is everywhere.
#include "backend/cpu/gemm/kernels.h"

namespace tenon::backend::cpu {

/// Whether this processor has such instructions, and they may be used.
bool has_bf16_products();
/// How many of an operand's lines a thread's part begins at a multiple of.
inline constexpr int64_t bf16_cut = 32;
/// A part of a product on the calling thread; needs has_bf16_products().
void gemm_block_bf16(const Gemm& g);

}  // namespace tenon::backend::cpu
