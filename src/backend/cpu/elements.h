#pragma once
// Elementwise kernels as loops over elements that lie side by side. Types and operation are chosen outside the loop,
// and tensors of other layouts are brought to it in stretches: one loop serves every layout.
#include <initializer_list>

#include "backend/cpu/loop.h"

namespace tenon::backend::cpu {

/// out(i) = f(in[0](i), in[1](i), …, number) for n elements; out may be one of the inputs.
using Loop = void (*)(void* out, const void* const* in, int64_t n, int64_t number);

/// Runs the loop over all of out; up to three inputs broadcast to it.
void for_elements(const Tensor& out, std::initializer_list<const Tensor*> in, Loop loop, int64_t number = 0);

/// The same for one row, whose elements have these sizes in bytes.
template <std::size_t N>
void for_elements(const Row<N>& row, const std::array<int64_t, N>& sizes, Loop loop, int64_t number = 0);

}  // namespace tenon::backend::cpu
