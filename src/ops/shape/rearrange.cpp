// Repeating and moving elements: repeat, tile, repeat_interleave, roll, flip, rot90.
#include "backend/memory.h"
#include "ops/shape/view.h"

namespace tenon {
namespace {

/// x's elements in the order of a header whose strides may be negative, which a tensor's own are not.
Tensor flipped(const Tensor& x, const Shape& dims) {
  Shape steps = x.strides();
  int64_t first = x.storage_offset();
  for (const int64_t d : dims) {
    const auto at = static_cast<std::size_t>(d);
    first += std::max<int64_t>(x.shape()[at] - 1, 0) * steps[at];
    steps[at] = -steps[at];
  }
  const Tensor y = new_like(x, x.dtype());
  if (y.numel() > 0) on<MemoryKernels>(x.device()).copy(y, new_alias(x, x.shape(), steps, first));
  if (needs_grad(x)) record("flip", y, {&x}, {}, [dims](Grads& g) { g.give(0, flipped(g.in(), dims)); });
  return y;
}

Tensor rolled(const Tensor& x, int64_t shift, int64_t dim) {
  const int64_t n = x.size(dim);
  if (n == 0) return x.clone();
  const int64_t at = ((shift % n) + n) % n;  // where the first element comes to
  const Tensor y = new_joined(x.shape(), x.dtype(), {&x, 1});
  {
    const NoGrad guard;
    y.narrow(dim, at, n - at).copy_(x.narrow(dim, 0, n - at));
    y.narrow(dim, 0, at).copy_(x.narrow(dim, n - at, at));
  }
  if (needs_grad(x)) record("roll", y, {&x}, {}, [at, dim](Grads& g) { g.give(0, rolled(g.in(), -at, dim)); });
  return y;
}

}  // namespace

Tensor Tensor::repeat(const Shape& repeats) const {
  if (static_cast<int64_t>(repeats.size()) < dim())
    fail("repeat", "expected a number for each of {} dimensions or more, got {}", dim(), repeats.to_string());
  const std::size_t added = repeats.size() - shape().size();
  Shape apart, wide, result;  // (…, 1, n, …), expanded to (…, times, n, …)
  for (std::size_t d = 0; d < repeats.size(); ++d) {
    if (repeats[d] < 0) fail("repeat", "numbers of repetitions cannot be negative: {}", repeats.to_string());
    const int64_t n = d < added ? 1 : shape()[d - added];
    apart.push_back(1);
    apart.push_back(n);
    wide.push_back(repeats[d]);
    wide.push_back(n);
  }
  check_numel(wide, "repeat");
  for (std::size_t d = 0; d < wide.size(); d += 2) result.push_back(wide[d] * wide[d + 1]);
  const Tensor y = reshape(apart).expand(wide).reshape(result);
  return y.shares_storage_with(*this) ? copy_by_rows(y) : y;
}

Tensor Tensor::tile(const Shape& repeats) const {
  Shape all = repeats;
  while (static_cast<int64_t>(all.size()) < dim()) all.insert(0, 1);
  return repeat(all);
}

Tensor Tensor::repeat_interleave(int64_t repeats, std::optional<int64_t> d) const {
  if (repeats < 0) fail("repeat_interleave", "the number of repetitions cannot be negative: {}", repeats);
  if (!d) return reshape({-1}).repeat_interleave(repeats, 0);
  if (dim() == 0) return reshape({1}).repeat_interleave(repeats, d);
  const int64_t along = wrap_dim(*d, dim(), "repeat_interleave");
  Shape wide = shape(), result = shape();
  wide.insert(static_cast<std::size_t>(along) + 1, repeats);
  check_numel(wide, "repeat_interleave");
  result[static_cast<std::size_t>(along)] *= repeats;
  const Tensor y = unsqueeze(along + 1).expand(wide).reshape(result);
  return y.shares_storage_with(*this) ? copy_by_rows(y) : y;
}

Tensor Tensor::repeat_interleave(const Tensor& repeats, std::optional<int64_t> d) const {
  if (!d) return reshape({numel()}).repeat_interleave(repeats, 0);
  if (dim() == 0) return reshape({1}).repeat_interleave(repeats, d);
  const int64_t along = wrap_dim(*d, dim(), "repeat_interleave"), n = size(along);
  if (repeats.dim() > 1 || (repeats.dtype() != int64 && repeats.dtype() != int32))
    fail("repeat_interleave", "expected a vector of int64 numbers, got shape {} of {}", repeats.shape().to_string(),
         repeats.dtype());
  if (repeats.numel() != 1 && repeats.numel() != n)
    fail("repeat_interleave", "expected {} numbers of repetitions, one for each element of dimension {}, got {}", n,
         along, repeats.numel());
  const std::vector<int64_t> times = repeats.to_vector<int64_t>();
  std::vector<int64_t> from;
  for (int64_t i = 0; i < n; ++i) {
    const int64_t t = times[times.size() == 1 ? 0 : static_cast<std::size_t>(i)];
    if (t < 0) fail("repeat_interleave", "the number of repetitions cannot be negative: {}", t);
    from.insert(from.end(), static_cast<std::size_t>(t), i);
  }
  return index_select(along, tensor(from).to(device()));
}

Tensor Tensor::roll(const Shape& shifts, const Shape& dims) const {
  if (dims.empty() && shifts.size() == 1) return reshape({numel()}).roll(shifts, {0}).reshape(shape());
  if (shifts.size() != dims.size() || shifts.empty())
    fail("roll", "expected a shift for each dimension, got {} and {}", shifts.to_string(), dims.to_string());
  if (dim() == 0) fail("roll", "a 0-dim tensor has no dimension to roll along");
  Tensor y = *this;
  for (std::size_t i = 0; i < dims.size(); ++i) y = rolled(y, shifts[i], wrap_dim(dims[i], dim(), "roll"));
  return y;
}

Tensor Tensor::flip(const Shape& dims) const {
  Shape own;
  SmallVector<bool, 8> named(std::max<std::size_t>(shape().size(), 1), false);
  for (const int64_t d : dims) {
    const int64_t at = wrap_dim(d, dim(), "flip");
    if (named[static_cast<std::size_t>(at)]) fail("flip", "dimension {} is named twice: {}", at, dims.to_string());
    named[static_cast<std::size_t>(at)] = true;
    if (dim() > 0) own.push_back(at);
  }
  return flipped(*this, own);
}

Tensor Tensor::rot90(int64_t k, const Shape& dims) const {
  if (dims.size() != 2) fail("rot90", "expected two dimensions, got {}", dims.to_string());
  if (dim() < 2) fail("rot90", "expected a matrix or more, got shape {}", shape().to_string());
  const int64_t a = wrap_dim(dims[0], dim(), "rot90"), b = wrap_dim(dims[1], dim(), "rot90");
  if (a == b) fail("rot90", "expected two different dimensions, got {}", dims.to_string());
  switch ((k % 4 + 4) % 4) {
    case 1: return flip({b}).transpose(a, b);
    case 2: return flip({a, b});
    case 3: return flip({a}).transpose(a, b);
    default: return copy_by_rows(*this);
  }
}

Tensor Tensor::fliplr() const {
  if (dim() < 2) fail("fliplr", "expected at least 2 dimensions, got shape {}", shape().to_string());
  return flip({1});
}

Tensor Tensor::flipud() const {
  if (dim() < 1) fail("flipud", "expected at least 1 dimension, got a 0-dim tensor");
  return flip({0});
}

}  // namespace tenon
