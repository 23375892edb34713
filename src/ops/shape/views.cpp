// Other headers on all of the same data: view, permute, expand, squeeze and their kin.
#include "ops/shape/view.h"

#include "tape/view.h"

namespace tenon {

Tensor view_of(const Tensor& x, const Shape& sizes, const Shape& strides, int64_t offset) {
  return view_of(x, new_header(x, sizes, strides, offset));
}

namespace {

/// Whether the sizes are x's number of elements as they stand: nothing to infer, nothing to complain of.
bool fit(const Shape& sizes, const Tensor& x) {
  int64_t n = 1;
  bool plain = true;
  for (const int64_t d : sizes) plain &= d > 0 && !__builtin_mul_overflow(n, d, &n);
  return plain && n == x.numel();
}

/// Replaces the one −1 and checks the count.
Shape inferred(const Shape& wanted, const Tensor& x, std::string_view operation) {
  Shape s = wanted;
  int64_t known = 1, unknown = -1;
  check_numel(wanted, operation);
  for (std::size_t d = 0; d < s.size(); ++d) {
    if (s[d] == -1) {
      if (unknown >= 0) fail(operation, "only one size can be −1: {}", wanted.to_string());
      unknown = static_cast<int64_t>(d);
    } else if (s[d] < 0) {
      fail(operation, "a size cannot be negative: {}", wanted.to_string());
    } else {
      known *= s[d];
    }
  }
  if (unknown >= 0 && known != 0 && x.numel() % known == 0) s[static_cast<std::size_t>(unknown)] = x.numel() / known;
  else if (unknown >= 0)
    fail(operation, "{} does not fit {} elements (shape {})", wanted.to_string(), x.numel(), x.shape().to_string());
  if (s.numel() != x.numel())
    fail(operation, "{} does not fit {} elements (shape {})", wanted.to_string(), x.numel(), x.shape().to_string());
  return s;
}

/// The strides that show x in `sizes` without moving an element; empty optional where there are none.
std::optional<Shape> strides_for(const Tensor& x, const Shape& sizes) {
  if (x.numel() == 0) return contiguous_strides(sizes);
  Shape strides(sizes.size(), int64_t{1});
  const Shape& from = x.shape();
  const Shape& by = x.strides();
  // Walk both shapes from the end: each run of x's dimensions that lies evenly in memory must be covered by whole new
  // dimensions.
  auto to = static_cast<int64_t>(sizes.size()) - 1;
  int64_t run = 1, covered = 1, base = by.back();
  for (std::size_t d = from.size(); d-- > 0;) {
    run *= from[d];
    const bool last = d == 0;
    if (!last && (from[d - 1] == 1 || by[d - 1] == run * base)) continue;
    while (to >= 0 && (covered < run || sizes[static_cast<std::size_t>(to)] == 1)) {
      strides[static_cast<std::size_t>(to)] = covered * base;
      covered *= sizes[static_cast<std::size_t>(to)];
      --to;
    }
    if (covered != run) return std::nullopt;
    if (!last) {
      base = by[d - 1];
      run = covered = 1;
    }
  }
  return to == -1 ? std::optional(strides) : std::nullopt;
}

/// from, from + 1, … to − 1.
Shape dims_from(int64_t from, int64_t to) {
  Shape dims;
  for (int64_t d = from; d < to; ++d) dims.push_back(d);
  return dims;
}

void record_reshape(const char* name, const Tensor& y, const Tensor& x) {
  if (needs_grad(x)) record(name, y, {&x}, {}, [from = x.shape()](Grads& g) { g.give(0, g.in().reshape(from)); });
}

/// x's elements in `sizes`, as many; undefined where that takes a copy.
Tensor seen_as(const Tensor& x, const Shape& sizes) {
  Ref<TensorImpl> header;
  if (x.is_contiguous()) {
    header = new_header(x, sizes);
  } else {
    const auto strides = strides_for(x, sizes);
    if (!strides) return {};
    header = new_header(x, sizes, *strides, x.storage_offset());
  }
  Tensor y = view_of(x, std::move(header));
  record_reshape("view", y, x);
  return y;
}

}  // namespace

Tensor Tensor::view(const Shape& wanted) const {
  const auto seen = [this](const Shape& sizes) {
    Tensor y = seen_as(*this, sizes);
    if (!y.defined())
      fail("view", "shape {} with strides {} cannot be viewed as {} without a copy: use reshape()", shape().to_string(),
           strides().to_string(), sizes.to_string());
    return y;
  };
  return fit(wanted, *this) ? seen(wanted) : seen(inferred(wanted, *this, "view"));
}

Tensor Tensor::view_as_type(DType to) const {  // never recorded, as in PyTorch
  const int64_t from_size = element_size(), to_size = item_size(to);
  Shape sizes = shape(), steps = strides();
  int64_t offset = storage_offset();
  if (from_size != to_size) {
    if (dim() == 0)
      fail("view", "a 0-dim tensor has no last dimension that could become {} from {}: unsqueeze() it first", to,
           dtype());
    if (steps.back() != 1)
      fail("view", "expected the last dimension to lie in one piece for a view of {} as {}, got strides {}", dtype(),
           to, steps.to_string());
    // Everything is counted in the new elements from here on, and must be a whole number of them.
    const auto scaled = [&](int64_t n, std::string_view what) {
      if (n * from_size % to_size != 0)
        fail("view", "{} {} elements of {} are no whole number of {}: shape {}, strides {}", what, n, dtype(), to,
             shape().to_string(), strides().to_string());
      return n * from_size / to_size;
    };
    sizes.back() = scaled(sizes.back(), "the last size of");
    offset = scaled(offset, "an offset of");
    for (std::size_t d = 0; d + 1 < steps.size(); ++d) steps[d] = scaled(steps[d], "a stride of");
  }
  Tensor y = new_alias(*this, sizes, steps, 0);
  y.impl()->dtype = to;
  y.impl()->offset = offset;
  y.impl()->data = impl_->data;
  return y;
}

Tensor Tensor::reshape(const Shape& wanted) const {
  const auto seen = [this](const Shape& sizes) {
    if (sizes == shape()) return *this;
    Tensor y = seen_as(*this, sizes);
    return y.defined() ? y : contiguous().view(sizes);
  };
  return fit(wanted, *this) ? seen(wanted) : seen(inferred(wanted, *this, "reshape"));
}

Tensor Tensor::flatten(int64_t start_dim, int64_t end_dim) const {
  if (dim() == 0) return reshape({1});
  const auto from = static_cast<std::size_t>(wrap_dim(start_dim, dim(), "flatten"));
  const auto to = static_cast<std::size_t>(wrap_dim(end_dim, dim(), "flatten"));
  if (from > to) fail("flatten", "start_dim {} comes after end_dim {}", start_dim, end_dim);
  Shape sizes(shape().begin(), shape().begin() + from);
  sizes.push_back(Shape(shape().begin() + from, shape().begin() + to + 1).numel());
  for (std::size_t d = to + 1; d < shape().size(); ++d) sizes.push_back(shape()[d]);
  return reshape(sizes);
}

Tensor Tensor::unflatten(int64_t d, const Shape& sizes) const {
  if (dim() == 0) fail("unflatten", "a 0-dim tensor has no dimension to unflatten");
  const auto at = static_cast<std::size_t>(wrap_dim(d, dim(), "unflatten"));
  if (sizes.empty()) fail("unflatten", "expected at least one size");
  Shape parts = sizes, whole(shape().begin(), shape().begin() + at);
  int64_t known = 1, unknown = -1;
  check_numel(sizes, "unflatten");
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i] == -1 && unknown < 0) unknown = static_cast<int64_t>(i);
    else known *= parts[i];
  }
  if (unknown >= 0 && known > 0) parts[static_cast<std::size_t>(unknown)] = shape()[at] / known;
  if (parts.numel() != shape()[at])
    fail("unflatten", "{} does not multiply to {}, the size of dimension {}", sizes.to_string(), shape()[at], at);
  for (const int64_t n : parts) whole.push_back(n);
  for (std::size_t i = at + 1; i < shape().size(); ++i) whole.push_back(shape()[i]);
  return view(whole);
}

