// Copies in which what a view shows has been replaced: select_scatter, slice_scatter, diagonal_scatter.
#include "ops/common.h"

namespace tenon {
namespace {

/// A copy of x where `view(copy)` shows `source`.
template <class F>
Tensor replaced(const char* name, const Tensor& x, const Tensor& source, F view) {
  const Tensor y = x.clone(), place = view(y);
  if (source.shape() != place.shape())
    fail(name, "expected a source of the view's shape {}, got {}", place.shape().to_string(),
         source.shape().to_string());
  place.copy_(source);
  return y;
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
  return replaced("as_strided_scatter", *this, source,
                  [&](const Tensor& y) { return y.as_strided(sizes, steps, offset); });
}

}  // namespace tenon
