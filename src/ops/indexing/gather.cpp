// One element for each index, along a dimension: gather, scatter, scatter_add, take_along_dim.
#include "backend/index.h"
#include "ops/in_place.h"
#include "ops/indexing/along.h"

namespace tenon {
namespace {

/// The same elements whatever the index along `dim` is: a kernel adds index · stride.
Tensor without_steps(const Tensor& x, const Shape& sizes, int64_t dim) {
  Shape strides = x.strides();
  strides[static_cast<std::size_t>(dim)] = 0;
  return new_alias(x, sizes, strides, x.storage_offset());
}

Tensor at_least_one(const Tensor& x) { return x.dim() == 0 ? x.unsqueeze(0) : x; }

/// The index checked. Sizes that were expanded stay so: an index for each row is read once a row.
Tensor checked(const Tensor& index, const Tensor& x, int64_t dim, const char* name) {
  const NoGrad guard;
  Tensor one = index;
  for (int64_t d = 0; d < index.dim(); ++d)
    if (index.stride(d) == 0 && index.size(d) > 1) one = one.narrow(d, 0, 1);
  return checked_index(one, dim, x.size(dim), false, name).expand(index.shape());
}

Tensor combined(const char* name, const Along& along, Combine how) {
  Tensor y = untracked_copy_by_rows(along.x);
  combine_along(y, along, how);
  if (needs_grad(along.x, along.source))
    record(name, y, {&along.x, &along.source}, {&along.index},
           [how, dim = along.dim, like = Like(along.source)](Grads& g) {
             if (g.needs(0)) g.give(0, how == Combine::add ? g.in() : g.in().scatter(dim, g.saved(0), 0));
             if (g.needs(1)) g.give(1, reduce_to(g.in().gather(dim, g.saved(0)), like));
           });
  return y;
}

Tensor scattered(const char* name, const Tensor& x, int64_t dim, const Tensor& index, const Tensor& source,
                 Combine how) {
  return combined(name, along(x, dim, index, source, name), how).reshape(x.shape());
}

const Tensor& scatter_in_place(const char* name, const Tensor& x, int64_t dim, const Tensor& index,
                               const Tensor& source, Combine how) {
  const Along a = along(x.detach(), dim, index, apart_from(x, source), name);
  return in_place(
      name, x, {&a.source}, [&](const Tensor&) { combine_along(a.x, a, how); },
      [&](const Tensor& before) {
        return combined(name, {at_least_one(before), a.index, a.source, a.dim}, how).reshape(x.shape());
      });
}

}  // namespace

Along along(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& source, const char* name) {
  if (index.dtype() != int64 && index.dtype() != int32) fail(name, "expected indices of int64, got {}", index.dtype());
  check_same_device(x, index, name);
  Along a{at_least_one(x), at_least_one(index), source, wrap_dim(dim, x.dim(), name)};
  const Shape sizes = a.x.shape(), places = a.index.shape();  // kept: both tensors are replaced below
  const auto at = static_cast<std::size_t>(a.dim);
  if (index.numel() == 0) {
    a.index = zeros(Shape(sizes.size(), int64_t{0}), {int64, x.device()});
    if (source.defined() && source.dim() > 0) a.source = zeros(a.index.shape(), {source.dtype(), source.device()});
    return a;
  }
  bool fits = sizes.size() == places.size();
  for (std::size_t d = 0; fits && d < sizes.size(); ++d) fits = d == at || places[d] <= sizes[d];
  if (!fits)
    fail(name, "expected an index no larger than {} except in dimension {}, got {}", x.shape().to_string(), a.dim,
         index.shape().to_string());
  a.index = checked(a.index, a.x, a.dim, name);
  if (!source.defined()) return a;
  check_same_device(x, source, name);
  if (source.dtype() != x.dtype()) fail(name, "expected a source of {}, got {}", x.dtype(), source.dtype());
  if (source.dim() == 0 && index.dim() != 0) return a;  // a number for all
  a.source = at_least_one(source);
  if (a.source.dim() != a.index.dim())
    fail(name, "expected a source of {} dimensions, got shape {}", a.index.dim(), source.shape().to_string());
  for (std::size_t d = 0; d < places.size(); ++d) {
    if (a.source.shape()[d] < places[d])
      fail(name, "a source of shape {} has too little for an index of shape {}", source.shape().to_string(),
           index.shape().to_string());
    if (a.source.shape()[d] > places[d]) a.source = a.source.narrow(static_cast<int64_t>(d), 0, places[d]);
  }
  return a;
}

void combine_along(const Tensor& x, const Along& a, Combine how) {
  const NoGrad guard;
  if (a.index.numel() == 0) return;
  const Tensor to = without_steps(x, a.index.shape(), a.dim), index = apart_from(x, a.index);
  scatter_into(how, x, to, a.source.expand(a.index.shape()), index, a.dim, x.stride(a.dim));
}

Tensor Tensor::gather(int64_t d, const Tensor& index) const {
  const Along a = along(*this, d, index, {}, "gather");
  const Tensor y = new_tensor(a.index.shape(), dtype(), device());
  if (y.numel() > 0)
    on<IndexKernels>(device()).gather(y, without_steps(a.x, y.shape(), a.dim), a.index, a.x.stride(a.dim));
  if (needs_grad(a.x))
    record("gather", y, {&a.x}, {&a.index}, [whole = a.x.shape(), dim = a.dim](Grads& g) {
      const Tensor none = zeros(whole, {g.in().dtype(), g.in().device()});
      g.give(0, combined("gather", {none, g.saved(0), g.in(), dim}, Combine::add));
    });
  return y.shape() == index.shape() ? y : y.reshape(index.shape());
}

Tensor Tensor::take_along_dim(const Tensor& index, std::optional<int64_t> d) const {
  if (index.dtype() != int64) fail("take_along_dim", "expected indices of int64, got {}", index.dtype());
  if (!d) return reshape({numel()}).gather(0, checked_index(index, 0, numel(), true, "take_along_dim").reshape({-1}));
  if (index.dim() != dim())
    fail("take_along_dim", "expected an index of {} dimensions, as the tensor has, got shape {}", dim(),
         index.shape().to_string());
  const int64_t along = wrap_dim(*d, dim(), "take_along_dim");
  if (dim() == 0) return gather(0, index);
  const auto at = static_cast<std::size_t>(along);
  Shape own = shape(), other = index.shape();  // all but this dimension broadcast
  own[at] = other[at] = 1;
  Shape sizes = broadcast_shapes(own, other, "take_along_dim"), places = sizes;
  sizes[at] = size(along);
  places[at] = index.size(along);
  return expand(sizes).gather(along, checked_index(index, along, size(along), true, "take_along_dim").expand(places));
}

Tensor Tensor::scatter(int64_t d, const Tensor& index, const Tensor& source) const {
  return scattered("scatter", *this, d, index, source, Combine::replace);
}
Tensor Tensor::scatter(int64_t d, const Tensor& index, const Scalar& value) const {
  return scattered("scatter", *this, d, index, number_in(*this, value, "scatter"), Combine::replace);
}
Tensor Tensor::scatter_add(int64_t d, const Tensor& index, const Tensor& source) const {
  return scattered("scatter_add", *this, d, index, source, Combine::add);
}
const Tensor& Tensor::scatter_(int64_t d, const Tensor& index, const Tensor& source) const {
  return scatter_in_place("scatter_", *this, d, index, source, Combine::replace);
}
const Tensor& Tensor::scatter_(int64_t d, const Tensor& index, const Scalar& value) const {
  return scatter_in_place("scatter_", *this, d, index, number_in(*this, value, "scatter_"), Combine::replace);
}
const Tensor& Tensor::scatter_add_(int64_t d, const Tensor& index, const Tensor& source) const {
  return scatter_in_place("scatter_add_", *this, d, index, source, Combine::add);
}

}  // namespace tenon
