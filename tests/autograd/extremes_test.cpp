// Values and derivatives, first and second, at infinities, NaN, and the ends of a type's range: as PyTorch 2.15 gave
// them to extremes.py.
#include <cmath>
#include <cstdlib>
#include <functional>
#include <map>
#include <set>
#include <sstream>

#include <tenon/autograd.h>
#include <tenon/nn/functional.h>
#include <tenon/tenon.h>

#include "tensor/check.h"
#include "tensor/recorded.h"

namespace tenon::extremes_test {
namespace {

using Tensors = std::vector<Tensor>;
using Function = std::function<Tensor(const Tensors&)>;
constexpr double infinity = std::numeric_limits<double>::infinity();

template <class F>
Function of_one(F f) {
  return [f](const Tensors& x) { return f(x[0]); };
}
template <class F>
Function of_two(F f) {
  return [f](const Tensors& x) { return f(x[0], x[1]); };
}
Function method(Tensor (Tensor::*f)() const) {
  return [f](const Tensors& x) { return (x[0].*f)(); };
}

const std::map<std::string, Function>& functions() {
  using T = Tensor;
  static const std::map<std::string, Function> all{
      {"exp", method(&T::exp)},
      {"exp2", method(&T::exp2)},
      {"expm1", method(&T::expm1)},
      {"log", method(&T::log)},
      {"log2", method(&T::log2)},
      {"log10", method(&T::log10)},
      {"log1p", method(&T::log1p)},
      {"sqrt", method(&T::sqrt)},
      {"rsqrt", method(&T::rsqrt)},
      {"square", method(&T::square)},
      {"reciprocal", method(&T::reciprocal)},
      {"sin", method(&T::sin)},
      {"cos", method(&T::cos)},
      {"tan", method(&T::tan)},
      {"asin", method(&T::asin)},
      {"acos", method(&T::acos)},
      {"atan", method(&T::atan)},
      {"sinh", method(&T::sinh)},
      {"cosh", method(&T::cosh)},
      {"tanh", method(&T::tanh)},
      {"asinh", method(&T::asinh)},
      {"acosh", method(&T::acosh)},
      {"atanh", method(&T::atanh)},
      {"sigmoid", method(&T::sigmoid)},
      {"relu", method(&T::relu)},
      {"erf", method(&T::erf)},
      {"erfc", method(&T::erfc)},
      {"erfinv", method(&T::erfinv)},
      {"lgamma", method(&T::lgamma)},
      {"digamma", method(&T::digamma)},
      {"i0", method(&T::i0)},
      {"sinc", method(&T::sinc)},
      {"abs", method(&T::abs)},
      {"sign", method(&T::sign)},
      {"floor", method(&T::floor)},
      {"frac", method(&T::frac)},
      {"neg", method(&T::neg)},
      {"deg2rad", method(&T::deg2rad)},
      {"logit", of_one([](const T& x) { return x.logit(); })},
      {"nan_to_num", of_one([](const T& x) { return x.nan_to_num(); })},
      {"trigamma", of_one([](const T& x) { return x.polygamma(1); })},
      {"polygamma 2", of_one([](const T& x) { return x.polygamma(2); })},
      {"logit eps", of_one([](const T& x) { return x.logit(1e-6); })},
      {"gelu", of_one([](const T& x) { return nn::functional::gelu(x); })},
      {"gelu tanh",
       of_one([](const T& x) { return nn::functional::gelu(x, nn::functional::GELUApproximation::tanh); })},
      {"pow 2", of_one([](const T& x) { return x.pow(2); })},
      {"pow 3", of_one([](const T& x) { return x.pow(3); })},
      {"pow 0", of_one([](const T& x) { return x.pow(0); })},
      {"pow 1", of_one([](const T& x) { return x.pow(1); })},
      {"pow -1", of_one([](const T& x) { return x.pow(-1); })},
      {"pow -2", of_one([](const T& x) { return x.pow(-2); })},
      {"pow 0.5", of_one([](const T& x) { return x.pow(0.5); })},
      {"pow 1.5", of_one([](const T& x) { return x.pow(1.5); })},
      {"2 pow", of_one([](const T& x) { return pow(2, x); })},
      {"0 pow", of_one([](const T& x) { return pow(0, x); })},
      {"1 over", of_one([](const T& x) { return 1 / x; })},
      {"clamp", of_one([](const T& x) { return x.clamp(-1, 1); })},
      {"xlogy itself", of_one([](const T& x) { return xlogy(x, x); })},
      {"ndtr", of_one(special::ndtr)},
      {"log_ndtr", of_one(special::log_ndtr)},
      {"ndtri", of_one(special::ndtri)},
      {"erfcx", of_one(special::erfcx)},
      {"entr", of_one(special::entr)},
      {"i0e", of_one(special::i0e)},
      {"i1", of_one(special::i1)},
      {"i1e", of_one(special::i1e)},
      {"atan2", of_two([](const T& a, const T& b) { return atan2(a, b); })},
      {"hypot", of_two([](const T& a, const T& b) { return hypot(a, b); })},
      {"logaddexp", of_two([](const T& a, const T& b) { return logaddexp(a, b); })},
      {"logaddexp2", of_two([](const T& a, const T& b) { return logaddexp2(a, b); })},
      {"xlogy", of_two([](const T& a, const T& b) { return xlogy(a, b); })},
      {"xlog1py", of_two([](const T& a, const T& b) { return special::xlog1py(a, b); })},
      {"pow", of_two([](const T& a, const T& b) { return pow(a, b); })},
      {"div", of_two([](const T& a, const T& b) { return a / b; })},
      {"mul", of_two([](const T& a, const T& b) { return a * b; })},
      {"maximum", of_two([](const T& a, const T& b) { return maximum(a, b); })},
      {"fmin", of_two([](const T& a, const T& b) { return fmin(a, b); })},
      {"fmod", of_two([](const T& a, const T& b) { return fmod(a, b); })},
      {"remainder", of_two([](const T& a, const T& b) { return remainder(a, b); })},
      {"copysign", of_two([](const T& a, const T& b) { return copysign(a, b); })},
      {"lerp", of_two([](const T& a, const T& b) { return lerp(a, b, 0.25); })},
      {"addcdiv", of_two([](const T& a, const T& b) { return a.addcdiv(a, b); })},
      {"norm", of_one([](const T& x) { return x.norm(2, {-1}); })},
      {"norm 1", of_one([](const T& x) { return x.norm(1, {-1}); })},
      {"norm 3", of_one([](const T& x) { return x.norm(3, {-1}); })},
      {"norm 1.5", of_one([](const T& x) { return x.norm(1.5, {-1}); })},
      {"norm 0", of_one([](const T& x) { return x.norm(0, {-1}); })},
      {"norm inf", of_one([](const T& x) { return x.norm(infinity, {-1}); })},
      {"norm -inf", of_one([](const T& x) { return x.norm(-infinity, {-1}); })},
      {"std", of_one([](const T& x) { return x.std({-1}); })},
      {"var", of_one([](const T& x) { return x.var({-1}); })},
      {"logsumexp", of_one([](const T& x) { return x.logsumexp({-1}); })},
      {"softmax", of_one([](const T& x) { return x.softmax(-1); })},
      {"log_softmax", of_one([](const T& x) { return x.log_softmax(-1); })},
      {"mean", of_one([](const T& x) { return x.mean({-1}); })},
      {"amax", of_one([](const T& x) { return x.amax({-1}); })},
      {"layer_norm", of_one([](const T& x) { return nn::functional::layer_norm(x, {x.size(-1)}); })},
  };
  return all;
}

constexpr double not_compared = 0.12345678901234567;

std::vector<double> numbers_of(const std::string& text) {
  std::vector<double> all;
  std::istringstream words(text);
  for (std::string word; words >> word;) all.push_back(word == "?" ? not_compared : std::strtod(word.c_str(), nullptr));
  return all;
}

/// By each operand, of the sum; zeros where it does not count.
Tensors derivatives(const Tensors& ys, const Tensors& xs) {
  Tensor total;
  for (const Tensor& y : ys)
    if (y.requires_grad()) total = total.defined() ? total + y.sum() : y.sum();
  Tensors found(xs.size());
  if (total.defined()) found = autograd::grad({total}, xs, {.create_graph = true, .allow_unused = true});
  for (std::size_t i = 0; i < xs.size(); ++i)
    if (!found[i].defined()) found[i] = zeros_like(xs[i]);
  return found;
}

bool same(double a, double b, double relative) {
  if (b == not_compared) return true;
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
  if (std::isinf(a) || std::isinf(b)) return a == b;
  return std::abs(a - b) <= relative * (std::abs(b) + 0.01);
}

void compare(const std::string& what, const Tensor& got, const std::string& recorded, const Tensors& operands,
             double relative) {
  const auto numbers = got.detach().to(float64).to_vector<double>(), expected = numbers_of(recorded);
  ASSERT_EQ(numbers.size(), expected.size()) << what;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (same(numbers[i], expected[i], relative)) continue;
    std::string at;
    for (const Tensor& x : operands)
      at += fmt::format(
          " {}",
          x.detach().to(float64).reshape(
              {static_cast<int64_t>(-1),
               x.numel() == static_cast<int64_t>(expected.size())
                   ? 1
                   : 3})[static_cast<int64_t>(x.numel() == static_cast<int64_t>(expected.size())
                                                  ? i
                                                  : i * static_cast<std::size_t>(x.numel() / 3) / expected.size())]);
    ADD_FAILURE() << what << " at" << at << ": " << numbers[i] << " instead of " << expected[i];
  }
}

const std::set<std::string> of_rows{"norm",     "norm 1",      "norm 3", "norm 1.5", "norm 0",
                                    "norm inf", "norm -inf",   "std",    "var",      "logsumexp",
                                    "softmax",  "log_softmax", "mean",   "amax",     "layer_norm"};

TEST(Extremes, ValuesAndTwoDerivativesArePyTorchs) {
  for (const auto& recorded : test::recorded("autograd/extremes.json")) {
    const std::string name = recorded[0], type = recorded[1], title = name + " of " + type;
    const DType dtype = type == "float32" ? float32 : float64;
    const double relative = dtype == float32 ? 2e-5 : 2e-6;
    Tensors operands;
    for (const auto& list : recorded[2]) {
      Tensor x = tensor(numbers_of(list), {.dtype = float64}).to(dtype);
      if (of_rows.contains(name)) x = x.reshape({-1, 3});
      operands.push_back(x.requires_grad_());
    }
    const Tensor y = functions().at(name)(operands);
    compare(title, y, recorded[3], operands, relative);
    const Tensors first = derivatives({y}, operands);
    for (std::size_t k = 0; k < operands.size(); ++k)
      compare(title + ", derivative by " + std::to_string(k), first[k], recorded[4][k], operands, relative);
    if (recorded[5].empty()) continue;
    const Tensors second = derivatives(first, operands);
    for (std::size_t k = 0; k < operands.size(); ++k)
      compare(title + ", second derivative by " + std::to_string(k), second[k], recorded[5][k], operands, relative);
  }
}

}  // namespace
}  // namespace tenon::extremes_test
