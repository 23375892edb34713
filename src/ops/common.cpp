#include "ops/common.h"

#include <cmath>
#include <limits>

namespace tenon {

Shape broadcast_shapes(const Shape& a, const Shape& b, std::string_view operation) {
  if (a == b) return a;
  const Shape& longer = a.size() >= b.size() ? a : b;
  const Shape& shorter = a.size() >= b.size() ? b : a;
  Shape out = longer;
  const std::size_t ahead = longer.size() - shorter.size();
  for (std::size_t d = 0; d < shorter.size(); ++d) {
    int64_t& n = out[d + ahead];
    if (n == 1) n = shorter[d];
    else if (shorter[d] != 1 && shorter[d] != n)
      fail(operation, "shapes {} and {} do not broadcast: sizes {} and {} meet in dimension {}", a.to_string(),
           b.to_string(), a[d + a.size() - shorter.size()], b[d + b.size() - shorter.size()], d + ahead);
  }
  return out;
}

Tensor reduce_to(const Tensor& gradient, const Like& like) {
  if (like.as_result) return gradient;
  Tensor g = gradient;
  if (g.shape() != like.shape) {
    Shape dims;
    const std::size_t ahead = g.shape().size() - like.shape.size();
    for (std::size_t d = 0; d < g.shape().size(); ++d)
      if (d < ahead || (like.shape[d - ahead] == 1 && g.shape()[d] != 1)) dims.push_back(static_cast<int64_t>(d));
    if (!dims.empty()) g = g.sum(dims, true);
    g = g.reshape(like.shape);
  }
  if (g.dtype() != like.dtype) g = g.to(like.dtype);
  if (g.device() != like.device) g = g.to(like.device);
  return g;
}

Tensor constant_in(const Tensor& y, const Tensor& x) {
  if (!needs_grad(x)) return y;
  const Tensor constant = new_alias(y);
  record("constant", constant, {&y, &x}, {}, [like = Like(x)](Grads& g) {
    if (g.needs(0)) g.give(0, g.in());
    if (g.needs(1)) g.give(1, zeros(like.shape, {like.dtype, like.device}));
  });
  return constant;
}

void check_same_device(const Tensor& a, const Tensor& b, std::string_view operation) {
  if (a.device() != b.device())
    fail(operation, "expected tensors on one device, got {} and {}", a.device(), b.device());
}

Device common_device(std::string_view operation, TensorPointers tensors) {
  const Tensor* leading = nullptr;
  for (const Tensor* x : tensors)
    if (!leading || (leading->dim() == 0 && leading->device() == kCPU)) leading = x;
  for (const Tensor* x : tensors)
    if (x->device() != leading->device() && (x->dim() > 0 || x->device() != kCPU))
      check_same_device(*leading, *x, operation);
  return leading->device();
}

namespace {

int kind(DType t) { return t == boolean ? 0 : is_integral(t) ? 1 : is_complex(t) ? 3 : 2; }

}  // namespace

void check_result_fits(std::string_view operation, const Tensor& x, const Shape& shape, DType dtype) {
  if (shape != x.shape())
    fail(operation, "the result of shape {} does not fit into {}", shape.to_string(), x.shape().to_string());
  if (kind(dtype) > kind(x.dtype())) fail(operation, "a result of type {} cannot be stored into {}", dtype, x.dtype());
}

DType result_type(const Tensor& a, const Tensor& b) {
  if (a.dtype() == b.dtype()) return a.dtype();
  // A tensor with dimensions outranks a 0-dim one, that outranks a number, unless the lower is of a higher kind (bool <
  // integer < real < complex).
  const auto rank = [](const Tensor& x) { return x.impl()->wrapped_number ? 0 : x.dim() == 0 ? 1 : 2; };
  const Tensor& high = rank(a) >= rank(b) ? a : b;
  const Tensor& low = rank(a) >= rank(b) ? b : a;
  if (rank(high) == rank(low)) return promote_types(a.dtype(), b.dtype());
  if (kind(high.dtype()) >= kind(low.dtype())) return high.dtype();
  return promote_types(high.dtype(), low.dtype());
}

DType result_type(const Tensor& a, const Tensor& b, const Tensor& c) {
  const DType two = result_type(a, b);
  return promote_types(two, result_type(two == a.dtype() ? a : b, c));  // the one that counted, with its rank
}

Tensor Tensor::sum_to_size(const Shape& wanted) const {
  const std::size_t ahead = shape().size() - std::min(shape().size(), wanted.size());
  bool fits = wanted.size() <= shape().size();
  Shape summed;
  for (std::size_t d = 0; fits && d < shape().size(); ++d) {
    const bool goes = d < ahead || wanted[d - ahead] != shape()[d];
    fits = d < ahead || !goes || wanted[d - ahead] == 1;
    if (goes) summed.push_back(static_cast<int64_t>(d));
  }
  if (!fits)
    fail("sum_to_size", "{} does not expand to {}, so that cannot be summed to it", wanted.to_string(),
         shape().to_string());
  return summed.empty() ? *this : sum(summed, true).reshape(wanted);
}

}  // namespace tenon
