// Copies in which what a view shows has been replaced: select_scatter, slice_scatter, diagonal_scatter,
// as_strided_scatter.
#include "ops/common.h"

namespace tenon {
namespace {

/// y with x's strides where these leave gaps, which PyTorch keeps; zeros are in them.
Tensor with_gaps_of(const Tensor& x, const Tensor& y) {
  int64_t extent = 1;
  for (std::size_t d = 0; d < x.shape().size(); ++d) {
    if (x.strides()[d] == 0 && x.shape()[d] > 1) return y;  // elements share memory, which those of a copy do not
    extent += (x.shape()[d] - 1) * x.strides()[d];
  }
  if (x.numel() == 0 || is_dense(x.shape(), x.strides())) return y;
  const Tensor memory = zeros({extent}, {x.dtype(), x.device()});
  Tensor z = new_alias(memory, x.shape(), x.strides(), 0);
  {
    const NoGrad guard;
    z.copy_(y);
  }
  if (needs_grad(y)) record("clone", z, {&y}, {}, [](Grads& g) { g.give(0, g.in()); });
  return z;
}

void replace(const char* name, const Tensor& place, const Tensor& source) {
  if (source.shape() != place.shape())
    fail(name, "expected a source of the view's shape {}, got {}", place.shape().to_string(),
         source.shape().to_string());
  place.copy_(source);
}

/// A copy of x where `view(copy)` shows `source`.
template <class F>
Tensor replaced(const char* name, const Tensor& x, const Tensor& source, F view) {
  const Tensor y = x.clone();
  replace(name, view(y), source);
  return with_gaps_of(x, y);
}

}  // namespace

Tensor select_scatter(const Tensor& x, const Tensor& source, int64_t dim, int64_t index) {
  return replaced("select_scatter", x, source, [=](const Tensor& y) { return y.select(dim, index); });
}

Tensor slice_scatter(const Tensor& x, const Tensor& source, int64_t dim, const Slice& slice) {
  return replaced("slice_scatter", x, source, [&](const Tensor& y) { return y.slice(dim, slice); });
}

Tensor diagonal_scatter(const Tensor& x, const Tensor& source, int64_t offset, int64_t dim1, int64_t dim2) {
  return replaced("diagonal_scatter", x, source, [=](const Tensor& y) { return y.diagonal(offset, dim1, dim2); });
}

Tensor Tensor::select_scatter(const Tensor& source, int64_t dim, int64_t index) const {
  return tenon::select_scatter(*this, source, dim, index);
}
Tensor Tensor::slice_scatter(const Tensor& source, int64_t dim, const Slice& slice) const {
  return tenon::slice_scatter(*this, source, dim, slice);
}
Tensor Tensor::diagonal_scatter(const Tensor& source, int64_t offset, int64_t dim1, int64_t dim2) const {
  return tenon::diagonal_scatter(*this, source, offset, dim1, dim2);
}

Tensor Tensor::as_strided_scatter(const Tensor& source, const Shape& sizes, const Shape& steps,
                                  std::optional<int64_t> offset) const {
  // Strides and offset are those of x's memory, gaps and all; the copy begins where x does.
  Tensor y = with_gaps_of(*this, clone());
  if (offset) *offset -= storage_offset();
  replace("as_strided_scatter", y.as_strided(sizes, steps, offset), source);
  return y;
}

}  // namespace tenon
