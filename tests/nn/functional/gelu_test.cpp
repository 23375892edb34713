#include <tenon/nn/functional.h>

#include "autograd/gradcheck.h"

namespace tenon::gelu_test {
namespace {

using nn::functional::gelu;
using nn::functional::GELUApproximation;
using test::element;

TEST(Gelu, IsXTimesTheNormalDistribution) {
  for (const DType type : test::real_types)
    for (const Tensor& x : test::layouts(test::numbers({3, 17}, type)))
      test::expect_elements(gelu(x), test::tolerance(type), test::tolerance(type), [&](const Shape& i) {
        const double v = element(x, i);
        return v * (1 + std::erf(v / std::sqrt(2.0))) / 2;
      });
}

TEST(Gelu, IsApproximatedByTanh) {
  const Tensor x = test::numbers({3, 17}, float64);
  test::expect_elements(gelu(x, GELUApproximation::tanh), 1e-12, 1e-12, [&](const Shape& i) {
    const double v = element(x, i);
    return v / 2 * (1 + std::tanh(std::sqrt(2 / std::acos(-1.0)) * (v + 0.044715 * v * v * v)));
  });
}

TEST(Gelu, Gradients) {
  for (const Tensor& x : test::leaves({3, 4})) {
    test::gradchecks([](const auto& in) { return gelu(in[0]); }, {x});
    test::gradchecks([](const auto& in) { return gelu(in[0], GELUApproximation::tanh); }, {x});
  }
}

TEST(Gelu, RefusesIntegers) {
  EXPECT_NE(test::error_of([] { gelu(zeros({2}, {.dtype = int64})); }), "");
}

}  // namespace
}  // namespace tenon::gelu_test
