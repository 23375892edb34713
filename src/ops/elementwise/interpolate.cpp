// Fused sums: lerp, addcmul, addcdiv. Each element is rounded once.
#include "backend/elementwise.h"
#include "backend/memory.h"
#include "ops/in_place.h"

namespace tenon {
namespace {

/// What a ternary operation computes in, and the shape of its result.
struct Result {
  DType dtype;
  Shape shape;
};

Result check(TernaryOp op, const char* name, const Tensor& x, const Tensor& a, const Tensor& b, const Scalar& value) {
  Result r{result_type(x, a), broadcast_shapes(broadcast_shapes(x.shape(), a.shape(), name), b.shape(), name)};
  if (op == TernaryOp::lerp) {
    if (x.dtype() != a.dtype()) fail(name, "expected start and end of one type, got {} and {}", x.dtype(), a.dtype());
    if (b.dtype() != x.dtype() && b.dim() > 0) fail(name, "expected weights of type {}, got {}", x.dtype(), b.dtype());
    if (!b.impl()->wrapped_number) r.dtype = result_type(x, b);
    if (!is_floating_point(r.dtype)) fail(name, "expected real tensors, got {}", r.dtype);
    return r;
  }
  r.dtype = result_type(x, a, b);
  if (r.dtype == boolean) fail(name, "not defined for bool tensors: convert to another type first");
  if (op == TernaryOp::addcdiv && !is_floating_point(result_type(a, b)))
    fail(name, "integers are not divided: convert one to a real type first");
  check_fits(value, r.dtype, name);
  return r;
}

void run_into(TernaryOp op, const char* name, const Tensor& out, const Tensor& x, const Tensor& a, const Tensor& b,
              const Scalar& value) {
  const NoGrad guard;
  const DType dtype = out.dtype();
  common_device(name, {&out, &x, &a, &b});
  const bool half = dtype == float16 || dtype == bfloat16;
  const auto operand = [&](const Tensor& t) {  // a weight that is a plain number is not rounded to half types
    return as_type(t, half && t.impl()->wrapped_number ? float32 : dtype);
  };
  on<ElementwiseKernels>(out.device()).ternary(op, out, operand(x), operand(a), operand(b), value);
}

Tensor run(TernaryOp op, const char* name, const Tensor& x, const Tensor& a, const Tensor& b, const Scalar& value = 1) {
  const Result r = check(op, name, x, a, b, value);
  const auto laid_out = [&](const Tensor& t) {  // a conversion may lay a tensor out anew
    const NoGrad guard;
    return t.dim() == 0 ? t : as_type(t, r.dtype);
  };
  const Tensor first = laid_out(x), second = laid_out(a), third = laid_out(b);
  Tensor y = new_result(r.shape, r.dtype, common_device(name, {&x, &a, &b}), {&first, &second, &third});
  run_into(op, name, y, first, second, third, value);
  return y;
}

template <class F>
const Tensor& run_in_place(TernaryOp op, const char* name, const Tensor& x, const Tensor& a, const Tensor& b,
                           F recorded, const Scalar& value = 1) {
  const Result r = check(op, name, x, a, b, value);
  check_result_fits(name, x, r.shape, r.dtype);
  const Tensor first = overlaps(x, a) ? a.clone() : a, second = overlaps(x, b) ? b.clone() : b;
  return in_place(
      name, x, {&first, &second},
      [&](const Tensor& to) {
        if (r.dtype == to.dtype()) run_into(op, name, to, to, first, second, value);
        else on<MemoryKernels>(to.device()).copy(to, run(op, name, to, first, second, value));
      },
      [&](const Tensor& before) {
        return recorded(before, first.is_same(x) ? before : first, second.is_same(x) ? before : second);
      });
}

}  // namespace

Tensor Tensor::lerp(const Tensor& end, const Tensor& weight) const {
  Tensor y = run(TernaryOp::lerp, "lerp", *this, end, weight);
  if (needs_grad(*this, end, weight))
    record("lerp", y, {this, &end, &weight},
           {&weight, on_tape(weight) ? this : nullptr, on_tape(weight) ? &end : nullptr},
           [ls = Like(*this), le = Like(end), lw = Like(weight)](Grads& g) {
             if (g.needs(0)) g.give(0, reduce_to(g.in() * (1 - g.saved(0)), ls));
             if (g.needs(1)) g.give(1, reduce_to(g.in() * g.saved(0), le));
             if (g.needs(2)) g.give(2, reduce_to(g.in() * (g.saved(2) - g.saved(1)), lw));
           });
  return y;
}
Tensor Tensor::lerp(const Tensor& end, const Scalar& weight) const {
  check_fits(weight, dtype(), "lerp");
  return lerp(end, number_for(*this, weight));
}

Tensor Tensor::addcmul(const Tensor& a, const Tensor& b, const Scalar& value) const {
  Tensor y = run(TernaryOp::addcmul, "addcmul", *this, a, b, value);
  if (needs_grad(*this, a, b))
    record("addcmul", y, {this, &a, &b}, {on_tape(b) ? &a : nullptr, on_tape(a) ? &b : nullptr},
           [lx = Like(*this), la = Like(a), lb = Like(b), value](Grads& g) {
             if (g.needs(0)) g.give(0, reduce_to(g.in(), lx));
             if (g.needs(1)) g.give(1, reduce_to(g.in() * (g.saved(1) * value), la));
             if (g.needs(2)) g.give(2, reduce_to(g.in() * (g.saved(0) * value), lb));
           });
  return y;
}

Tensor Tensor::addcdiv(const Tensor& a, const Tensor& b, const Scalar& value) const {
  Tensor y = run(TernaryOp::addcdiv, "addcdiv", *this, a, b, value);
  if (needs_grad(*this, a, b))
    record("addcdiv", y, {this, &a, &b}, {on_tape(b) ? &a : nullptr, &b},
           [lx = Like(*this), la = Like(a), lb = Like(b), value](Grads& g) {
             const Tensor divisor = g.saved(1);
             if (g.needs(0)) g.give(0, reduce_to(g.in(), lx));
             if (g.needs(1)) g.give(1, reduce_to(g.in() * (value / divisor), la));
             if (g.needs(2)) g.give(2, reduce_to(-g.in() * ((g.saved(0) * value) / (divisor * divisor)), lb));
           });
  return y;
}

const Tensor& Tensor::lerp_(const Tensor& end, const Tensor& weight) const {
  return run_in_place(TernaryOp::lerp, "lerp_", *this, end, weight,
                      [](const Tensor& x, const Tensor& a, const Tensor& b) { return x.lerp(a, b); });
}
const Tensor& Tensor::lerp_(const Tensor& end, const Scalar& weight) const {
  check_fits(weight, dtype(), "lerp_");
  return lerp_(end, number_for(*this, weight));
}

const Tensor& Tensor::addcmul_(const Tensor& a, const Tensor& b, const Scalar& value) const {
  return run_in_place(
      TernaryOp::addcmul, "addcmul_", *this, a, b,
      [&](const Tensor& x, const Tensor& s, const Tensor& t) { return x.addcmul(s, t, value); }, value);
}
const Tensor& Tensor::addcdiv_(const Tensor& a, const Tensor& b, const Scalar& value) const {
  return run_in_place(
      TernaryOp::addcdiv, "addcdiv_", *this, a, b,
      [&](const Tensor& x, const Tensor& s, const Tensor& t) { return x.addcdiv(s, t, value); }, value);
}

}  // namespace tenon
