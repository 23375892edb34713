// a + b, a − b, a · b, a / b, their in-place forms, maximum and minimum.
#include "ops/common.h"
#include "ops/in_place.h"

namespace tenon {
namespace {

Tensor run(BinaryOp op, const char* name, const Tensor& a, const Tensor& b, double alpha) {
  DType dtype = a.dtype();
  if (dtype != b.dtype()) dtype = result_type(a, b);
  if (op == BinaryOp::div && !is_floating_point(dtype)) dtype = float32;
  if (op == BinaryOp::sub && dtype == boolean) fail(name, "bool tensors cannot be subtracted: convert one to int64 first");
  const bool same_shape = a.shape() == b.shape();
  if (a.device() != b.device()) {  // a 0-dim tensor on the CPU goes along with any device
    if (a.device() == kCPU && a.dim() == 0) return run(op, name, a.to(b.device()), b, alpha);
    if (b.device() == kCPU && b.dim() == 0) return run(op, name, a, b.to(a.device()), alpha);
    check_same_device(a, b, name);
  }
  const Tensor x = as_type(a, dtype), y = as_type(b, dtype);
  Tensor out = same_shape ? new_like(a, dtype) : [&] {
    const Shape shape = broadcast_shapes(a.shape(), b.shape(), name);
    if (shape == a.shape()) return new_like(a, dtype);
    return shape == b.shape() ? new_like(b, dtype) : new_tensor(shape, dtype, a.device());
  }();
  backend_for(out.device()).binary(op, out, x, y, alpha);
  if (a.impl()->wrapped_number && b.impl()->wrapped_number) out.impl()->wrapped_number = true;
  return out;
}

/// x ∘= other; `recorded` is the ordinary operation on (x before, other).
template <class F>
const Tensor& in_place_binary(const char* name, const Tensor& x, const Tensor& other, BinaryOp op, double alpha, F recorded) {
  if (overlaps(x, other)) return in_place_binary(name, x, other.clone(), op, alpha, recorded);
  if (broadcast_shapes(x.shape(), other.shape(), name) != x.shape())
    fail(name, "the result of shape {} does not fit into {}", broadcast_shapes(x.shape(), other.shape()).to_string(), x.shape().to_string());
  const DType dtype = result_type(x, other);
  const auto kind = [](DType t) { return t == boolean ? 0 : is_integral(t) ? 1 : 2; };
  if (kind(op == BinaryOp::div && kind(dtype) < 2 ? float32 : dtype) > kind(x.dtype()))
    fail(name, "a result of type {} cannot be stored into {}", op == BinaryOp::div && kind(dtype) < 2 ? float32 : dtype, x.dtype());
  if (op == BinaryOp::sub && dtype == boolean) fail(name, "bool tensors cannot be subtracted: convert one to int64 first");
  return in_place(
      name, x, {&other},
      [&](const Tensor& to) {
        if (dtype == to.dtype() && other.device() == to.device()) backend_for(to.device()).binary(op, to, to, as_type(other, dtype), alpha);
        else backend_for(to.device()).copy(to, run(op, name, to, other, alpha));
      },
      [&](const Tensor& before) { return recorded(before, other.is_same(x) ? before : other); });  // x itself would be saved by its own node
}

void check_alpha(const char* name, const Tensor& a, const Tensor& b, const Scalar& alpha) {
  if (alpha.kind() == float64 && !is_floating_point(result_type(a, b)))
    fail(name, "alpha must be an integer for a result of type {}", result_type(a, b));
}

Tensor zeros_where(const Tensor& g, const Tensor& mask) { return g * mask.to(g.dtype()); }

/// The gradient of max or min: to the larger (smaller), in halves where both are equal.
void give_extremum(Grads& g, bool largest, const Like& a_like, const Like& b_like) {
  const Tensor a = g.saved(0), b = g.saved(1);
  const Tensor half = zeros_where(g.in(), a == b) / 2;
  if (g.needs(0)) g.give(0, reduce_to(zeros_where(g.in(), largest ? a > b : a < b) + half, a_like));
  if (g.needs(1)) g.give(1, reduce_to(zeros_where(g.in(), largest ? a < b : a > b) + half, b_like));
}

}  // namespace

Tensor add(const Tensor& a, const Tensor& b, const Scalar& alpha) {
  check_alpha("add", a, b, alpha);
  Tensor y = run(BinaryOp::add, "add", a, b, alpha.to_double());
  if (needs_grad(a, b))
    record("add", y, {&a, &b}, {}, [la = Like(a), lb = Like(b), alpha](Grads& g) {
      if (g.needs(0)) g.give(0, reduce_to(g.in(), la));
      if (g.needs(1)) g.give(1, reduce_to(alpha.to_double() == 1 ? g.in() : g.in() * alpha, lb));
    });
  return y;
}

Tensor sub(const Tensor& a, const Tensor& b, const Scalar& alpha) {
  check_alpha("sub", a, b, alpha);
  Tensor y = run(BinaryOp::sub, "sub", a, b, alpha.to_double());
  if (needs_grad(a, b))
    record("sub", y, {&a, &b}, {}, [la = Like(a), lb = Like(b), alpha](Grads& g) {
      if (g.needs(0)) g.give(0, reduce_to(g.in(), la));
      if (g.needs(1)) g.give(1, reduce_to(g.in() * Scalar(-alpha.to_double()), lb));
    });
  return y;
}

Tensor mul(const Tensor& a, const Tensor& b) {
  Tensor y = run(BinaryOp::mul, "mul", a, b, 1);
  if (needs_grad(a, b))
    record("mul", y, {&a, &b}, {on_tape(b) ? &a : nullptr, on_tape(a) ? &b : nullptr}, [la = Like(a), lb = Like(b)](Grads& g) {
      if (g.needs(0)) g.give(0, reduce_to(g.in() * g.saved(1), la));
      if (g.needs(1)) g.give(1, reduce_to(g.in() * g.saved(0), lb));
    });
  return y;
}

Tensor div(const Tensor& a, const Tensor& b) {
  Tensor y = run(BinaryOp::div, "div", a, b, 1);
  if (needs_grad(a, b))
    record("div", y, {&a, &b}, {&b, on_tape(b) ? &y : nullptr}, [la = Like(a), lb = Like(b)](Grads& g) {
      const Tensor share = g.in() / g.saved(0);
      if (g.needs(0)) g.give(0, reduce_to(share, la));
      if (g.needs(1)) g.give(1, reduce_to(-(share * g.saved(1)), lb));
    });
  return y;
}

Tensor maximum(const Tensor& a, const Tensor& b) {
  Tensor y = run(BinaryOp::maximum, "maximum", a, b, 1);
  if (needs_grad(a, b))
    record("maximum", y, {&a, &b}, {&a, &b}, [la = Like(a), lb = Like(b)](Grads& g) { give_extremum(g, true, la, lb); });
  return y;
}

Tensor minimum(const Tensor& a, const Tensor& b) {
  Tensor y = run(BinaryOp::minimum, "minimum", a, b, 1);
  if (needs_grad(a, b))
    record("minimum", y, {&a, &b}, {&a, &b}, [la = Like(a), lb = Like(b)](Grads& g) { give_extremum(g, false, la, lb); });
  return y;
}

Tensor operator+(const Tensor& a, const Tensor& b) { return add(a, b); }
Tensor operator-(const Tensor& a, const Tensor& b) { return sub(a, b); }
Tensor operator*(const Tensor& a, const Tensor& b) { return mul(a, b); }
Tensor operator/(const Tensor& a, const Tensor& b) { return div(a, b); }
Tensor operator+(const Tensor& a, const Scalar& b) { return add(a, number_for(a, b)); }
Tensor operator-(const Tensor& a, const Scalar& b) { return sub(a, number_for(a, b)); }
Tensor operator*(const Tensor& a, const Scalar& b) { return mul(a, number_for(a, b)); }
Tensor operator/(const Tensor& a, const Scalar& b) { return div(a, number_for(a, b)); }
Tensor operator+(const Scalar& a, const Tensor& b) { return add(number_for(b, a), b); }
Tensor operator-(const Scalar& a, const Tensor& b) { return sub(number_for(b, a), b); }
Tensor operator*(const Scalar& a, const Tensor& b) { return mul(number_for(b, a), b); }
Tensor operator/(const Scalar& a, const Tensor& b) { return div(number_for(b, a), b); }

const Tensor& Tensor::add_(const Tensor& other, const Scalar& alpha) const {
  check_alpha("add_", *this, other, alpha);
  return in_place_binary("add_", *this, other, BinaryOp::add, alpha.to_double(), [&](const Tensor& a, const Tensor& b) { return add(a, b, alpha); });
}
const Tensor& Tensor::sub_(const Tensor& other, const Scalar& alpha) const {
  check_alpha("sub_", *this, other, alpha);
  return in_place_binary("sub_", *this, other, BinaryOp::sub, alpha.to_double(), [&](const Tensor& a, const Tensor& b) { return sub(a, b, alpha); });
}
const Tensor& Tensor::mul_(const Tensor& other) const { return in_place_binary("mul_", *this, other, BinaryOp::mul, 1, mul); }
const Tensor& Tensor::div_(const Tensor& other, Rounding) const {
  return in_place_binary("div_", *this, other, BinaryOp::div, 1, [](const Tensor& a, const Tensor& b) { return div(a, b); });
}
const Tensor& Tensor::add_(const Scalar& other) const { return add_(number_for(*this, other)); }
const Tensor& Tensor::sub_(const Scalar& other) const { return sub_(number_for(*this, other)); }
const Tensor& Tensor::mul_(const Scalar& other) const { return mul_(number_for(*this, other)); }
const Tensor& Tensor::div_(const Scalar& other, Rounding rounding) const { return div_(number_for(*this, other), rounding); }

const Tensor& Tensor::clamp_(std::optional<Scalar> min, std::optional<Scalar> max) const {
  if (!min && !max) fail("clamp_", "expected a minimum, a maximum or both");
  detail::check_inplace(*this, "clamp_");
  if (needs_grad(*this)) fail("clamp_", "changing a computed tensor in place is not recorded for clamp_: use maximum() and minimum()");
  backend_for(device()).clamp(*this, min, max);
  bump_version(*this);
  return *this;
}

}  // namespace tenon
