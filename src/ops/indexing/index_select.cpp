// Slices along one dimension by index: index_select, index_add, index_copy, index_fill; single elements: take.
#include "ops/in_place.h"
#include "ops/indexing/offsets.h"

namespace tenon {
namespace {

/// The indices as a vector: a 0-dim tensor is one of a single element.
Places vector_of(const Tensor& x, int64_t dim, const Tensor& index, bool wrap, const char* name) {
  if (index.dim() > 1 || (index.dtype() != int64 && index.dtype() != int32))
    fail(name, "expected a vector of int64 indices, got shape {} of {}", index.shape().to_string(), index.dtype());
  check_same_device(x, index, name);
  dim = wrap_dim(dim, x.dim(), name);
  const Tensor at = checked_index(index, dim, x.dim() == 0 ? 1 : x.size(dim), wrap, name);
  return {at.view({at.numel()}), static_cast<std::size_t>(dim), 1};
}

/// What a source must be, and itself with x's number of dimensions.
Tensor checked_source(const Tensor& x, const Places& places, const Tensor& source, const char* name) {
  check_same_device(x, source, name);
  if (source.dtype() != x.dtype()) fail(name, "expected a source of {}, got {}", x.dtype(), source.dtype());
  const Tensor s = source.dim() == 0 && x.dim() <= 1 ? source.unsqueeze(0) : source;
  const Shape wanted = x.dim() == 0 ? places.at.shape() : shape_at(x, places);
  if (s.shape() != wanted)
    fail(name, "expected a source of shape {}, got {}", wanted.to_string(), source.shape().to_string());
  return s;
}

/// x with values put to places, as a new tensor; a 0-dim x is one element.
Tensor put_row(const char* name, const Tensor& x, const Places& places, const Tensor& value, bool accumulate,
               bool by_rows = true) {
  if (x.dim() == 0) return put_row(name, x.unsqueeze(0), places, value, accumulate).squeeze(0);
  return index_put_at(name, x, places, value, accumulate, by_rows);
}

const Tensor& put_row_in_place(const char* name, const Tensor& x, const Places& places, const Tensor& value,
                               bool accumulate) {
  return in_place(
      name, x, {&value},
      [&](const Tensor& to) {
        put_at(to.dim() == 0 ? new_alias(to, {1}, {1}, to.storage_offset()) : to, places, value, accumulate);
      },
      [&](const Tensor& before) { return put_row(name, before, places, apart_from(x, value), accumulate); });
}

/// alpha · source in the source's own type, which alpha is converted to: among bools, all but 0 is true.
Tensor scaled(const Tensor& source, const Scalar& alpha, const char* name) {
  if (alpha.to_double() == 1) return source;
  check_fits(alpha, source.dtype(), name);
  if (source.dtype() == boolean) return logical_and(source, full({}, alpha.to<bool>(), {.device = source.device()}));
  return source * (is_floating_point(source.dtype()) ? alpha : Scalar(alpha.to<int64_t>()));
}

}  // namespace

Tensor Tensor::index_select(int64_t d, const Tensor& index) const {
  const Places places = vector_of(*this, d, index, false, "index_select");
  if (dim() > 0) return index_at("index_select", *this, places);
  if (places.at.numel() != 1)
    fail("index_select", "a 0-dim tensor has one element to select, got {} indices", places.at.numel());
  return clone();
}

Tensor Tensor::index_add(int64_t d, const Tensor& index, const Tensor& source, const Scalar& alpha) const {
  const Places places = vector_of(*this, d, index, false, "index_add");
  return put_row("index_add", *this, places,
                 scaled(checked_source(*this, places, source, "index_add"), alpha, "index_add"), true);
}
const Tensor& Tensor::index_add_(int64_t d, const Tensor& index, const Tensor& source, const Scalar& alpha) const {
  const Places places = vector_of(*this, d, index, false, "index_add_");
  return put_row_in_place("index_add_", *this, places,
                          scaled(checked_source(*this, places, source, "index_add_"), alpha, "index_add_"), true);
}

Tensor Tensor::index_copy(int64_t d, const Tensor& index, const Tensor& source) const {
  const Places places = vector_of(*this, d, index, false, "index_copy");
  return put_row("index_copy", *this, places, checked_source(*this, places, source, "index_copy"), false);
}
const Tensor& Tensor::index_copy_(int64_t d, const Tensor& index, const Tensor& source) const {
  const Places places = vector_of(*this, d, index, false, "index_copy_");
  return put_row_in_place("index_copy_", *this, places, checked_source(*this, places, source, "index_copy_"), false);
}

Tensor Tensor::index_fill(int64_t d, const Tensor& index, const Scalar& value) const {
  return put_row("index_fill", *this, vector_of(*this, d, index, true, "index_fill"),
                 number_in(*this, value, "index_fill"), false, false);
}
const Tensor& Tensor::index_fill_(int64_t d, const Tensor& index, const Scalar& value) const {
  return put_row_in_place("index_fill_", *this, vector_of(*this, d, index, true, "index_fill_"),
                          number_in(*this, value, "index_fill_"), false);
}

Tensor Tensor::take(const Tensor& index) const {
  if (index.dtype() != int64 && index.dtype() != int32) fail("take", "expected int64 indices, got {}", index.dtype());
  check_same_device(*this, index, "take");
  const Tensor flat = reshape({numel()});
  return index_at("take", flat, {checked_index(index, 0, numel(), true, "take"), 0, 1});
}

Tensor Tensor::put(const Tensor& index, const Tensor& source, bool accumulate) const {
  if (index.dtype() != int64) fail("put", "expected int64 indices, got {}", index.dtype());
  check_same_device(*this, index, "put");
  check_same_device(*this, source, "put");
  if (source.dtype() != dtype()) fail("put", "expected a source of {}, got {}: convert it", dtype(), source.dtype());
  if (source.numel() != index.numel())
    fail("put", "expected as many elements as indices, got {} and {}", source.numel(), index.numel());
  const Tensor places = checked_index(index.reshape({index.numel()}), 0, numel(), true, "put");
  const Tensor y = index_put_at("put", reshape({numel()}), {places, 0, 1}, source.reshape({index.numel()}), accumulate)
                       .reshape(shape());
  return is_contiguous() ? y : copy_laid_out_as(y, *this);
}
const Tensor& Tensor::put_(const Tensor& index, const Tensor& source, bool accumulate) const {
  return in_place_by_copy("put_", *this, {&source}, [&](const Tensor& x) { return x.put(index, source, accumulate); });
}

}  // namespace tenon
