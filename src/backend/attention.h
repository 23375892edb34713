#pragma once
// Attention that never holds all scores.
#include "backend/kernels.h"

namespace tenon {

/// softmax(query·keyᵀ·scale + mask)·value, head by head. No size is 0.
struct AttentionArgs {
  Tensor query;  ///< (N, H, L, E), float32 or float64, any strides
  Tensor key;    ///< (N, K, S, E) as query; K divides H: each is for H / K neighbouring heads of queries
  Tensor value;  ///< (N, K, S, V) as query
  /// (N, H, L, S), any strides: bool, true where a query may attend; or of query's type, added; or undefined.
  Tensor mask;
  double scale;
  bool causal;  ///< a query attends only to keys up to its own place
};

struct AttentionKernels {
  /// out (N, H, L, V), any strides; log_sums (N, H, L) contiguous takes log Σ exp of each query's scores, −∞ for one
  /// that may attend to nothing, whose result is 0.
  Kernel<"attention", void(const Tensor& out, const Tensor& log_sums, const AttentionArgs&)> attention;
  /// The gradients, contiguous, where defined; grad (N, H, L, V), any strides; products (N, H, L) contiguous has
  /// Σ out·grad of each query.
  Kernel<"attention_backward", void(const Tensor& dquery, const Tensor& dkey, const Tensor& dvalue, const Tensor& grad,
                                    const Tensor& log_sums, const Tensor& products, const AttentionArgs&)>
      attention_backward;

  static const AttentionKernels cpu, cuda, meta;
};

}  // namespace tenon
