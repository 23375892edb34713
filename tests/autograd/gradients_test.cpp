// The gradient and the second derivative of every operation, against differences.
#include <tenon/nn/functional.h>
#include <tenon/random.h>

#include "autograd/gradcheck.h"

namespace tenon::gradients_test {
namespace {

using test::Function;
using test::gradchecks;
using test::leaf;
using test::leaves;
using Inputs = std::vector<Tensor>;

/// A function of one tensor on each layout of each shape.
void check_one(const Function& f, const std::vector<Shape>& shapes, double offset = 0) {
  for (const Shape& shape : shapes)
    for (const Tensor& x : leaves(shape, 3, offset)) {
      gradchecks(f, {x});
      if (testing::Test::HasFailure()) FAIL() << shape.to_string() << ", strides " << x.strides().to_string();
    }
}

const std::vector<Shape> usual{{}, {3}, {2, 5}, {2, 2, 3}, {0, 2}};

TEST(Gradient, OfElementaryFunctions) {
  check_one([](const Inputs& x) { return -x[0]; }, usual);
  check_one([](const Inputs& x) { return x[0].abs(); }, usual);
  check_one([](const Inputs& x) { return x[0].exp(); }, usual);
  check_one([](const Inputs& x) { return x[0].log(); }, usual, 2);
  check_one([](const Inputs& x) { return x[0].sqrt(); }, usual, 2);
  check_one([](const Inputs& x) { return x[0].tanh(); }, usual);
  check_one([](const Inputs& x) { return x[0].sigmoid(); }, usual);
  check_one([](const Inputs& x) { return x[0].relu(); }, usual);
}

TEST(Gradient, OfArithmeticWithBroadcasting) {
  const std::vector<Function> functions{
      [](const Inputs& x) { return x[0] + x[1]; },         [](const Inputs& x) { return add(x[0], x[1], 2.5); },
      [](const Inputs& x) { return x[0] - x[1]; },         [](const Inputs& x) { return sub(x[0], x[1], -0.5); },
      [](const Inputs& x) { return x[0] * x[1]; },         [](const Inputs& x) { return x[0] / x[1]; },
      [](const Inputs& x) { return maximum(x[0], x[1]); }, [](const Inputs& x) { return minimum(x[0], x[1]); }};
  const std::vector<std::pair<Shape, Shape>> shapes{{{2, 3}, {2, 3}}, {{3}, {2, 3}}, {{2, 3}, {2, 1}},   {{}, {2, 2}},
                                                    {{2, 1}, {1, 3}}, {{0, 3}, {3}}, {{2, 1, 2}, {3, 1}}};
  for (std::size_t k = 0; k < functions.size(); ++k)
    for (const auto& [a, b] : shapes)
      for (const Tensor& x : leaves(a, 1))
        for (const Tensor& y : leaves(b, 2, 3)) {
          // Where the extremum changes there is no derivative: y is moved to x's neighbourhood, some above, some below.
          gradchecks([&](const Inputs& in) { return functions[k](k < 6 ? in : Inputs{in[0], in[1] - 3}); }, {x, y});
          if (HasFailure()) FAIL() << "function " << k << ", " << a.to_string() << " and " << b.to_string();
        }
}

TEST(Gradient, OfOneOperandWhereTheOtherIsFixed) {
  const Tensor x = leaf({2, 3}), c = test::noise({3}, float64, 9) + 2;
  for (const Function& f : std::vector<Function>{
           [&](const Inputs& in) { return in[0] * c; }, [&](const Inputs& in) { return c * in[0]; },
           [&](const Inputs& in) { return in[0] / c; }, [&](const Inputs& in) { return c / (in[0] + 2); },
           [&](const Inputs& in) { return 2 - in[0]; }, [&](const Inputs& in) { return 3.0 / (in[0] + 2); },
           [&](const Inputs& in) { return in[0] * 2 + 1; }, [&](const Inputs& in) { return maximum(in[0], c - 2); }})
    gradchecks(f, {x});
}

TEST(Gradient, OfATensorWithItself) {
  check_one([](const Inputs& x) { return x[0] * x[0]; }, usual);
  check_one([](const Inputs& x) { return x[0] / x[0] + x[0]; }, usual, 2);
  check_one([](const Inputs& x) { return matmul(x[0], x[0]); }, {{3, 3}});
}

TEST(Gradient, OfSumsMeansAndNorms) {
  const std::vector<Shape> shapes{{2, 3}, {2, 2, 3}};
  for (const Shape& dims : {Shape{}, Shape{0}, Shape{-1}, Shape{0, 1}, Shape{-1, 0}})
    for (const bool keepdim : {false, true}) {
      check_one([&](const Inputs& x) { return x[0].sum(dims, keepdim) * x[0].sum(); }, shapes);
      check_one([&](const Inputs& x) { return x[0].mean(dims, keepdim) * x[0].mean(); }, shapes);
    }
  check_one([](const Inputs& x) { return x[0].sum() * 2; }, {{}, {0, 3}});
  check_one([](const Inputs& x) { return x[0].sum({1}); }, {{3, 0}});
  check_one([](const Inputs& x) { return x[0].norm(); }, {{}, {5}, {2, 3}}, 2);
}

TEST(Gradient, OfTheNormAtZeroIsZero) {
  const Tensor x = zeros({3}, {.requires_grad = true});
  x.norm().backward();
  test::expect_values(x.grad(), {3}, {0, 0, 0});
}

TEST(Gradient, OfEqualsIsSharedByBothExtremes) {
  const Tensor a = ones({2}, {.requires_grad = true}), b = ones({2}, {.requires_grad = true});
  maximum(a, b).sum().backward();
  test::expect_values(a.grad(), {2}, {0.5, 0.5});
  test::expect_values(b.grad(), {2}, {0.5, 0.5});
}

TEST(Gradient, OfViews) {
  const std::vector<Function> functions{[](const Inputs& x) {
                                          return x[0].reshape({6, 2});
                                        },
                                        [](const Inputs& x) { return x[0].flatten(1); },
                                        [](const Inputs& x) {
                                          return x[0].permute({2, 0, 1});
                                        },
                                        [](const Inputs& x) { return x[0].transpose(0, -1); },
                                        [](const Inputs& x) { return x[0].unsqueeze(1); },
                                        [](const Inputs& x) { return x[0].unsqueeze(-1).squeeze(-1); },
                                        [](const Inputs& x) { return x[0].narrow(1, 1, 2); },
                                        [](const Inputs& x) { return x[0].narrow(-1, -2, 1); },
                                        [](const Inputs& x) { return x[0].select(1, 1); },
                                        [](const Inputs& x) { return x[0].select(-1, -1); },
                                        [](const Inputs& x) { return x[0].contiguous(); },
                                        [](const Inputs& x) { return x[0].clone(); },
                                        [](const Inputs& x) { return x[0][0].t(); },
                                        [](const Inputs& x) {
                                          return x[0].unsqueeze(0).expand({3, -1, -1, -1});
                                        },
                                        [](const Inputs& x) { return x[0].contiguous().view({12}); }};
  for (std::size_t k = 0; k < functions.size(); ++k) {
    check_one([&](const Inputs& x) { return functions[k](x) * functions[k](x); }, {{2, 3, 2}});
    if (HasFailure()) FAIL() << "function " << k;
  }
  check_one([](const Inputs& x) { return x[0].expand({3, 2, 4}); }, {{2, 1}, {1, 1}, {}});
  check_one([](const Inputs& x) { return x[0].narrow(0, 1, 0); }, {{2, 3}});
}

TEST(Gradient, OfSelectionsAndJoins) {
  const Tensor index = tensor({2, 0, 2}).to(int64);
  check_one([&](const Inputs& x) { return x[0].index_select(0, index) * 2; }, {{3}, {3, 2}});
  check_one([&](const Inputs& x) { return x[0].index_select(-1, index).exp(); }, {{2, 3}, {0, 3}});
  for (const Tensor& a : leaves({2, 3}, 1))
    for (const Tensor& b : leaves({2, 2}, 2))
      gradchecks([](const Inputs& x) { return cat({x[0], x[1], x[0]}, 1).exp(); }, {a, b});
  for (const Tensor& a : leaves({2, 3}, 1))
    for (const Tensor& b : leaves({2, 3}, 2))
      gradchecks([](const Inputs& x) { return stack({x[0], x[1]}, 1).exp(); }, {a, b});
}

TEST(Gradient, OfProducts) {
  const std::vector<std::pair<Shape, Shape>> shapes{{{2, 3}, {3, 2}}, {{3}, {3}},          {{2, 3}, {3}},
                                                    {{3}, {3, 2}},    {{2, 2, 3}, {3, 2}}, {{2, 2, 3}, {3}},
                                                    {{2, 0}, {0, 3}}, {{0, 2}, {2, 3}}};
  for (const auto& [a, b] : shapes)
    for (const Tensor& x : leaves(a, 1))
      for (const Tensor& y : leaves(b, 2)) {
        gradchecks([](const Inputs& in) { return matmul(in[0], in[1]); }, {x, y});
        if (HasFailure()) FAIL() << a.to_string() << "·" << b.to_string();
      }
  gradchecks([](const Inputs& in) { return matmul(in[0], in[1]); }, {leaf({9, 10}, 1), leaf({10, 7}, 2)});
}

TEST(Gradient, OfLinear) {
  using nn::functional::linear;
  for (const Shape& shape : {Shape{3}, Shape{1, 3}, Shape{4, 3}, Shape{2, 2, 3}})
    for (const Tensor& x : leaves(shape, 1))
      for (const Tensor& w : leaves({2, 3}, 2)) {
        gradchecks([](const Inputs& in) { return linear(in[0], in[1], in[2]); }, {x, w, leaf({2}, 3)});
        gradchecks([](const Inputs& in) { return linear(in[0], in[1]); }, {x, w});
        if (HasFailure()) FAIL() << shape.to_string();
      }
  const Tensor x = test::noise({2, 3}, float64), w = test::noise({4, 3}, float64, 2);
  gradchecks([&](const Inputs& in) { return linear(x, w, in[0]); }, {leaf({4})});
  gradchecks([&](const Inputs& in) { return linear(in[0], w); }, {leaf({2, 3})});
  gradchecks([&](const Inputs& in) { return linear(x, in[0]); }, {leaf({4, 3})});
}

TEST(Gradient, OfProbabilities) {
  for (int64_t d = 0; d < 2; ++d) {
    check_one([d](const Inputs& x) { return softmax(x[0], d); }, {{2, 3}, {2, 2, 2}, {2, 0}});
    check_one([d](const Inputs& x) { return log_softmax(x[0], d); }, {{2, 3}, {2, 2, 2}, {2, 0}});
  }
  check_one([](const Inputs& x) { return softmax(x[0], 0); }, {{}});
}

TEST(Gradient, OfCrossEntropy) {
  using nn::functional::cross_entropy;
  using nn::functional::Reduction;
  const Tensor target = tensor({2, 0, 1}).to(int64), weight = tensor({0.5, 2.0, 1.0}, {float64});
  for (const Reduction reduction : {Reduction::none, Reduction::mean, Reduction::sum})
    for (const double smoothing : {0.0, 0.2})
      for (const Tensor& w : {Tensor(), weight})
        for (const int64_t ignored : {-100, 1})
          check_one(
              [&](const Inputs& x) {
                return cross_entropy(
                    x[0], target,
                    {.weight = w, .ignore_index = ignored, .reduction = reduction, .label_smoothing = smoothing});
              },
              {{3, 3}});
}

TEST(Gradient, OfDropout) {
  check_one(
      [](const Inputs& x) {
        manual_seed(4);
        return nn::functional::dropout(x[0].exp(), 0.4);
      },
      {{2, 5}, {2, 2, 3}});
}

TEST(Gradient, OfConversionsHasTheInputsType) {
  const Tensor x = ones({3}, {.requires_grad = true});
  (x.to(float64) * tensor({1.0, 2.0, 3.0}, {float64})).sum().backward();
  EXPECT_EQ(x.grad().dtype(), float32);
  test::expect_values(x.grad(), {3}, {1, 2, 3});
  const Tensor h = ones({3}, {.dtype = bfloat16, .requires_grad = true});
  (h * ones({3}) + h).sum().backward();
  EXPECT_EQ(h.grad().dtype(), bfloat16);
  test::expect_values(h.grad(), {3}, {2, 2, 2});
  EXPECT_FALSE(x.to(int64).requires_grad());
}

TEST(Gradient, OfALongerComputation) {
  gradchecks(
      [](const Inputs& in) {
        const Tensor h = nn::functional::linear(in[0], in[1], in[2]).tanh();
        return log_softmax((matmul(h, in[1]) + in[0]) / (h.norm() + 1), 1).mean({0}) * h.sum();
      },
      {leaf({4, 3}, 1), leaf({2, 3}, 2), leaf({2}, 3)});
}

}  // namespace
}  // namespace tenon::gradients_test
