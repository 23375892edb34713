#pragma once
// Gradients against differences, as the library's own checker compares them, but closer: first derivatives and second
// ones.
#include <functional>
#include <vector>

#include <tenon/gradcheck.h>

#include "tensor/check.h"

namespace tenon::test {

using Function = autograd::OneOutput;

/// Fails where the gradient of any input (float64 leaves that require grad) differs from the differences.
inline void gradcheck(const Function& f, const std::vector<Tensor>& inputs, double near = 1e-7) {
  EXPECT_EQ(error_of([&] { autograd::gradcheck(f, inputs, {.eps = 1e-5, .atol = near, .rtol = near}); }), "");
}

/// The same for the gradients themselves, as functions of the inputs and of the gradient that comes in.
inline void gradgradcheck(const Function& f, const std::vector<Tensor>& inputs, double near = 1e-6) {
  EXPECT_EQ(error_of([&] { autograd::gradgradcheck(f, inputs, {}, {.eps = 1e-5, .atol = near, .rtol = near}); }), "");
}

inline void gradchecks(const Function& f, const std::vector<Tensor>& inputs) {
  gradcheck(f, inputs);
  if (!testing::Test::HasFailure()) gradgradcheck(f, inputs);
}

/// Numbers of a shape, as float64 leaves in each memory layout.
inline std::vector<Tensor> leaves(const Shape& shape, uint64_t seed = 1, double offset = 0) {
  std::vector<Tensor> all;
  for (const Tensor& x : layouts(noise(shape, float64, seed) + offset)) all.push_back(x.detach().requires_grad_());
  return all;
}
inline Tensor leaf(const Shape& shape, uint64_t seed = 1, double offset = 0) {
  return leaves(shape, seed, offset).front();
}

}  // namespace tenon::test
