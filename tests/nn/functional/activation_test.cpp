// Activation functions with parameters. Expected numbers are PyTorch 2.15's.
#include <tenon/device.h>
#include <tenon/nn/functional/activation.h>

#include "autograd/gradcheck.h"

namespace tenon {
namespace {

using nn::functional::gelu;
using nn::functional::GELUApproximation;
using nn::functional::leaky_relu;
using nn::functional::softplus;
using test::expect_values;
using test::infinity;
using test::nan;

/// Values, derivatives, and theirs, of f at x.
void expect_derivatives(const Tensor& at, Tensor (*f)(const Tensor&), const std::vector<double>& values,
                        const std::vector<double>& first, const std::vector<double>& second) {
  const Tensor x = at.detach().requires_grad_();
  const Tensor y = f(x);
  expect_values(y, at.shape(), values, 1e-6, 1e-7);
  expect_values(autograd::grad({f(x).sum()}, {x})[0], at.shape(), first, 1e-6, 1e-7);  // by the kernel
  const Tensor g = autograd::grad({y.sum()}, {x}, {.create_graph = true})[0];
  expect_values(g, at.shape(), first, 1e-6, 1e-7);
  expect_values(autograd::grad({g.sum()}, {x})[0], at.shape(), second, 1e-6, 1e-7);
}

const Tensor& points() {
  static const Tensor x = tensor({-infinity, -100.0, -1.0, -0.0, 0.0, 0.5, 7.0, 30.0, infinity, nan});
  return x;
}

TEST(LeakyRelu, ValuesAndDerivativesArePyTorchs) {
  expect_derivatives(points(), [](const Tensor& x) { return leaky_relu(x, 0.1); },
                     {-infinity, -10, -0.1, 0, 0, 0.5, 7, 30, infinity, nan},
                     {0.1, 0.1, 0.1, 0.1, 0.1, 1, 1, 1, 1, 0.1}, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
  expect_derivatives(points(), [](const Tensor& x) { return leaky_relu(x, 0); },
                     {nan, 0, 0, 0, 0, 0.5, 7, 30, infinity, nan}, {0, 0, 0, 0, 0, 1, 1, 1, 1, 0},
                     {0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
  expect_derivatives(points(), [](const Tensor& x) { return leaky_relu(x, -2); },
                     {infinity, 200, 2, 0, 0, 0.5, 7, 30, infinity, nan}, {-2, -2, -2, -2, -2, 1, 1, 1, 1, -2},
                     {0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
}

TEST(Softplus, ValuesAndDerivativesArePyTorchs) {
  expect_derivatives(points(), [](const Tensor& x) { return softplus(x); },
                     {0, 0, 0.3132617, 0.6931472, 0.6931472, 0.974077, 7.0009117, 30, infinity, nan},
                     {0, 0, 0.2689414, 0.5, 0.5, 0.6224594, 0.9990889, 1, 1, nan},
                     {0, 0, 0.1966119, 0.25, 0.25, 0.2350037, 0.0009102, 0, 0, nan});
  expect_derivatives(points(), [](const Tensor& x) { return softplus(x, 3, 1); },
                     {0, 0, 0.0161958, 0.2310491, 0.2310491, 0.5, 7, 30, infinity, nan},
                     {0, 0, 0.0474259, 0.5, 0.5, 1, 1, 1, 1, nan}, {0, 0, 0.13553, 0.75, 0.75, 0, 0, 0, 0, nan});
}

TEST(Activations, GradientsOfEveryLayout) {
  for (const Tensor& x : test::leaves({3, 4})) {
    test::gradchecks([](const auto& in) { return leaky_relu(in[0], 0.2); }, {x});
    test::gradchecks([](const auto& in) { return softplus(in[0], 2, 0.5); }, {x});
  }
}

TEST(Activations, RefuseIntegers) {
  EXPECT_EQ(test::error_of([] { leaky_relu(zeros({2}, {.dtype = int64})); }),
            "[leaky_relu] expected a floating-point tensor, got int64");
  EXPECT_EQ(test::error_of([] { softplus(zeros({2}, {.dtype = boolean})); }),
            "[softplus] expected a floating-point tensor, got bool");
}

TEST(ActivationsParallel, TheSameBitsForAnyNumberOfThreads) {
  const int before = num_threads();
  const Tensor x = test::noise({3, 40001}) * 4;
  std::vector<Tensor> all;
  for (const int threads : {1, 3}) {
    set_num_threads(threads);
    const Tensor leaf = x.detach().requires_grad_();
    Tensor y = gelu(leaf) + gelu(leaf, GELUApproximation::tanh) + leaky_relu(leaf) + softplus(leaf);
    y.sum().backward();
    all.push_back(y.detach());
    all.push_back(leaf.grad());
  }
  set_num_threads(before);
  EXPECT_TRUE(test::identical(all[0], all[2]));
  EXPECT_TRUE(test::identical(all[1], all[3]));
}

}  // namespace
}  // namespace tenon