Tensor Tensor::permute(const Shape& dims) const {
  if (static_cast<int64_t>(dims.size()) != dim())
    fail("permute", "expected {} dimensions, got {}", dim(), dims.to_string());
  Shape sizes(dims.size(), int64_t{0}), steps(dims.size(), int64_t{0}), inverse(dims.size(), int64_t{-1});
  for (std::size_t d = 0; d < dims.size(); ++d) {
    const auto from = static_cast<std::size_t>(wrap_dim(dims[d], dim(), "permute"));
    if (inverse[from] != -1) fail("permute", "dimension {} is named twice: {}", from, dims.to_string());
    inverse[from] = static_cast<int64_t>(d);
    sizes[d] = shape()[from];
    steps[d] = strides()[from];
  }
  Tensor y = view_of(*this, sizes, steps, storage_offset());
  if (needs_grad(*this)) record("permute", y, {this}, {}, [inverse](Grads& g) { g.give(0, g.in().permute(inverse)); });
  return y;
}

Tensor Tensor::transpose(int64_t dim0, int64_t dim1) const {
  const auto a = static_cast<std::size_t>(wrap_dim(dim0, dim(), "transpose")),
             b = static_cast<std::size_t>(wrap_dim(dim1, dim(), "transpose"));
  if (dim() == 0) return view({});
  Shape sizes = shape(), steps = strides();
  std::swap(sizes[a], sizes[b]);
  std::swap(steps[a], steps[b]);
  Tensor y = view_of(*this, sizes, steps, storage_offset());
  if (needs_grad(*this))
    record("transpose", y, {this}, {}, [dim0, dim1](Grads& g) { g.give(0, g.in().transpose(dim0, dim1)); });
  return y;
}

