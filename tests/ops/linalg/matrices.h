#pragma once
// What the tests of linear algebra share.
#include "autograd/gradcheck.h"

namespace tenon::test {

/// (*, m, n) with columns that are far from dependent.
inline Tensor regular(const Shape& shape, DType type = float64, uint64_t seed = 1) {
  const Tensor a = noise(shape, float64, seed);
  const int64_t m = shape[shape.size() - 2], n = shape[shape.size() - 1];
  return (a + eye(m, n, {float64}) * 2).to(type);
}
/// (*, n, n), symmetric with eigenvalues of 1 and more.
inline Tensor definite(const Shape& shape, DType type = float64, uint64_t seed = 1) {
  const Tensor a = noise(shape, float64, seed);
  return (matmul(a, a.transpose(-2, -1)) + eye(shape.back(), {}, {float64})).to(type);
}
/// The same numbers in a leaf for gradients.
inline Tensor leaf_of(const Tensor& x) { return x.clone().requires_grad_(); }

inline double near(DType type) { return type == float64 ? 1e-12 : 1e-5; }
inline void expect_close(const Tensor& got, const Tensor& wanted, double by) {
  ASSERT_EQ(got.shape(), wanted.shape()) << got.shape().to_string();
  ASSERT_EQ(got.dtype(), wanted.dtype());
  expect_elements(got, by, by, [&](const Shape& i) { return element(wanted, i); });
}
inline Tensor transposed(const Tensor& x) { return x.transpose(-2, -1); }

/// Matrices of a shape, as they may lie in memory.
inline std::vector<Tensor> laid_out(const Tensor& x) {
  std::vector<Tensor> all = layouts(x);
  all.push_back(transposed(transposed(x).contiguous()));
  return all;
}

}  // namespace tenon::test
