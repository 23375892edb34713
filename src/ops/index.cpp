// index_select: rows by number.
#include "ops/common.h"

namespace tenon {
namespace {

/// Zeros of `shape` with g's slices added at `index` along `dim`: what index_select goes back by.
Tensor index_add_into(const Tensor& g, const Shape& shape, int64_t dim, const Tensor& index) {
  Tensor y;
  {
    const NoGrad guard;
    const Tensor rows = g.transpose(0, dim).contiguous();
    Shape moved = shape;
    std::swap(moved[0], moved[static_cast<std::size_t>(dim)]);
    const Tensor sum = zeros(moved, {g.dtype(), g.device()});
    backend_for(g.device()).add_rows(sum, rows, index, sum.size(0) == 0 ? 0 : sum.numel() / sum.size(0));
    y = sum.transpose(0, dim).contiguous();
  }
  if (needs_grad(g)) record("index_add", y, {&g}, {&index}, [dim](Grads& h) { h.give(0, h.in().index_select(dim, h.saved(0))); });
  return y;
}

}  // namespace

Tensor Tensor::index_select(int64_t d, const Tensor& index) const {
  if (dim() == 0) fail("index_select", "a 0-dim tensor has no dimension to select from");
  d = wrap_dim(d, dim(), "index_select");
  if (index.dim() > 1 || (index.dtype() != int64 && index.dtype() != int32))
    fail("index_select", "expected a vector of int64 indices, got shape {} of {}", index.shape().to_string(), index.dtype());
  check_same_device(*this, index, "index_select");
  const Tensor at = as_type(index, int64).contiguous().reshape({index.numel()});
  Tensor y;
  {
    const NoGrad guard;
    const Tensor rows = transpose(0, d).contiguous();
    Shape sizes = rows.shape();
    sizes[0] = at.numel();
    y = new_tensor(sizes, dtype(), device());
    backend_for(device()).gather_rows(y, rows, at, rows.size(0) == 0 ? 0 : rows.numel() / rows.size(0));
    y = d == 0 ? y : y.transpose(0, d).contiguous();
  }
  if (needs_grad(*this))
    record("index_select", y, {this}, {&at}, [whole = shape(), d](Grads& g) { g.give(0, index_add_into(g.in(), whole, d, g.saved(0))); });
  return y;
}

}  // namespace tenon
