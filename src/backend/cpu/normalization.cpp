// Layer normalisation and its like, row by row; the table of all normalisation.
#include <vector>

#include <tenon/creation.h>
#include <tenon/grad_mode.h>

#include "backend/cpu/parallel.h"
#include "backend/cpu/simd/layer_norm.h"
#include "backend/normalization.h"
#include "backend/reduction.h"
#include "tensor/element.h"

namespace tenon {
namespace backend::cpu {
namespace {

int64_t grain(int64_t n) { return std::max<int64_t>(elementwise_grain / std::max<int64_t>(n, 1), 1); }

}  // namespace

void layer_norm(const Tensor& out, const Tensor& moments, const LayerNormArgs& a) {
  const int64_t rows = a.x.shape()[0], n = a.x.shape()[1], bytes = n * item_size(a.x.dtype());
  auto* kept = reinterpret_cast<double*>(moments.impl()->data);
  parallel_for(rows, grain(n), [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
      const Moments m =
          vector_layer_norm(a.x.dtype(), {out.impl()->data + r * bytes, a.x.impl()->data + r * bytes,
                                          data_or_null(a.weight), data_or_null(a.bias), n, a.eps, a.centered});
      kept[2 * r] = m.mean;
      kept[2 * r + 1] = m.rstd;
    }
  });
}

void layer_norm_backward(const Tensor& dx, const Tensor& dweight, const Tensor& dbias, const Tensor& grad,
                         const Tensor& moments, const LayerNormArgs& a) {
  constexpr int64_t chunk = 64;  // rows of one partial sum of dweight and dbias: fixed, so that the threads do not show
  const DType type = a.x.dtype();
  const int64_t rows = a.x.shape()[0], n = a.x.shape()[1], bytes = n * item_size(type),
                chunks = (rows + chunk - 1) / chunk;
  const auto* kept = reinterpret_cast<const double*>(moments.impl()->data);
  const NoGrad guard;
  const auto partial = [&](const Tensor& wanted) {
    return wanted.defined() ? zeros({chunks, n}, {.dtype = type}) : Tensor();
  };
  const Tensor weights = partial(dweight), biases = partial(dbias);
  parallel_for(chunks, std::max<int64_t>(grain(n) / chunk, 1), [&](int64_t from, int64_t to) {
    for (int64_t c = from; c < to; ++c)
      for (int64_t r = c * chunk; r < std::min(rows, (c + 1) * chunk); ++r) {
        const auto at = [](const Tensor& x, int64_t offset) { return x.defined() ? x.impl()->data + offset : nullptr; };
        vector_layer_norm_backward(type, {at(dx, r * bytes),
                                          at(weights, c * bytes),
                                          at(biases, c * bytes),
                                          grad.impl()->data + r * bytes,
                                          a.x.impl()->data + r * bytes,
                                          data_or_null(a.weight),
                                          n,
                                          {kept[2 * r], kept[2 * r + 1]},
                                          a.centered});
      }
  });
  if (dweight.defined()) ReductionKernels::cpu.reduce(ReduceOp::sum, dweight, weights, 1, chunks, n);
  if (dbias.defined()) ReductionKernels::cpu.reduce(ReduceOp::sum, dbias, biases, 1, chunks, n);
}

// channel_norm.cpp
KernelFunction<&NormalizationKernels::channel_moments> channel_moments;
KernelFunction<&NormalizationKernels::channel_norm> channel_norm;
KernelFunction<&NormalizationKernels::channel_norm_backward> channel_norm_backward;

}  // namespace backend::cpu

constinit const NormalizationKernels NormalizationKernels::cpu{
    .layer_norm = backend::cpu::layer_norm,
    .layer_norm_backward = backend::cpu::layer_norm_backward,
    .channel_moments = backend::cpu::channel_moments,
    .channel_norm = backend::cpu::channel_norm,
    .channel_norm_backward = backend::cpu::channel_norm_backward,
};

}  // namespace tenon
