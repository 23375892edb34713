#pragma once
// Layer normalisation of rows of floats or doubles, for the best instructions that the processor has.
#include <cstdint>

#include <tenon/dtype.h>

namespace tenon::backend::cpu {

/// One row of n: out = (in − mean)·rstd·weight + bias; weight and bias may be null.
struct NormRow {
  void* out;
  const void *in, *weight, *bias;
  int64_t n;
  double eps;
  bool centered;  ///< false: the mean counts as 0
};
struct Moments {
  double mean, rstd;  ///< rstd = 1 / √(variance + eps), the variance divided by n
};
Moments vector_layer_norm(DType type, const NormRow& row);

/// Going back through one row: `dx`, and what the row adds to the gradients of weight and bias. Null: not wanted.
struct NormBackwardRow {
  void *dx, *dweight, *dbias;
  const void *grad, *in, *weight;
  int64_t n;
  Moments moments;
  bool centered;
};
void vector_layer_norm_backward(DType type, const NormBackwardRow& row);

}  // namespace tenon::backend::cpu
