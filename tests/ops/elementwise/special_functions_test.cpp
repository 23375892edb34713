// Bessel functions, incomplete gamma functions, zeta and frexp: as PyTorch 2.15 gave them to special_functions.py.
#include <cmath>
#include <functional>
#include <map>
#include <sstream>

#include "autograd/gradcheck.h"
#include "tensor/recorded.h"

namespace tenon::special_functions_test {
namespace {

using test::error_of;
using test::expect_values;
using test::infinity;
using test::nan;
using Function = std::function<Tensor(const std::vector<Tensor>&)>;

Function of_one(Tensor (*f)(const Tensor&)) {
  return [f](const std::vector<Tensor>& x) { return f(x[0]); };
}
Function of_two(Tensor (*f)(const Tensor&, const Tensor&)) {
  return [f](const std::vector<Tensor>& x) { return f(x[0], x[1]); };
}

const std::map<std::string, Function>& functions() {
  static const std::map<std::string, Function> all{
      {"bessel_j0", of_one(special::bessel_j0)},
      {"bessel_j1", of_one(special::bessel_j1)},
      {"bessel_y0", of_one(special::bessel_y0)},
      {"bessel_y1", of_one(special::bessel_y1)},
      {"modified_bessel_i0", of_one(special::modified_bessel_i0)},
      {"modified_bessel_i1", of_one(special::modified_bessel_i1)},
      {"modified_bessel_k0", of_one(special::modified_bessel_k0)},
      {"modified_bessel_k1", of_one(special::modified_bessel_k1)},
      {"scaled_modified_bessel_k0", of_one(special::scaled_modified_bessel_k0)},
      {"scaled_modified_bessel_k1", of_one(special::scaled_modified_bessel_k1)},
      {"spherical_bessel_j0", of_one(special::spherical_bessel_j0)},
      {"igamma", of_two([](const Tensor& a, const Tensor& x) { return igamma(a, x); })},
      {"igammac", of_two([](const Tensor& a, const Tensor& x) { return igammac(a, x); })},
      {"zeta", of_two([](const Tensor& s, const Tensor& q) { return special::zeta(s, q); })},
  };
  return all;
}

std::vector<double> numbers_of(const std::string& text) {
  std::vector<double> all;
  std::istringstream words(text);
  for (std::string word; words >> word;) all.push_back(std::strtod(word.c_str(), nullptr));
  return all;
}

Tensor doubles(const std::vector<double>& v) { return tensor(v, {.dtype = float64}); }

void compare(const std::string& what, const Tensor& got, const std::vector<double>& expected, double relative,
             double absolute) {
  const auto numbers = got.detach().to(float64).to_vector<double>();
  ASSERT_EQ(numbers.size(), expected.size()) << what;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const double a = numbers[i], b = expected[i];
    const bool same = std::isnan(b)   ? std::isnan(a)
                      : std::isinf(b) ? a == b
                                      : std::abs(a - b) <= relative * std::abs(b) + absolute;
    EXPECT_TRUE(same) << what << " " << i << ": " << a << " instead of " << b;
  }
}

// What PyTorch's own are good to: its j0(5) has 8 right digits, its igamma(50, 50) has 9.
constexpr double tolerance = 1e-7;

TEST(SpecialFunctions, ValuesAndDerivativesArePyTorchs) {
  for (const auto& recorded : test::recorded("ops/elementwise/special_functions.json")) {
    const std::string name = recorded[0];
    std::vector<Tensor> operands;
    for (const std::string text : recorded[1]) operands.push_back(doubles(numbers_of(text)));
    operands.back().requires_grad_();
    const Tensor y = functions().at(name)(operands);
    compare(name, y, numbers_of(recorded[2]), tolerance, 1e-14);
    EXPECT_EQ(y.requires_grad(), !recorded[3].is_null()) << name;
    if (!y.requires_grad()) continue;
    y.sum().backward();
    compare("derivative of " + name, operands.back().grad(), numbers_of(recorded[3]), 10 * tolerance, 1e-12);
  }
}

TEST(SpecialFunctions, AreExactToTheLastDigitsOfFloat64) {
  expect_values(special::bessel_j0(doubles({1, 5})), {2}, {0.76519768655796655145, -0.17759677131433830435}, 1e-14);
  expect_values(special::bessel_y1(doubles({1, 5})), {2}, {-0.78121282130028871655, 0.14786314339122684}, 1e-14);
  expect_values(special::modified_bessel_k0(doubles({1, 2})), {2}, {0.42102443824070833334, 0.11389387274953343565},
                1e-14);
  expect_values(special::modified_bessel_k1(doubles({1, 2})), {2}, {0.60190723019723457474, 0.13986588181652242728},
                1e-14);
  // Q(n, x) = exp(−x)·Σ x^k / k! over k < n, summed with 60 digits
  const Tensor n = doubles({50, 150, 250, 1500, 2500, 100000}), x = doubles({50, 165, 225, 1515, 2475, 99000});
  expect_values(igammac(n, x), {6},
                {0.48119168452795674, 0.11253650959801158, 0.94694031277194191, 0.34656372853478595,
                 0.68970140568083138, 0.99924258007882527},
                1e-13);
  expect_values(igamma(n, x), {6},
                {0.51880831547204331, 0.88746349040198846, 0.053059687228058053, 0.6534362714652141,
                 0.31029859431916862, 0.00075741992117476793},
                1e-13);
}

TEST(SpecialFunctions, Float32IsTheRoundedValue) {
  for (const auto& recorded : test::recorded("ops/elementwise/special_functions.json")) {
    const std::string name = recorded[0];
    std::vector<Tensor> narrow, wide;
    for (const std::string text : recorded[1]) {
      narrow.push_back(doubles(numbers_of(text)).to(float32));
      wide.push_back(narrow.back().to(float64));
    }
    const Tensor y = functions().at(name)(narrow);
    EXPECT_EQ(y.dtype(), float32);
    compare(name, y, functions().at(name)(wide).to(float32).to(float64).to_vector<double>(), 1e-6, 1e-37);
  }
}

TEST(SpecialFunctions, GradientsOfGradientsAreRight) {
  const auto check = [](auto f, const std::vector<double>& at) {
    test::gradcheck([f](const std::vector<Tensor>& x) { return f(x[0]); }, {doubles(at).requires_grad_()});
    test::gradgradcheck([f](const std::vector<Tensor>& x) { return f(x[0]); }, {doubles(at).requires_grad_()});
  };
  check(special::bessel_j0, {-3, 0.5, 2, 7});
  check(special::bessel_j1, {-3, 0.5, 2, 7});
  check(special::bessel_y0, {0.5, 2, 7});
  check(special::bessel_y1, {0.5, 2, 7});
  check(special::modified_bessel_k0, {0.5, 2.5, 7});
  check(special::modified_bessel_k1, {0.5, 2.5, 7});
  check([](const Tensor& x) { return igamma(full_like(x, 2.5), x); }, {0.5, 2, 7});
  check([](const Tensor& x) { return igammac(full_like(x, 2.5), x); }, {0.5, 2, 7});
  check([](const Tensor& x) { return special::zeta(2.5, x); }, {0.5, 2, 7});
}

TEST(SpecialFunctions, ByTheirParameterHaveNoDerivative) {
  const Tensor a = doubles({1.5}).requires_grad_(), x = doubles({2});
  EXPECT_NE(error_of([&] { igamma(a, x).sum().backward(); }).find("the derivative by the first argument"),
            std::string::npos);
  EXPECT_NE(error_of([&] { igammac(a, x).sum().backward(); }).find("the derivative by the first argument"),
            std::string::npos);
  EXPECT_NE(error_of([&] { special::zeta(a, x).sum().backward(); }).find("the derivative by the first argument"),
            std::string::npos);
}

TEST(SpecialFunctions, TakeTypesLayoutsAndEmptyTensors) {
  const Tensor whole = tensor({1, 2});
  EXPECT_EQ(special::bessel_j0(whole).dtype(), float32);
  EXPECT_EQ(special::zeta(whole, whole).dtype(), float32);
  EXPECT_NE(error_of([&] { igamma(whole, whole); }).find("expected real numbers"), std::string::npos);
  EXPECT_EQ(special::bessel_y1(ones({2}, {bfloat16})).dtype(), bfloat16);
  EXPECT_EQ(igammac(ones({2}, {float16}), ones({2}, {float16})).dtype(), float16);
  EXPECT_EQ(special::modified_bessel_k0(zeros({0, 3})).shape(), (Shape{0, 3}));
  EXPECT_EQ(igamma(ones({3, 1}), ones({2})).shape(), (Shape{3, 2}));
  EXPECT_EQ(special::zeta(ones({2}, {.device = kMeta}), ones({3, 1}, {.device = kMeta})).shape(), (Shape{3, 2}));
  expect_values(special::zeta(2, doubles({1})), {1}, {std::pow(3.14159265358979323846, 2) / 6}, 1e-14);
  expect_values(special::zeta(doubles({3}), 1), {1}, {1.2020569031595942}, 1e-14);
  const Tensor grid = doubles({1, 2, 3, 4, 5, 6}).reshape({2, 3}).t();
  const Tensor by_rows = special::bessel_j1(grid.contiguous()), turned = special::bessel_j1(grid);
  EXPECT_TRUE(by_rows.equal(turned));
  EXPECT_EQ(turned.strides(), grid.strides());
  const Tensor x = doubles({0.5, 3});
  x.igamma_(doubles({1, 1}));
  EXPECT_TRUE(x.equal(igamma(doubles({0.5, 3}), doubles({1, 1}))));
}

TEST(Frexp, TakesNumbersApartInEveryRealType) {
  for (const DType type : {float16, bfloat16, float32, float64}) {
    const auto [mantissa, exponent] = tensor({0.0, -0.0, 1.0, -3.0, infinity, -infinity, nan, 0.5}).to(type).frexp();
    EXPECT_EQ(mantissa.dtype(), type);
    EXPECT_EQ(exponent.dtype(), int32);
    expect_values(mantissa.to(float64), {8}, {0, 0, 0.5, -0.75, infinity, -infinity, nan, 0.5});
    expect_values(exponent.to(float64), {8}, {0, 0, 1, 2, 0, 0, 0, 0});
  }
  const auto [small, exponents] = frexp(tensor({1e-40, 3e38}));
  expect_values(small.to(float64), {2}, {0.5444, 0.8816}, 1e-4);
  expect_values(exponents.to(float64), {2}, {-132, 128});
  EXPECT_EQ(error_of([] {
              tensor({1, 2}).frexp();
            }),
            "[frexp] expected a floating-point tensor, got int64: convert with to(float32)");
  EXPECT_EQ(frexp(zeros({0})).mantissa.shape(), (Shape{0}));
  EXPECT_EQ(frexp(zeros({}, {.device = kMeta})).exponent.dtype(), int32);
}

TEST(Frexp, HasTheGradientOfADivisionByThePower) {
  const Tensor x = tensor({1.0, -3.0, 0.5, 1e-3}, {.dtype = float64}).requires_grad_();
  x.frexp().mantissa.sum().backward();
  expect_values(x.grad(), {4}, {0.5, 0.25, 1, 512});
}

}  // namespace
}  // namespace tenon::special_functions_test
