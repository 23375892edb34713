// The largest and the smallest, and where they stand.
#include "backend/reduction.h"
#include "ops/reduction/reduction.h"

namespace tenon {
namespace {

/// amax, amin, and max() and min() over everything. Equals share the gradient evenly; where NaN is the result, max()
/// and min() share it among the NaNs, and amax() and amin() give NaN, as in PyTorch.
Tensor extremum(ReduceOp op, const char* name, const Tensor& x, const Shape& dims, bool keepdim, bool nans_share) {
  Shape kept;
  const Tensor y = reduced(op, x.detach(), dims, keepdim, name, &kept);
  if (needs_grad(x)) record_shared(name, y, x, kept, dims, nans_share);
  return y;
}

/// max(dim) and min(dim): the gradient goes to the one chosen.
ValuesAndIndices chosen(bool largest, const char* name, const Tensor& x, int64_t dim, bool keepdim) {
  ValuesAndIndices y;
  {
    const NoGrad guard;
    const Reduction r(x, {dim}, name);
    r.check_choice(name);
    y = {r.result(keepdim), r.result(keepdim, int64)};
    on<ReductionKernels>(x.device()).extremum(y.values, y.indices, r.x, r.outer, r.n, r.inner, largest);
    y = {y.values.contiguous(), y.indices.contiguous()};
  }
  if (needs_grad(x)) record_choice(name, y, x, dim, keepdim);
  return y;
}

Tensor place(bool largest, const char* name, const Tensor& x, std::optional<int64_t> dim, bool keepdim) {
  const NoGrad guard;
  const Reduction r(dim ? x : x.contiguous(), dims_of(dim), name);  // over everything, places are counted row by row
  r.check_choice(name);
  Tensor y = r.result(keepdim, int64);
  on<ReductionKernels>(y.device()).extremum({}, y, r.x, r.outer, r.n, r.inner, largest);
  return y.contiguous();
}

}  // namespace

Tensor Tensor::amax(const Shape& dims, bool keepdim) const {
  return extremum(ReduceOp::amax, "amax", *this, dims, keepdim, false);
}
Tensor Tensor::amin(const Shape& dims, bool keepdim) const {
  return extremum(ReduceOp::amin, "amin", *this, dims, keepdim, false);
}
Tensor Tensor::max() const { return extremum(ReduceOp::amax, "max", *this, {}, false, true); }
Tensor Tensor::min() const { return extremum(ReduceOp::amin, "min", *this, {}, false, true); }
MinAndMax aminmax(const Tensor& x, std::optional<int64_t> dim, bool keepdim) {
  return {x.amin(dims_of(dim), keepdim), x.amax(dims_of(dim), keepdim)};
}

ValuesAndIndices Tensor::max(int64_t dim, bool keepdim) const { return chosen(true, "max", *this, dim, keepdim); }
ValuesAndIndices Tensor::min(int64_t dim, bool keepdim) const { return chosen(false, "min", *this, dim, keepdim); }
Tensor Tensor::argmax(std::optional<int64_t> dim, bool keepdim) const {
  return place(true, "argmax", *this, dim, keepdim);
}
Tensor Tensor::argmin(std::optional<int64_t> dim, bool keepdim) const {
  return place(false, "argmin", *this, dim, keepdim);
}

MinAndMax Tensor::aminmax(std::optional<int64_t> dim, bool keepdim) const {
  return tenon::aminmax(*this, dim, keepdim);
}

}  // namespace tenon
