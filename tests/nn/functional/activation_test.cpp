// Activation functions. Expected numbers are PyTorch 2.15's.
#include <tenon/device.h>
#include <tenon/nn/functional/activation.h>
#include <tenon/random.h>

#include "autograd/gradcheck.h"

namespace tenon::functional_activation_test {
namespace {

namespace F = nn::functional;

using F::gelu;
using F::GELUApproximation;
using F::leaky_relu;
using F::softplus;
using test::error_of;
using test::expect_values;
using test::infinity;
using test::nan;

/// Values, and derivatives, of f at x.
void expect_first(const Tensor& at, Tensor (*f)(const Tensor&), const std::vector<double>& values,
                  const std::vector<double>& first) {
  const Tensor x = at.detach().requires_grad_();
  expect_values(f(x), at.shape(), values, 1e-6, 1e-7);
  expect_values(autograd::grad({f(x).sum()}, {x})[0], at.shape(), first, 1e-6, 1e-7);  // by the kernel
}

/// The same, and derivatives of the derivatives.
void expect_derivatives(const Tensor& at, Tensor (*f)(const Tensor&), const std::vector<double>& values,
                        const std::vector<double>& first, const std::vector<double>& second) {
  expect_first(at, f, values, first);
  const Tensor x = at.detach().requires_grad_();
  const Tensor g = autograd::grad({f(x).sum()}, {x}, {.create_graph = true})[0];
  expect_values(g, at.shape(), first, 1e-6, 1e-7);
  expect_values(autograd::grad({g.sum()}, {x})[0], at.shape(), second, 1e-6, 1e-7);
}

const Tensor& points() {
  static const Tensor x = tensor({-infinity, -100.0, -1.0, -0.0, 0.0, 0.5, 7.0, 30.0, infinity, nan});
  return x;
}
const std::vector<double> zeros_10(10, 0);

TEST(LeakyRelu, ValuesAndDerivativesArePyTorchs) {
  expect_derivatives(
      points(), [](const Tensor& x) { return leaky_relu(x, 0.1); },
      {-infinity, -10, -0.1, 0, 0, 0.5, 7, 30, infinity, nan}, {0.1, 0.1, 0.1, 0.1, 0.1, 1, 1, 1, 1, 0.1}, zeros_10);
  expect_derivatives(
      points(), [](const Tensor& x) { return leaky_relu(x, 0); }, {nan, 0, 0, 0, 0, 0.5, 7, 30, infinity, nan},
      {0, 0, 0, 0, 0, 1, 1, 1, 1, 0}, zeros_10);
  expect_derivatives(
      points(), [](const Tensor& x) { return leaky_relu(x, -2); }, {infinity, 200, 2, 0, 0, 0.5, 7, 30, infinity, nan},
      {-2, -2, -2, -2, -2, 1, 1, 1, 1, -2}, zeros_10);
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

TEST(ActivationsOfStraightLines, ValuesAndDerivativesArePyTorchs) {
  expect_derivatives(
      points(), [](const Tensor& x) { return F::threshold(x, 0.25, 7); }, {7, 7, 7, 7, 7, 0.5, 7, 30, infinity, nan},
      {0, 0, 0, 0, 0, 1, 1, 1, 1, 1}, zeros_10);
  expect_derivatives(
      points(), [](const Tensor& x) { return F::hardtanh(x, -2, 3); }, {-2, -2, -1, 0, 0, 0.5, 3, 3, 3, nan},
      {0, 0, 1, 1, 1, 1, 0, 0, 0, 1}, zeros_10);
  expect_derivatives(
      points(), [](const Tensor& x) { return F::relu6(x); }, {0, 0, 0, 0, 0, 0.5, 6, 6, 6, nan},
      {0, 0, 0, 0, 0, 1, 0, 0, 0, 1}, zeros_10);
  expect_derivatives(
      points(), [](const Tensor& x) { return F::hardshrink(x, 0.75); },
      {-infinity, -100, -1, 0, 0, 0, 7, 30, infinity, nan}, {1, 1, 1, 0, 0, 0, 1, 1, 1, 1}, zeros_10);
  expect_derivatives(
      points(), [](const Tensor& x) { return F::softshrink(x, 0.75); },
      {-infinity, -99.25, -0.25, 0, 0, 0, 6.25, 29.25, infinity, nan}, {1, 1, 1, 0, 0, 0, 1, 1, 1, 1}, zeros_10);
  expect_derivatives(
      points(), [](const Tensor& x) { return F::hardsigmoid(x); }, {0, 0, 1.0 / 3, 0.5, 0.5, 0.5833333, 1, 1, 1, nan},
      {0, 0, 1.0 / 6, 1.0 / 6, 1.0 / 6, 1.0 / 6, 0, 0, 0, 0}, zeros_10);
  expect_first(points(), [](const Tensor& x) { return F::hardswish(x); },
               {nan, 0, -1.0 / 3, 0, 0, 0.2916667, 7, 30, infinity, nan},
               {0, 0, 1.0 / 6, 0.5, 0.5, 2.0 / 3, 1, 1, 1, 1});
}

TEST(SmoothActivations, ValuesAndDerivativesArePyTorchs) {
  expect_derivatives(points(), [](const Tensor& x) { return F::elu(x, 1.5); },
                     {-1.5, -1.5, -0.9481808, 0, 0, 0.5, 7, 30, infinity, nan},
                     {0, 0, 0.5518192, 1.5, 1.5, 1, 1, 1, 1, 1}, {0, 0, 0.5518192, 0, 0, 0, 0, 0, 0, 0});
  expect_derivatives(points(), [](const Tensor& x) { return F::selu(x); },
                     {-1.758099, -1.758099, -1.111331, 0, 0, 0.5253505, 7.354907, 31.52103, infinity, nan},
                     {0, 0, 0.6467686, 1.758099, 1.758099, 1.050701, 1.050701, 1.050701, 1.050701, 1.050701},
                     {0, 0, 0.6467686, 0, 0, 0, 0, 0, 0, 0});
  expect_derivatives(points(), [](const Tensor& x) { return F::celu(x, 2); },
                     {-2, -2, -0.7869387, 0, 0, 0.5, 7, 30, infinity, nan}, {0, 0, 0.6065307, 1, 1, 1, 1, 1, 1, 1},
                     {0, 0, 0.3032653, 0, 0, 0, 0, 0, 0, 0});
  expect_derivatives(points(), [](const Tensor& x) { return F::silu(x); },
                     {nan, 0, -0.2689414, 0, 0, 0.3112297, 6.993623, 30, infinity, nan},
                     {nan, 0, 0.07232948, 0.5, 0.5, 0.7399612, 1.00546, 1, nan, nan},
                     {nan, 0, 0.3023661, 0.5, 0.5, 0.441229, -0.004539229, 0, nan, nan});
  expect_first(points(), [](const Tensor& x) { return F::mish(x); },
               {nan, 0, -0.3034014, 0, 0, 0.3752452, 6.999989, 30, infinity, nan},
               {nan, 0, 0.05921675, 0.6, 0.6, 0.8864244, 1.000022, 1, nan, nan});
  expect_derivatives(points(), [](const Tensor& x) { return F::logsigmoid(x); },
                     {-infinity, -100, -1.313262, -0.6931472, -0.6931472, -0.474077, -0.0009114665, 0, 0, nan},
                     {1, 1, 0.7310586, 0.5, 0.5, 0.3775407, 0.0009110512, 0, 0, nan},
                     {0, 0, -0.1966119, -0.25, -0.25, -0.2350037, -0.0009101675, 0, 0, nan});
  expect_derivatives(points(), [](const Tensor& x) { return F::tanhshrink(x); },
                     {-infinity, -99, -0.2384058, 0, 0, 0.03788283, 6.000002, 29, infinity, nan},
                     {1, 1, 0.5800257, 0, 0, 0.2135523, 0.9999967, 1, 1, nan},
                     {0, 0, -0.6396999, 0, 0, 0.726862, 6.675704e-06, 0, 0, nan});
  expect_derivatives(tensor({-100.0, -1.0, 0.0, 0.5, 7.0, 30.0, nan}), [](const Tensor& x) { return F::softsign(x); },
                     {-0.990099, -0.5, 0, 0.3333333, 0.875, 0.9677419, nan},
                     {9.802915e-05, 0.25, 1, 0.4444444, 0.015625, 0.001040583, nan},
                     {1.941167e-06, 0.25, 0, -0.5925926, -0.00390625, -6.713439e-05, nan});
}

TEST(Mish, KeepsItsDigitsFarBelowZero) {
  // torch.nn.functional.mish(torch.tensor([-60.0, -20.0, 19.0, 21.0], dtype=torch.float64))
  test::expect_elements(F::mish(tensor({-60.0, -20.0, 19.0, 21.0}).to(float64)), 1e-14, 0, [](const Shape& i) {
    return std::array{-5.253906457617912e-25, -4.122307240628762e-08, 18.999999999999996,
                      21.0}[static_cast<std::size_t>(i[0])];
  });
}

struct Form {
  const char* name;
  Tensor (*f)(const Tensor&);
  const Tensor& (*in_place)(const Tensor&);  ///< null: there is none
};
const std::vector<Form>& forms() {
  static const std::vector<Form> all{
      {"leaky_relu", [](const Tensor& x) { return leaky_relu(x, 0.2); },
       [](const Tensor& x) -> const Tensor& { return F::leaky_relu_(x, 0.2); }},
      {"softplus", [](const Tensor& x) { return softplus(x, 2, 0.5); }, nullptr},
      {"gelu", [](const Tensor& x) { return gelu(x); }, nullptr},
      {"threshold", [](const Tensor& x) { return F::threshold(x, 0.3, -2); },
       [](const Tensor& x) -> const Tensor& { return F::threshold_(x, 0.3, -2); }},
      {"hardtanh", [](const Tensor& x) { return F::hardtanh(x, -0.5, 0.25); },
       [](const Tensor& x) -> const Tensor& { return F::hardtanh_(x, -0.5, 0.25); }},
      {"relu6", F::relu6, F::relu6_},
      {"hardshrink", [](const Tensor& x) { return F::hardshrink(x, 0.3); }, nullptr},
      {"softshrink", [](const Tensor& x) { return F::softshrink(x, 0.3); }, nullptr},
      {"hardsigmoid", F::hardsigmoid, F::hardsigmoid_},
      {"hardswish", F::hardswish, F::hardswish_},
      {"elu", [](const Tensor& x) { return F::elu(x, 1.5); },
       [](const Tensor& x) -> const Tensor& { return F::elu_(x, 1.5); }},
      {"selu", F::selu, F::selu_},
      {"celu", [](const Tensor& x) { return F::celu(x, 0.7); },
       [](const Tensor& x) -> const Tensor& { return F::celu_(x, 0.7); }},
      {"silu", F::silu, F::silu_},
      {"mish", F::mish, F::mish_},
      {"logsigmoid", F::logsigmoid, nullptr},
      {"softsign", F::softsign, nullptr},
      {"tanhshrink", F::tanhshrink, nullptr},
  };
  return all;
}

TEST(Activations, GradientsOfEveryLayout) {
  for (const Form& form : forms())
    for (const Tensor& x : test::leaves({3, 4}))
      test::gradchecks([&](const auto& in) { return form.f(in[0]) * in[0]; }, {x});
}

TEST(Activations, HalfTypesAreComputedInFloatAndRoundedOnce) {
  for (const Form& form : forms())
    for (const DType type : {float16, bfloat16})
      for (const Tensor& x : test::layouts(test::noise({5, 7}, type) * 4))
        EXPECT_TRUE(test::identical(form.f(x), form.f(x.to(float32)).to(type))) << form.name;
}

TEST(Activations, InPlaceGiveTheSameValuesAndGradients) {
  for (const Form& form : forms()) {
    if (!form.in_place) continue;
    for (const Tensor& values : test::layouts(test::noise({3, 5}) * 4)) {
      const Tensor plain = values.clone();
      EXPECT_TRUE(form.in_place(plain).is_same(plain)) << form.name;
      EXPECT_TRUE(test::identical(plain, form.f(values))) << form.name;
      const Tensor a = values.detach().requires_grad_(), b = values.detach().requires_grad_();
      const Tensor changed = a * 1;
      form.in_place(changed);
      (changed * changed).sum().backward();
      const Tensor y = form.f(b * 1);
      (y * y).sum().backward();
      EXPECT_TRUE(test::identical(a.grad(), b.grad())) << form.name;
    }
  }
}

TEST(Activations, OfNothingAreNothingAndHaveShapesOnTheMetaDevice) {
  for (const Form& form : forms()) {
    EXPECT_EQ(form.f(zeros({0, 3})).shape(), Shape({0, 3}));
    const Tensor x = empty({2, 3}, {.device = kMeta}).requires_grad_();
    form.f(x).sum().backward();
    EXPECT_EQ(x.grad().shape(), Shape({2, 3})) << form.name;
  }
}

TEST(Activations, RefuseIntegers) {
  EXPECT_EQ(error_of([] { leaky_relu(zeros({2}, {.dtype = int64})); }),
            "[leaky_relu] expected a floating-point tensor, got int64");
  EXPECT_EQ(error_of([] { softplus(zeros({2}, {.dtype = boolean})); }),
            "[softplus] expected a floating-point tensor, got bool");
  EXPECT_EQ(error_of([] { F::elu_(zeros({2}, {.dtype = int64})); }),
            "[elu_] expected a floating-point tensor, got int64");
  EXPECT_EQ(error_of([] { F::hardtanh(zeros({2}, {.dtype = boolean})); }),
            "[hardtanh] expected a floating-point tensor, got bool");
}

TEST(Activations, OfIntegersAsPyTorchHasThem) {
  const Tensor x = arange(-3, 4);
  expect_values(F::hardtanh(x), {7}, {-1, -1, -1, 0, 1, 1, 1});
  expect_values(F::hardtanh_(x.clone(), -2.5, 1.5), {7}, {-2, -2, -1, 0, 1, 1, 1});
  expect_values(F::relu6(x * 4), {7}, {0, 0, 0, 0, 4, 6, 6});
  expect_values(F::relu6_(x.clone()), {7}, {0, 0, 0, 0, 1, 2, 3});
  expect_values(F::threshold(x, 1, 7), {7}, {7, 7, 7, 7, 7, 2, 3});
  expect_values(F::threshold_(x.clone(), 1, 7), {7}, {7, 7, 7, 7, 7, 2, 3});
  EXPECT_EQ(F::threshold(x, 1, 7).dtype(), int64);
  EXPECT_EQ(F::softsign(x).dtype(), float32);
  expect_values(F::softsign(x), {7}, {-0.75, -2.0 / 3, -0.5, 0, 0.5, 2.0 / 3, 0.75}, 1e-6);
  EXPECT_EQ(F::tanhshrink(x).dtype(), float32);
}

TEST(Activations, RefuseParametersThatMakeNoSense) {
  const Tensor x = ones({2});
  EXPECT_EQ(error_of([&] { F::hardtanh(x, 1, -1); }),
            "[hardtanh] expected min_val <= max_val, got min_val = 1 and max_val = -1");
  EXPECT_EQ(error_of([&] { F::softshrink(x, -1); }), "[softshrink] expected a lambd of 0 or more, got -1");
  EXPECT_EQ(error_of([&] { F::celu(x, 0); }), "[celu] expected an alpha other than 0");
  EXPECT_TRUE(test::identical(F::hardshrink(x, -1), x));
}

TEST(ActivationsParallel, TheSameBitsForAnyNumberOfThreads) {
  const int before = num_threads();
  const Tensor x = test::noise({3, 40001}) * 4;
  std::vector<Tensor> all;
  for (const int threads : {1, 3}) {
    set_num_threads(threads);
    const Tensor leaf = x.detach().requires_grad_();
    Tensor y = gelu(leaf, GELUApproximation::tanh);
    for (const Form& form : forms()) y = y + form.f(leaf);
    y.sum().backward();
    all.push_back(y.detach());
    all.push_back(leaf.grad());
  }
  set_num_threads(before);
  EXPECT_TRUE(test::identical(all[0], all[2]));
  EXPECT_TRUE(test::identical(all[1], all[3]));
}

}  // namespace
}  // namespace tenon::functional_activation_test
