#include <tenon/nn/functional.h>
#include <tenon/random.h>

#include "autograd/gradcheck.h"

namespace tenon::layer_norm_test {
namespace {

using nn::functional::layer_norm;
using test::element;
using test::error_of;

/// One element by the definition, in double.
double normalized(const Tensor& x, const Shape& at, std::size_t dims, double eps) {
  double sum = 0, squares = 0, n = 0;
  test::for_each_index(Shape(x.shape().end() - dims, x.shape().end()), [&](const Shape& inner) {
    Shape i(at.begin(), at.end() - dims);
    for (const int64_t k : inner) i.push_back(k);
    const double v = element(x, i);
    sum += v;
    squares += v * v;
    n += 1;
  });
  const double mean = sum / n;
  return (element(x, at) - mean) / std::sqrt(squares / n - mean * mean + eps);
}

TEST(LayerNorm, EveryTypeAndLayoutOverOneAndTwoDimensions) {
  for (const DType type : test::real_types)
    for (const std::size_t dims : {std::size_t{1}, std::size_t{2}})
      for (const Tensor& x : test::layouts(test::numbers({3, 5, 37}, type))) {
        const Shape inner(x.shape().end() - dims, x.shape().end());
        const Tensor weight = test::numbers(inner, type, 1), bias = test::numbers(inner, type, 2);
        const Tensor y = layer_norm(x, inner, weight, bias, 1e-3);
        ASSERT_EQ(y.dtype(), type);
        test::expect_elements(y, 4 * test::tolerance(type), 4 * test::tolerance(type), [&](const Shape& i) {
          const Shape tail(i.end() - dims, i.end());
          return normalized(x, i, dims, 1e-3) * element(weight, tail) + element(bias, tail);
        });
      }
}

TEST(LayerNorm, ALargeMeanKeepsTheDigitsOfTheDifferences) {
  const Tensor x = tensor({1e6, 1e6 + 1, 1e6 + 2, 1e6 + 3}, {.dtype = float32});
  test::expect_values(layer_norm(x, {4}), {4}, {-1.3416355, -0.4472118, 0.4472118, 1.3416355}, 1e-5);
}

TEST(LayerNorm, WithoutRowsOrElements) {
  EXPECT_EQ(layer_norm(zeros({0, 4}), {4}).shape(), (Shape{0, 4}));
  EXPECT_EQ(layer_norm(zeros({3, 0}), {0}).shape(), (Shape{3, 0}));
  const Tensor weight = ones({4}, {.requires_grad = true});
  layer_norm(zeros({0, 4}), {4}, weight).sum().backward();
  test::expect_values(weight.grad(), {4}, {0, 0, 0, 0});
}

TEST(LayerNorm, GradientsOfInputWeightAndBias) {
  for (const Tensor& x : test::leaves({2, 3, 5})) {
    test::gradchecks([](const auto& in) { return layer_norm(in[0], {5}, in[1], in[2], 0.1); },
                     {x, test::leaf({5}, 2), test::leaf({5}, 3)});
    test::gradchecks([](const auto& in) { return layer_norm(in[0], {3, 5}, {}, {}, 0.1); }, {x});
  }
}

TEST(LayerNorm, ParallelGradientsAreTheSameForAnyNumberOfThreads) {
  const int threads = num_threads();
  const Tensor x = test::noise({700, 300});
  std::vector<Tensor> first;
  for (const int n : {1, 2, 3}) {
    set_num_threads(n);
    const Tensor in = x.clone().requires_grad_(), weight = ones({300}, {.requires_grad = true}),
                 bias = zeros({300}, {.requires_grad = true});
    layer_norm(in, {300}, weight, bias).backward(x);
    const std::vector<Tensor> grads{in.grad(), weight.grad(), bias.grad()};
    if (first.empty()) first = grads;
    for (std::size_t k = 0; k < grads.size(); ++k)
      EXPECT_TRUE(test::identical(grads[k], first[k])) << n << " threads, gradient " << k;
  }
  set_num_threads(threads);
}

TEST(LayerNorm, RefusesWhatDoesNotFit) {
  EXPECT_EQ(error_of([] {
              layer_norm(zeros({2, 3}), {4});
            }),
            "[layer_norm] expected an input whose last sizes are (4,), got (2, 3)");
  EXPECT_EQ(error_of([] {
              layer_norm(zeros({2, 3}), {3}, ones({2}));
            }),
            "[layer_norm] expected a weight of shape (3,), got (2,)");
  EXPECT_NE(error_of([] { layer_norm(zeros({2, 3}, {.dtype = int64}), {3}); }), "");
  EXPECT_NE(error_of([] { layer_norm(zeros({2, 3}), {}); }), "");
}

TEST(LayerNorm, OfAHalfTypeTakesParametersInFloat32AsPyTorchs) {
  const Tensor x = rand({3, 4}).to(bfloat16), weight = rand({4}).requires_grad_(), bias = rand({4}).requires_grad_();
  const Tensor y = layer_norm(x, {4}, weight, bias);
  EXPECT_TRUE(test::identical(y, layer_norm(x.to(float32), {4}, weight, bias).to(bfloat16)));
  y.sum().backward();
  EXPECT_EQ(weight.grad().dtype(), float32);
  EXPECT_EQ(nn::functional::rms_norm(x, {4}, weight).dtype(), bfloat16);
  EXPECT_EQ(error_of([&] { layer_norm(x, {4}, weight.detach().to(float64)); }),
            "[layer_norm] expected a weight of type bfloat16, as the input has, or float32, got float64");
}

}  // namespace
}  // namespace tenon::layer_norm_test
