// Numbers kept between bounds, and NaN and infinities replaced.
#include <bit>
#include <cmath>
#include <limits>

#include "backend/elementwise.h"
#include "backend/memory.h"
#include "ops/elementwise/binary.h"
#include "ops/elementwise/unary.h"

namespace tenon {
namespace {

using Bound = std::optional<Scalar>;

/// The result's type; an error where a bound lies beyond it on the side where nothing would be left.
DType check_bounds(const char* name, const Tensor& x, const Bound& min, const Bound& max) {
  if (!min && !max) fail(name, "expected a minimum, a maximum or both");
  DType dtype = x.dtype();
  for (const Bound& bound : {min, max}) {
    if (bound && bound->kind() == float64) dtype = real_type(dtype);
    if (bound && bound->kind() == int64 && dtype == boolean) dtype = int64;
  }
  if (dtype == boolean) fail(name, "not defined for bool tensors: convert to another type first");
  const bool real = is_floating_point(dtype);
  if (min && (real || min->to_double() > 0)) check_fits(*min, dtype, name);
  if (max && dtype == uint8 && max->to_double() < 0)
    fail(name, "the number {} is outside the range of uint8", max->to_double());
  if (max && (real || max->to_double() < 0)) check_fits(*max, dtype, name);
  return dtype;
}

void clamp_into(const Tensor& out, const Tensor& x, Bound min, Bound max) {
  const auto is_nan = [](const Bound& bound) { return bound && std::isnan(bound->to_double()); };
  if (is_nan(min) || is_nan(max))
    return on<MemoryKernels>(out.device()).fill(out, std::numeric_limits<double>::quiet_NaN());
  const DType dtype = out.dtype();  // what lies beyond its range does not bind
  if (min && (!fits(*min, dtype) || (dtype == uint8 && min->to_double() < 0))) min.reset();
  if (max && !fits(*max, dtype)) max.reset();
  on<ElementwiseKernels>(out.device()).clamp(out, x, min, max);
}

}  // namespace

Tensor Tensor::clamp(std::optional<Scalar> min, std::optional<Scalar> max) const {
  const DType type = check_bounds("clamp", *this, min, max);
  Tensor y;
  {
    const NoGrad guard;
    const Tensor x = as_type(*this, type);
    y = new_result(x, type);
    clamp_into(y, x, min, max);
  }
  if (needs_grad(*this))
    record("clamp", y, {this}, {this}, [min, max](Grads& g) {
      const Tensor x = g.saved(0);
      const Tensor inside = !max   ? x > *min
                            : !min ? x < *max
                                   : tenon::logical_and(x > *min, x < *max);  // flat at the bounds themselves
      g.give(0, tenon::where(inside, g.in(), 0));
    });
  return y;
}

const Tensor& Tensor::clamp_(std::optional<Scalar> min, std::optional<Scalar> max) const {
  check_result_fits("clamp_", *this, shape(), check_bounds("clamp_", *this, min, max));
  return in_place(
      "clamp_", *this, {}, [&](const Tensor& to) { clamp_into(to, to, min, max); },
      [&](const Tensor& before) { return before.clamp(min, max); });
}

Tensor Tensor::clamp(const Tensor& min, const Tensor& max) const {
  if (!min.defined() && !max.defined()) fail("clamp", "expected a minimum, a maximum or both");
  if (!max.defined()) return maximum(min);
  if (!min.defined()) return minimum(max);
  if (dtype() == boolean && min.dtype() == boolean && max.dtype() == boolean)
    fail("clamp", "not defined for bool tensors: convert to another type first");
  Tensor y;
  {
    const NoGrad guard;
    const Shape shape = broadcast_shapes(broadcast_shapes(this->shape(), min.shape(), "clamp"), max.shape(), "clamp");
    const DType type = result_type(*this, min, max);
    const Tensor x = as_type(*this, type), low = as_type(min, type), high = as_type(max, type);
    y = new_result(shape, type, common_device("clamp", {&x, &low, &high}), {&x, &low, &high});
    on<ElementwiseKernels>(y.device()).ternary(TernaryOp::clamp, y, x, low, high, 0);
  }
  if (needs_grad(*this, min, max))
    record(
        "clamp", y, {this, &min, &max}, {this, &min, &max},
        [lx = Like(*this), ll = Like(min), lh = Like(max)](Grads& g) {
          // To whoever is the result; in halves where a number is its bound, unless both bounds are one.
          const Tensor x = g.saved(0), low = g.saved(1), high = g.saved(2), half = g.in() / 2;
          const Tensor below = x<low, above = x> high, apart = low<high, ordered = low <= high, crossed = low> high;
          const Tensor at_low = tenon::logical_and(apart, x == low), at_high = tenon::logical_and(apart, x == high);
          const auto choose = [](const Tensor& all, const Tensor& grad, const Tensor& some, const Tensor& half_grad) {
            return tenon::where(all, grad, tenon::where(some, half_grad, 0));
          };
          if (g.needs(0))
            g.give(0, reduce_to(tenon::where(tenon::logical_or(below, above), 0,
                                             tenon::where(tenon::logical_or(at_low, at_high), half, g.in())),
                                lx));
          if (g.needs(1)) g.give(1, reduce_to(choose(tenon::logical_and(below, ordered), g.in(), at_low, half), ll));
          if (g.needs(2))
            g.give(2, reduce_to(
                          choose(tenon::logical_or(tenon::logical_and(above, ordered), crossed), g.in(), at_high, half),
                          lh));
        });
  return y;
}

const Tensor& Tensor::clamp_(const Tensor& min, const Tensor& max) const {
  return in_place_by_copy("clamp_", *this, {&min, &max}, [&](const Tensor& x) {
    return x.clamp(min.is_same(*this) ? x : min, max.is_same(*this) ? x : max);
  });
}

Tensor Tensor::nan_to_num(double nan, std::optional<double> posinf, std::optional<double> neginf) const {
  refuse_carried(dtype());
  const DType type = dtype();
  if (!tenon::is_floating_point(type)) return clone();
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const double most = type == float64    ? std::numeric_limits<double>::max()
                      : type == float32  ? std::numeric_limits<float>::max()
                      : type == bfloat16 ? static_cast<double>(std::bit_cast<float>(0x7F7F0000U))
                                         : 65504.0;
  Tensor y;
  {
    const NoGrad guard;
    y = tenon::where(isnan(), nan, *this);
    y = tenon::where(*this == infinity, posinf.value_or(most), y);
    y = tenon::where(*this == -infinity, neginf.value_or(-most), y);
  }
  if (needs_grad(*this))
    record("nan_to_num", y, {this}, {this},
           [](Grads& g) { g.give(0, tenon::where(g.saved(0).isfinite(), g.in(), 0)); });
  return y;
}

const Tensor& Tensor::nan_to_num_(double nan, std::optional<double> posinf, std::optional<double> neginf) const {
  return in_place_by_copy("nan_to_num_", *this, {}, [&](const Tensor& x) { return x.nan_to_num(nan, posinf, neginf); });
}

}  // namespace tenon
