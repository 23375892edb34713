// Views of some of the elements: narrow, select, slice, diagonal, unfold, as_strided.
#include "ops/shape/view.h"
#include "ops/shape/window.h"

namespace tenon {
namespace {

/// Zeros of `shape`, to which each of the windows in g is added: the backward of unfold, where windows overlap.
Tensor add_windows(const Tensor& g, const Shape& shape, int64_t dim, int64_t size, int64_t step) {
  Tensor y = zeros(shape, {g.dtype(), g.device()});
  {
    const NoGrad guard;
    const int64_t windows = g.size(dim);
    for (int64_t i = 0; i < size && windows > 0; ++i)
      y.slice(dim, {i, i + (windows - 1) * step + 1, step}).add_(g.select(-1, i));
  }
  if (needs_grad(g)) record("add_windows", y, {&g}, {}, [=](Grads& h) { h.give(0, h.in().unfold(dim, size, step)); });
  return y;
}

}  // namespace

Tensor Tensor::narrow(int64_t d, int64_t start, int64_t length) const {
  if (dim() == 0) fail("narrow", "a 0-dim tensor has nothing to narrow");
  const auto at = static_cast<std::size_t>(wrap_dim(d, dim(), "narrow"));
  const int64_t n = shape()[at], from = start < 0 ? start + n : start;
  if (from < 0 || length < 0 || from > n || length > n - from)
    fail("narrow", "{} elements from {} on are out of range for dimension {} of size {}", length, start, d, n);
  Shape sizes = shape();
  sizes[at] = length;
  Tensor y = view_of(*this, sizes, strides(), storage_offset() + from * strides()[at]);
  record_part("narrow", y, *this, [d, from, length](const Tensor& x) { return x.narrow(d, from, length); });
  return y;
}

Tensor Tensor::select(int64_t d, int64_t index) const {
  if (dim() == 0) fail("select", "a 0-dim tensor cannot be indexed: use item()");
  const auto at = static_cast<std::size_t>(wrap_dim(d, dim(), "select"));
  const int64_t n = shape()[at], i = index < 0 ? index + n : index;
  if (i < 0 || i >= n) fail("select", "index {} is out of range for dimension {} of size {}", index, d, n);
  Shape sizes, steps;
  for (std::size_t k = 0; k < shape().size(); ++k) {
    if (k == at) continue;
    sizes.push_back(shape()[k]);
    steps.push_back(strides()[k]);
  }
  Tensor y = view_of(*this, sizes, steps, storage_offset() + i * strides()[at]);
  record_part("select", y, *this, [d, i](const Tensor& x) { return x.select(d, i); });
  return y;
}

Tensor Tensor::slice(int64_t d, const Slice& slice) const {
  if (dim() == 0) fail("slice", "a 0-dim tensor has nothing to slice");
  const auto at = static_cast<std::size_t>(wrap_dim(d, dim(), "slice"));
  if (slice.step < 1) fail("slice", "expected a step of 1 or more, got {}: flip() turns a dimension round", slice.step);
  const int64_t n = shape()[at];
  const auto within = [n](int64_t place) { return std::clamp<int64_t>(place < 0 ? place + n : place, 0, n); };
  const int64_t start = within(slice.start.value_or(0)), stop = std::max(within(slice.stop.value_or(n)), start);
  const int64_t length = (stop - start) / slice.step + ((stop - start) % slice.step != 0 ? 1 : 0);
  Shape sizes = shape(), steps = strides();
  sizes[at] = length;
  if (length > 1) steps[at] *= slice.step;  // a step beyond the end may be any number
  Tensor y = view_of(*this, sizes, steps, storage_offset() + (length == 0 ? 0 : start * strides()[at]));
  record_part("slice", y, *this, [d, start, stop, step = slice.step](const Tensor& x) {
    return x.slice(d, {start, stop, step});
  });
  return y;
}

Tensor Tensor::diagonal(int64_t offset, int64_t dim1, int64_t dim2) const {
  if (dim() < 2) fail("diagonal", "expected at least 2 dimensions, got shape {}", shape().to_string());
  const auto a = static_cast<std::size_t>(wrap_dim(dim1, dim(), "diagonal")),
             b = static_cast<std::size_t>(wrap_dim(dim2, dim(), "diagonal"));
  if (a == b) fail("diagonal", "expected two dimensions, got dimension {} twice", a);
  const int64_t rows = shape()[a], columns = shape()[b];
  int64_t length = 0, first = storage_offset();
  if (offset > -rows && offset < columns)
    length = offset >= 0 ? std::min(rows, columns - offset) : std::min(rows + offset, columns);
  if (length > 0) first += offset >= 0 ? offset * strides()[b] : -offset * strides()[a];
  Shape sizes, steps;
  for (std::size_t d = 0; d < shape().size(); ++d) {
    if (d == a || d == b) continue;
    sizes.push_back(shape()[d]);
    steps.push_back(strides()[d]);
  }
  sizes.push_back(length);
  steps.push_back(strides()[a] + strides()[b]);
  Tensor y = view_of(*this, sizes, steps, first);
  record_part("diagonal", y, *this, [=](const Tensor& x) { return x.diagonal(offset, dim1, dim2); });
  return y;
}

Tensor Tensor::unfold(int64_t d, int64_t size, int64_t step) const {
  const auto at = static_cast<std::size_t>(wrap_dim(d, dim(), "unfold"));
  const int64_t n = dim() == 0 ? 1 : shape()[at], stride = dim() == 0 ? 1 : strides()[at];
  if (size < 0 || size > n)
    fail("unfold", "windows of {} elements do not fit into dimension {} of size {}", size, d, n);
  if (step < 1) fail("unfold", "expected a step of 1 or more, got {}", step);
  Shape sizes = shape(), steps = strides();
  if (dim() > 0) {
    sizes[at] = (n - size) / step + 1;
    if (sizes[at] > 1) steps[at] = stride * step;
  }
  sizes.push_back(size);
  steps.push_back(stride);
  Tensor y = view_of(*this, sizes, steps, storage_offset());
  if (needs_grad(*this))
    record("unfold", y, {this}, {}, [whole = shape(), d, size, step](Grads& g) {
      g.give(0, whole.empty()
                    ? g.in().reshape(whole)
                    : add_windows(g.in(), whole, d < 0 ? d + static_cast<int64_t>(whole.size()) : d, size, step));
    });
  return y;
}

Tensor Tensor::as_strided(const Shape& sizes, const Shape& steps, std::optional<int64_t> offset) const {
  if (sizes.size() != steps.size())
    fail("as_strided", "expected a stride for each size, got {} and {}", sizes.to_string(), steps.to_string());
  const int64_t first = offset.value_or(storage_offset()), available = impl_->storage->nbytes / element_size();
  check_numel(sizes, "as_strided");
  int64_t last = first;
  bool fits = first >= 0;
  for (std::size_t d = 0; d < sizes.size(); ++d) {
    if (sizes[d] < 0 || steps[d] < 0)
      fail("as_strided", "sizes and strides cannot be negative: {} and {}", sizes.to_string(), steps.to_string());
    int64_t span = 0;
    fits = fits && !__builtin_mul_overflow(std::max<int64_t>(sizes[d] - 1, 0), steps[d], &span) &&
           !__builtin_add_overflow(last, span, &last);
  }
  if (!fits || (sizes.numel() > 0 && last >= available))
    fail("as_strided", "shape {} with strides {} from {} on reaches beyond a memory of {} elements", sizes.to_string(),
         steps.to_string(), first, available);
  Tensor y = view_of(*this, sizes, steps, first);
  if (needs_grad(*this))
    record("as_strided", y, {this}, {},
           [from = Window(*this), to = Window(y)](Grads& g) { g.give(0, as_strided_backward(g.in(), from, to)); });
  return y;
}

Tensor Tensor::narrow_copy(int64_t d, int64_t start, int64_t length) const {
  return copy_by_rows(narrow(d, start, length));
}

}  // namespace tenon
