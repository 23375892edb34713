#pragma once
// Gradients against central differences, in double: first derivatives, and second ones through a recorded backward.
#include <functional>
#include <vector>

#include "tensor/check.h"

namespace tenon::test {

using Function = std::function<Tensor(const std::vector<Tensor>&)>;

/// A direction for f's output, so that one number is differentiated and no two elements count alike.
inline Tensor weights_like(const Tensor& y, uint64_t seed) { return noise(y.shape(), float64, seed); }

/// ∂(f · direction)/∂x(index) by changing that one element.
inline double difference(const std::function<double()>& f, const Tensor& x, const Shape& index) {
  constexpr double step = 1e-5;
  const NoGrad guard;
  Tensor one = x;
  for (const int64_t i : index) one = one[i];
  const double before = one.item<double>();
  one.fill_(before + step);
  const double above = f();
  one.fill_(before - step);
  const double below = f();
  one.fill_(before);
  return (above - below) / (2 * step);
}

/// Fails where the gradient of any input (float64 leaves that require grad) differs from the differences.
inline void gradcheck(const Function& f, const std::vector<Tensor>& inputs, double near = 1e-7) {
  const Tensor direction = weights_like(f(inputs), 11);
  const auto value = [&] { return (f(inputs) * direction).sum().item<double>(); };
  for (const Tensor& x : inputs) x.set_grad({});
  const Tensor y = f(inputs);
  ASSERT_TRUE(y.requires_grad());
  y.backward(direction);
  for (std::size_t k = 0; k < inputs.size(); ++k) {
    const Tensor& x = inputs[k];
    if (!x.requires_grad()) continue;
    ASSERT_TRUE(x.grad().defined()) << "input " << k;
    ASSERT_EQ(x.grad().shape(), x.shape());
    ASSERT_EQ(x.grad().dtype(), x.dtype());
    expect_elements(x.grad(), near, near, [&](const Shape& i) { return difference(value, x, i); });
    if (testing::Test::HasFailure())
      FAIL() << "the gradient of input " << k << ", shape " << x.shape().to_string() << ", strides "
             << x.strides().to_string();
  }
}

/// The same for the gradients themselves, as functions of the inputs and of the gradient that comes in.
inline void gradgradcheck(const Function& f, const std::vector<Tensor>& inputs, double near = 1e-6) {
  std::vector<Tensor> all = inputs;
  all.push_back(weights_like(f(inputs), 12).requires_grad_());
  std::vector<Tensor> directions;
  for (std::size_t k = 0; k < inputs.size(); ++k) directions.push_back(weights_like(inputs[k], 13 + k));
  const auto gradients = [&](bool create_graph) {  // Σ over the inputs of gradient · direction
    for (const Tensor& x : all) x.set_grad({});
    f(inputs).backward(all.back(), {.create_graph = create_graph});
    Tensor sum = zeros({}, {float64});
    for (std::size_t k = 0; k < inputs.size(); ++k)
      if (inputs[k].requires_grad()) sum = sum + (inputs[k].grad() * directions[k]).sum();
    for (const Tensor& x : all) x.set_grad({});
    return sum;
  };
  const auto value = [&] {
    const EnableGrad guard;
    return gradients(false).item<double>();
  };
  const Tensor sum = gradients(true);
  ASSERT_TRUE(sum.requires_grad());
  sum.backward();
  std::vector<Tensor> second;
  for (const Tensor& x : all) {
    second.push_back(x.grad());
    x.set_grad({});
  }
  for (std::size_t k = 0; k < all.size(); ++k) {
    if (!all[k].requires_grad()) continue;
    const Tensor got = second[k].defined() ? second[k] : zeros_like(all[k]);
    expect_elements(got, near, near, [&](const Shape& i) { return difference(value, all[k], i); });
    if (testing::Test::HasFailure())
      FAIL() << "the second derivative by input " << k << ", shape " << all[k].shape().to_string();
  }
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
