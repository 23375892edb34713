// Integrals by the trapezoidal rule.
#include "autograd/gradcheck.h"

namespace tenon::trapezoid_test {
namespace {

using test::error_of;
using test::expect_values;
using test::leaf;
using Inputs = std::vector<Tensor>;

TEST(Trapezoid, OfStraightLinesIsExact) {
  const Tensor x = tensor({0.0, 0.5, 2.0, 3.0}), y = x * 2 + 1;
  EXPECT_EQ(trapezoid(y, x).item<double>(), 12);
  expect_values(cumulative_trapezoid(y, x), {3}, {0.75, 6, 12});
  EXPECT_EQ(trapezoid(tensor({1, 2, 3}), 0.5).item<double>(), 2);
  expect_values(cumulative_trapezoid(tensor({1, 2, 3})), {2}, {1.5, 4});
}

TEST(Trapezoid, AlongAnyDimensionWithPlacesOfItsOwnOrForAll) {
  const Tensor y = test::numbers({3, 4, 2}), x = tensor({0.0, 1.0, 3.0, 3.5});
  const Tensor last = trapezoid(y.transpose(1, 2), x);
  EXPECT_TRUE(test::identical(trapezoid(y, x, 1), last));
  EXPECT_TRUE(trapezoid(y, x.unsqueeze(1).expand({4, 2}), 1).allclose(last));
  EXPECT_TRUE(cumulative_trapezoid(y, x, -2).select(1, -1).allclose(last));
  EXPECT_EQ(trapezoid(y, 1, 0).shape(), (Shape{4, 2}));
  const Tensor rows = stack({x, x * 2});  // of more dimensions than the samples
  expect_values(trapezoid(ones({4}), rows), {2}, {3.5, 7});
}

TEST(Trapezoid, OfNothingOrOneSampleIsZero) {
  expect_values(trapezoid(zeros({2, 0})), {2}, {0, 0});
  expect_values(trapezoid(ones({2, 1})), {2}, {0, 0});
  EXPECT_EQ(cumulative_trapezoid(ones({2, 1})).shape(), (Shape{2, 0}));
}

TEST(Trapezoid, DerivativesAndErrors) {
  for (const Tensor& y : test::leaves({3, 4})) {
    test::gradchecks([](const Inputs& v) { return trapezoid(v[0], v[1]); }, {y, leaf({4}, 2)});
    test::gradchecks([](const Inputs& v) { return cumulative_trapezoid(v[0], v[1], 0); }, {y, leaf({3, 4}, 2)});
    test::gradchecks([](const Inputs& v) { return trapezoid(v[0], 0.25, 0).exp(); }, {y});
  }
  EXPECT_EQ(error_of([] {
              trapezoid(zeros({2, 3}), zeros({4}));
            }),
            "[trapezoid] expected 3 places, one for each sample of dimension 1, got 4");
  EXPECT_EQ(error_of([] { trapezoid(tensor(1.0)); }), "[trapezoid] expected at least 1 dimension, got a 0-dim tensor");
  EXPECT_EQ(error_of([] { cumulative_trapezoid(zeros({2}, {boolean})); }),
            "[cumulative_trapezoid] bool tensors cannot be integrated: convert to another type first");
}

}  // namespace
}  // namespace tenon::trapezoid_test
