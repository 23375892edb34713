// The functions of one tensor that pointwise.inc lists: what their gradients need beyond a formula, and the list
// itself.
#include <cmath>
#include <limits>
#include <numbers>

#include "ops/elementwise/unary.h"

namespace tenon {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double two_by_root_pi = 2 * std::numbers::inv_sqrtpi;
const double root_two_pi = std::sqrt(2 * std::numbers::pi);

/// An activation's gradient by its kernel, but by the formula where it is itself recorded.
template <class F>
Tensor by_kernel(Activation kind, const Tensor& g, const Tensor& y, F formula) {
  return is_grad_enabled() ? formula() : activation_backward(kind, g, y);
}

Tensor relu_gradient(const Tensor& g, const Tensor& y) {
  return by_kernel(Activation::relu, g, y, [&] { return constant_in(where(y <= 0, 0, g), y); });
}

/// Below `least` the slope −π²·x/3 is 0 to what the quotient would lose.
Tensor sinc_gradient(const Tensor& g, const Tensor& x) {
  const Tensor angle = x * std::numbers::pi, denominator = x * angle;
  const double least = x.dtype() == float64 ? 1e-100 : 1e-15;
  return where(x.abs() < least, 0, g * ((angle * angle.cos() - angle.sin()) / denominator));
}

/// The normal density by the distribution, r(x); r' = −r·(x + r).
Tensor density_ratio(const Tensor& x) {
  Tensor r;
  {
    const NoGrad guard;
    r = std::numbers::sqrt2 * std::numbers::inv_sqrtpi / special::erfcx(x * (-1 / std::numbers::sqrt2));
  }
  if (needs_grad(x))
    record("density_ratio", r, {&x}, {&x}, [](Grads& g) {
      const Tensor in = g.saved(0), ratio = density_ratio(in);
      g.give(0, g.in() * where(ratio == 0, 0, -ratio * (in + ratio)));
    });
  return r;
}

/// whole − y / x, the derivative of i1 or i1e; 1/2 at and around 0, where its own is 0, as in PyTorch.
Tensor less_quotient(const Tensor& x, const Tensor& y, const Tensor& whole) {
  const Tensor small = x.abs() <= (x.dtype() == float64 ? std::numeric_limits<double>::epsilon()
                                                        : std::numeric_limits<float>::epsilon());
  return where(small, 0.5, whole - y / where(small, 1, x));
}

/// y / x, 1/2 where x is 0.
Tensor by_argument(const Tensor& y, const Tensor& x) {
  const Tensor none = x == 0;
  return where(none, 0.5, y / where(none, 1, x));
}

enum class Kept : uint8_t { nothing, input, result, both, unrecorded };

struct Pointwise {
  UnaryOp op;
  const char* operation;  ///< as errors name it
  const char* name;       ///< on the tape
  const char* in_place_name;
  Kept kept;
  Tensor (*gradient)(const Tensor& g, const Tensor& x, const Tensor& y);
};

Tensor apply(const Pointwise& f, const Tensor& x) {
  Tensor y = unary(f.op, f.operation, x);
  if (f.kept == Kept::unrecorded || !needs_grad(x)) return y;
  const bool input = f.kept == Kept::input || f.kept == Kept::both,
             result = f.kept == Kept::result || f.kept == Kept::both;
  record(f.name, y, {&x}, {input ? &x : nullptr, result ? &y : nullptr},
         [&f](Grads& g) { g.give(0, f.gradient(g.in(), g.saved(0), g.saved(1))); });
  return y;
}

const Tensor& apply_in_place(const Pointwise& f, const Tensor& x) {
  return unary_in_place(f.op, f.in_place_name, x, [&f](const Tensor& before) { return apply(f, before); });
}

// clang-format off
#define ENTRY(function, operation, full_name, kept, ...)                                                        \
  constexpr Pointwise function##_entry{                                                                         \
      UnaryOp::operation, full_name, #function, #function "_", Kept::kept,                                      \
      []([[maybe_unused]] const Tensor& g, [[maybe_unused]] const Tensor& x, [[maybe_unused]] const Tensor& y)  \
          -> Tensor { return __VA_ARGS__; }};
#define POINTWISE(function, ...) ENTRY(function, function, #function, __VA_ARGS__)
#define SPECIAL(function, operation, ...) ENTRY(function, operation, "special." #function, __VA_ARGS__)
#include "ops/elementwise/pointwise.inc"

}  // namespace

#define POINTWISE(function, ...)                                                \
  Tensor Tensor::function() const { return apply(function##_entry, *this); }    \
  const Tensor& Tensor::function##_() const { return apply_in_place(function##_entry, *this); }
#define SPECIAL(function, ...) \
  Tensor special::function(const Tensor& x) { return apply(function##_entry, x); }
#include "ops/elementwise/pointwise.inc"
// clang-format on

}  // namespace tenon
