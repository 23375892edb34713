// Choosing and changing by mask: masked_fill, masked_select, masked_scatter, nonzero.
#include "backend/index.h"
#include "backend/memory.h"
#include "ops/in_place.h"
#include "ops/indexing/offsets.h"
#include "ops/shape/view.h"

namespace tenon {
namespace {

void check_mask(const Tensor& x, const Tensor& mask, const char* name) {
  if (mask.dtype() != boolean) fail(name, "expected a mask of bool, got {}: compare it with 0 first", mask.dtype());
  check_same_device(x, mask, name);
}

void check_mask_fits(const Tensor& x, const Tensor& mask, const char* name) {
  check_mask(x, mask, name);
  if (broadcast_shapes(x.shape(), mask.shape(), name) != x.shape())
    fail(name, "a mask of shape {} does not fit into a tensor of shape {}", mask.shape().to_string(),
         x.shape().to_string());
}

/// A 0-dim tensor of x's type.
Tensor checked_value(const Tensor& x, const Tensor& value, const char* name) {
  if (value.dim() != 0)
    fail(name, "expected a number or a 0-dim tensor to fill with, got shape {}", value.shape().to_string());
  return as_type(value.to(x.device()), x.dtype());
}

Tensor fill(const Tensor& x, const Tensor& mask, const Tensor& value) {
  check_mask(x, mask, "masked_fill");
  const Shape shape = broadcast_shapes(x.shape(), mask.shape(), "masked_fill");
  Tensor y = new_tensor(shape, x.dtype(), x.device());  // row-major whatever x is, as PyTorch's
  on<MemoryKernels>(y.device()).copy(y, x);
  on<IndexKernels>(y.device()).masked_copy(y, mask, value);
  if (needs_grad(x, value))
    record("masked_fill", y, {&x, &value}, {&mask}, [like = Like(x)](Grads& g) {
      if (g.needs(0)) g.give(0, reduce_to(g.in().masked_fill(g.saved(0), 0), like));
      if (g.needs(1)) g.give(1, g.in().masked_select(g.saved(0)).sum());
    });
  return y;
}

const Tensor& fill_in_place(const Tensor& x, const Tensor& mask, const Tensor& value) {
  check_mask_fits(x, mask, "masked_fill_");
  const Tensor where = apart_from(x, mask), number = apart_from(x, value);
  return in_place(
      "masked_fill_", x, {&number},
      [&](const Tensor& to) { on<IndexKernels>(to.device()).masked_copy(to, where, number); },
      [&](const Tensor& before) { return fill(before, where, number); });
}

/// Row-major places where the mask, expanded to `shape`, is true; there must be as many elements in the source.
Tensor places_for(const Tensor& mask, const Shape& shape, const Tensor& source, const char* name) {
  const Tensor places = true_places_of(mask.expand(shape), name);
  if (places.numel() > source.numel())
    fail(name, "the mask is true {} times, but the source has only {} elements", places.numel(), source.numel());
  return places;
}

void check_source(const Tensor& x, const Tensor& source, const char* name) {
  check_same_device(x, source, name);
  if (source.dtype() != x.dtype()) fail(name, "expected a source of {}, got {}", x.dtype(), source.dtype());
}

/// A contiguous copy of x, expanded, with the source's first elements at the places.
Tensor with_elements(const Tensor& x, const Shape& shape, const Tensor& places, const Tensor& source) {
  const NoGrad guard;
  const Tensor y = new_tensor(shape, x.dtype(), x.device());
  on<MemoryKernels>(x.device()).copy(y, x);
  put_at(y.view({-1}), {places, 0, 1}, source.reshape({-1}).narrow(0, 0, places.numel()), false);
  return y;
}

}  // namespace

Tensor Tensor::masked_fill(const Tensor& mask, const Scalar& value) const {
  return fill(*this, mask, number_in(*this, value, "masked_fill"));
}
Tensor Tensor::masked_fill(const Tensor& mask, const Tensor& value) const {
  return fill(*this, mask, checked_value(*this, value, "masked_fill"));
}
const Tensor& Tensor::masked_fill_(const Tensor& mask, const Scalar& value) const {
  return fill_in_place(*this, mask, number_in(*this, value, "masked_fill_"));
}
const Tensor& Tensor::masked_fill_(const Tensor& mask, const Tensor& value) const {
  return fill_in_place(*this, mask, checked_value(*this, value, "masked_fill_"));
}

Tensor Tensor::masked_select(const Tensor& mask) const {
  check_mask(*this, mask, "masked_select");
  const Shape sizes = broadcast_shapes(shape(), mask.shape(), "masked_select");
  const Tensor places = true_places_of(mask.expand(sizes), "masked_select");
  return index_at("masked_select", expand(sizes).reshape({-1}), {places, 0, 1});
}

Tensor Tensor::masked_scatter(const Tensor& mask, const Tensor& source) const {
  check_mask(*this, mask, "masked_scatter");
  check_source(*this, source, "masked_scatter");
  const Shape sizes = broadcast_shapes(shape(), mask.shape(), "masked_scatter");
  Tensor y = with_elements(*this, sizes, places_for(mask, sizes, source, "masked_scatter"), source);
  if (needs_grad(*this, source))
    record("masked_scatter", y, {this, &source}, {&mask}, [like = Like(*this), from = source.shape()](Grads& g) {
      if (g.needs(0)) g.give(0, reduce_to(g.in().masked_fill(g.saved(0), 0), like));
      if (!g.needs(1)) return;
      const Tensor used = g.in().masked_select(g.saved(0));
      g.give(1, zeros_around(used, {from.numel()}, [n = used.numel()](const Tensor& x) {
                  return x.narrow(0, 0, n);
                }).reshape(from));
    });
  return y;
}

const Tensor& Tensor::masked_scatter_(const Tensor& mask, const Tensor& source) const {
  check_mask_fits(*this, mask, "masked_scatter_");
  check_source(*this, source, "masked_scatter_");
  const Tensor places = places_for(mask, shape(), source, "masked_scatter_"), where = apart_from(*this, mask),
               from = apart_from(*this, source);
  return in_place(
      "masked_scatter_", *this, {&from},
      [&](const Tensor& to) { on<MemoryKernels>(to.device()).copy(to, with_elements(to, to.shape(), places, from)); },
      [&](const Tensor& before) { return before.masked_scatter(where, from); });
}

Tensor Tensor::nonzero() const {
  if (is_meta())
    fail("nonzero", "how many elements are not zero depends on data, which a tensor on the meta device has not");
  const NoGrad guard;
  const Tensor mask = as_type(*this, boolean).contiguous();
  const Tensor places = new_tensor({on<IndexKernels>(device()).count_true(mask), dim()}, int64, device());
  on<IndexKernels>(device()).true_places(places, mask);
  const Tensor turned = places.t().contiguous();  // a dimension's coordinates side by side, as PyTorch's
  return new_alias(turned, places.shape(), {1, std::max<int64_t>(places.size(0), 1)}, 0);
}

std::vector<Tensor> where(const Tensor& condition) {
  return (condition.dim() == 0 ? condition.unsqueeze(0) : condition).nonzero().unbind(1);
}

}  // namespace tenon
