// Sums, means and counts.
#include "ops/reduction/reduction.h"

namespace tenon {
namespace {

/// Integers are added up in int64, which is then converted: it wraps around as the narrower type would.
Tensor total(ReduceOp op, const char* name, const Tensor& x, const Shape& dims, bool keepdim,
             std::optional<DType> dtype) {
  const DType result = dtype.value_or(is_floating_point(x.dtype()) ? x.dtype() : int64);
  Tensor y;
  Shape kept;
  {
    const NoGrad guard;
    const Tensor numbers = terms(x, result);
    y = as_type(reduced(is_floating_point(result) ? op : ReduceOp::sum, numbers, dims, keepdim, name, &kept), result);
  }
  if (!needs_grad(x) || !is_floating_point(result)) return y;
  const bool skips = op == ReduceOp::nansum;
  record(name, y, {&x}, {skips ? &x : nullptr}, [kept, like = Like(x), skips](Grads& g) {
    Tensor dx = spread(as_type(g.in(), like.dtype), kept, like.shape);
    if (skips) dx = dx * (g.saved(0) == g.saved(0)).to(like.dtype);
    g.give(0, dx);
  });
  return y;
}

/// True where x is not 0; a NaN is not.
Tensor truth(const Tensor& x) { return x.dtype() == boolean ? x : x != 0; }

/// all and any are the smallest and the largest bool; of none, true and false.
Tensor logical(ReduceOp op, const char* name, const Tensor& x, const Shape& dims, bool keepdim) {
  const NoGrad guard;
  Tensor y;
  if (x.numel() == 0) y = Reduction(truth(x), dims, name).result(keepdim).contiguous().fill_(op == ReduceOp::amin);
  else y = reduced(op, truth(x), dims, keepdim, name);
  return x.dtype() == uint8 ? y.to(uint8) : y;
}

}  // namespace

Tensor Tensor::sum(const Shape& dims, bool keepdim, std::optional<DType> dtype) const {
  return total(ReduceOp::sum, "sum", *this, dims, keepdim, dtype);
}

Tensor Tensor::nansum(const Shape& dims, bool keepdim, std::optional<DType> dtype) const {
  return total(ReduceOp::nansum, "nansum", *this, dims, keepdim, dtype);
}

Tensor Tensor::mean(const Shape& dims, bool keepdim, std::optional<DType> dtype) const {
  const DType result = dtype.value_or(this->dtype());
  if (dtype && !tenon::is_floating_point(result)) fail("mean", "expected a floating-point dtype, got {}", result);
  if (!dtype) check_real(*this, "mean");
  const Tensor total = sum(dims, keepdim, computed_type(result));  // a sum of half numbers may not fit
  const int64_t n = total.numel() == 0 ? 0 : numel() / total.numel();
  return as_type(total / static_cast<double>(n), result);
}

Tensor Tensor::nanmean(const Shape& dims, bool keepdim) const {
  check_real(*this, "nanmean");
  const Tensor count = (*this == *this).sum(dims, keepdim), total = nansum(dims, keepdim, computed_type(dtype()));
  return as_type(total / count, dtype());
}

Tensor Tensor::count_nonzero(const Shape& dims) const {
  const NoGrad guard;
  return total(ReduceOp::sum, "count_nonzero", truth(*this), dims, false, {});
}

Tensor Tensor::all(const Shape& dims, bool keepdim) const {
  return logical(ReduceOp::amin, "all", *this, dims, keepdim);
}
Tensor Tensor::any(const Shape& dims, bool keepdim) const {
  return logical(ReduceOp::amax, "any", *this, dims, keepdim);
}

}  // namespace tenon