Tensor Tensor::movedim(const Shape& source, const Shape& destination) const {
  if (source.size() != destination.size())
    fail("movedim", "expected as many destinations as sources, got {} and {}", source.to_string(),
         destination.to_string());
  Shape order(shape().size(), int64_t{-1});
  SmallVector<bool, 8> moved(shape().size(), false);
  for (std::size_t i = 0; i < source.size(); ++i) {
    const int64_t from = wrap_dim(source[i], dim(), "movedim");
    const auto to = static_cast<std::size_t>(wrap_dim(destination[i], dim(), "movedim"));
    if (dim() == 0) continue;
    if (moved[static_cast<std::size_t>(from)] || order[to] != -1)
      fail("movedim", "a dimension is named twice: {} to {}", source.to_string(), destination.to_string());
    moved[static_cast<std::size_t>(from)] = true;
    order[to] = from;
  }
  std::size_t next = 0;  // the others keep their order
  for (int64_t& from : order) {
    if (from != -1) continue;
    while (moved[next]) ++next;
    from = static_cast<int64_t>(next++);
  }
  return permute(order);
}

Tensor Tensor::mT() const {
  if (dim() < 2) fail("mT", "expected a matrix or several, got shape {}", shape().to_string());
  return transpose(-2, -1);
}

Tensor Tensor::T() const {
  Shape reversed(shape().size(), int64_t{0});
  for (std::size_t d = 0; d < reversed.size(); ++d) reversed[d] = static_cast<int64_t>(reversed.size() - 1 - d);
  return permute(reversed);
}

Tensor Tensor::t() const {
  if (dim() > 2) fail("t", "expected at most 2 dimensions, got {}: use transpose() or permute()", shape().to_string());
  return dim() < 2 ? *this : transpose(0, 1);
}

Tensor Tensor::expand(const Shape& wanted) const {
  if (wanted.size() < shape().size())
    fail("expand", "{} has fewer dimensions than {}", wanted.to_string(), shape().to_string());
  const std::size_t added = wanted.size() - shape().size();
  Shape sizes = wanted, steps(wanted.size(), int64_t{0});
  for (std::size_t d = 0; d < sizes.size(); ++d) {
    const int64_t own = d < added ? 1 : shape()[d - added];
    if (sizes[d] == -1 && d >= added) sizes[d] = own;
    if (sizes[d] < 0 || (own != 1 && sizes[d] != own))
      fail("expand", "size {} of dimension {} cannot become {}: only sizes of 1 expand ({} to {})", own, d, wanted[d],
           shape().to_string(), wanted.to_string());
    if (own == sizes[d] && d >= added) steps[d] = strides()[d - added];
  }
  check_numel(sizes, "expand");
  Tensor y = view_of(*this, sizes, steps, storage_offset());
  if (needs_grad(*this))
    record("expand", y, {this}, {}, [like = Like(*this)](Grads& g) { g.give(0, reduce_to(g.in(), like)); });
  return y;
}

Tensor Tensor::squeeze(const Shape& dims) const {
  SmallVector<bool, 8> named(shape().size(), false);
  for (const int64_t d : dims) {
    const auto at = static_cast<std::size_t>(wrap_dim(d, dim(), "squeeze"));
    if (dim() == 0) continue;
    if (named[at]) fail("squeeze", "dimension {} is named twice: {}", at, dims.to_string());
    named[at] = true;
  }
  Shape sizes, steps;
  for (std::size_t d = 0; d < named.size(); ++d) {
    if (named[d] && shape()[d] == 1) continue;
    sizes.push_back(shape()[d]);
    steps.push_back(strides()[d]);
  }
  Tensor y = view_of(*this, sizes, steps, storage_offset());
  record_reshape("squeeze", y, *this);
  return y;
}

Tensor Tensor::squeeze() const { return squeeze(dims_from(0, dim())); }
Tensor Tensor::squeeze(int64_t d) const { return squeeze(Shape{d}); }

Tensor Tensor::unsqueeze(int64_t d) const {
  const auto at = static_cast<std::size_t>(wrap_dim(d, dim() + 1, "unsqueeze"));
  Shape sizes = shape(), steps = strides();
  steps.insert(at, at < sizes.size() ? sizes[at] * steps[at] : 1);
  sizes.insert(at, 1);
  Tensor y = view_of(*this, sizes, steps, storage_offset());
  record_reshape("unsqueeze", y, *this);
  return y;
}

}  // namespace tenon
