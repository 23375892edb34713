// Padding. All but constants are made in the result itself: x is copied into its middle, and then, dimension by
// dimension, what stands beyond the edges is copied from what lies between them.
#include <tenon/nn/functional/padding.h>

#include "backend/memory.h"
#include "ops/autocast.h"
#include "ops/common.h"
#include "tensor/memory_format.h"

namespace tenon::nn::functional {
namespace {

/// How many elements come before and after those of a dimension, the last dimension first.
class Margins {
 public:
  explicit Margins(const Shape& pad) : pad_(pad) {}
  std::size_t dims() const { return pad_.size() / 2; }
  int64_t before(std::size_t k) const { return pad_[2 * k]; }
  int64_t after(std::size_t k) const { return pad_[2 * k + 1]; }

  Margins operator-() const {
    return map([](int64_t n) { return -n; });
  }
  /// Only what is added, or only what is taken away.
  Margins added() const {
    return map([](int64_t n) { return std::max<int64_t>(n, 0); });
  }
  Margins taken() const {
    return map([](int64_t n) { return std::min<int64_t>(n, 0); });
  }
  bool none() const {
    return std::all_of(pad_.begin(), pad_.end(), [](int64_t n) { return n == 0; });
  }
  /// Only those of dimensions further out than k.
  Margins beyond(std::size_t k) const {
    Margins m = *this;
    std::fill_n(m.pad_.begin(), 2 * (k + 1), int64_t{0});
    return m;
  }
  Shape around(Shape sizes) const {
    for (std::size_t k = 0; k < dims(); ++k) {
      int64_t& n = sizes[sizes.size() - 1 - k];
      int64_t sum = 0;
      if (__builtin_add_overflow(before(k), after(k), &sum) || __builtin_add_overflow(n, sum, &n))
        fail("pad", "a padding of {} is more than memory has addresses", pad_.to_string());
    }
    return sizes;
  }

 private:
  template <class F>
  Margins map(F f) const {
    Shape all = pad_;
    for (int64_t& n : all) n = f(n);
    return Margins(all);
  }
  Shape pad_;
};

/// What is left of y without its margins, of 0 or more.
Tensor middle(Tensor y, const Margins& m) {
  if (m.none()) return y;
  for (std::size_t k = 0; k < m.dims(); ++k) {
    const int64_t d = y.dim() - 1 - static_cast<int64_t>(k);
    y = y.narrow(d, m.before(k), y.size(d) - m.before(k) - m.after(k));
  }
  return y;
}

Tensor new_padded(const Tensor& x, const Margins& m, MemoryFormat format) {
  return new_tensor(m.around(x.shape()), format, x.dtype(), x.device(), "pad");
}

/// Its backward is itself, with margins of the opposite sign and zeros.
Tensor with_constant(const Tensor& x, const Margins& m, const Scalar& value) {
  const Tensor y = new_padded(x, m, suggested_format(x));
  {
    const NoGrad guard;
    if (!m.added().none()) on<MemoryKernels>(y.device()).fill(y, value);
    middle(y, m.added()).copy_(middle(x, -m.taken()));
  }
  if (needs_grad(x)) record("constant_pad_nd", y, {&x}, {}, [m](Grads& g) { g.give(0, with_constant(g.in(), -m, 0)); });
  return y;
}

/// f(to, from) for the slices of y that stand beyond the edges of a dimension and those that they repeat; further out
/// later. Of some kinds several may go together: then `to` is wider than `from`, or both are as wide.
template <class F>
void for_each_repeated(const Tensor& y, std::size_t k, const Margins& m, PaddingMode mode, F f) {
  const int64_t d = y.dim() - 1 - static_cast<int64_t>(k), before = m.before(k), after = m.after(k),
                n = y.size(d) - before - after, end = before + n;
  const auto slices = [&](int64_t to, int64_t from, int64_t width, int64_t from_width) {
    if (width > 0) f(y.narrow(d, to, width), y.narrow(d, from, from_width));
  };
  switch (mode) {
    case PaddingMode::replicate: slices(0, before, before, 1); return slices(end, end - 1, after, 1);
    case PaddingMode::circular: slices(0, n, before, before); return slices(end, before, after, after);
    default:
      for (int64_t i = 1; i <= before; ++i) slices(before - i, before + i, 1, 1);
      for (int64_t i = 1; i <= after; ++i) slices(end - 1 + i, end - 1 - i, 1, 1);
  }
}

Tensor with_repeated(const Tensor& x, const Margins& m, PaddingMode mode, const char* name);

/// The gradient of x by that of the result: each repeated element's is added to that of the one it repeats. Of half
/// types in float, rounded once.
Tensor repeated_backward(const Tensor& g, const Margins& m, PaddingMode mode, const char* name) {
  Tensor dx;
  {
    const NoGrad guard;
    const Tensor sums = (is_half(g.dtype()) ? g.to(float32) : g).clone(suggested_format(g));
    for (std::size_t k = m.dims(); k-- > 0;)
      for_each_repeated(middle(sums, m.beyond(k)), k, m, mode, [](const Tensor& to, const Tensor& from) {
        from.add_(to.shape() == from.shape() ? to : to.sum_to_size(from.shape()));
      });
    const Tensor inner = middle(sums, m).to(g.dtype());
    dx = inner.clone(suggested_format(inner));
  }
  if (needs_grad(g))
    record(name, dx, {&g}, {}, [m, mode, name](Grads& h) { h.give(0, with_repeated(h.in(), m, mode, name)); });
  return dx;
}

Tensor with_repeated(const Tensor& x, const Margins& m, PaddingMode mode, const char* name) {
  // As in PyTorch, what comes round lies row by row.
  const Tensor y = new_padded(x, m, mode == PaddingMode::circular ? contiguous_format : suggested_format(x));
  {
    const NoGrad guard;
    middle(y, m).copy_(x);
    for (std::size_t k = 0; k < m.dims(); ++k)
      for_each_repeated(middle(y, m.beyond(k)), k, m, mode,
                        [](const Tensor& to, const Tensor& from) { to.copy_(from); });
  }
  if (needs_grad(x))
    record(name, y, {&x}, {}, [m, mode, name](Grads& g) { g.give(0, repeated_backward(g.in(), m, mode, name)); });
  return y;
}

void check(const Tensor& x, const Shape& pad, PaddingMode mode) {
  const auto refuse = [&](const std::string& expected) {
    fail("pad", "expected {}, got a padding of {} for an input of shape {}", expected, pad.to_string(),
         x.shape().to_string());
  };
  if (pad.size() % 2 != 0) refuse("two numbers for each dimension");
  const std::size_t dims = pad.size() / 2, all = x.shape().size();
  if (dims > all) refuse("no more dimensions than the input has");
  if (mode != PaddingMode::constant) {
    if (dims < 1 || dims > 3 || (all != dims + 1 && all != dims + 2))
      refuse("two numbers for each dimension after (N, C) or (C)");
    const bool may_be_empty = mode == PaddingMode::circular;
    for (std::size_t d = all == dims + 2 ? 1 : 0; d < all && !may_be_empty; ++d)
      if (x.shape()[d] == 0)
        fail("pad", "expected sizes other than 0 but for the batch's, got {}", x.shape().to_string());
  }
  const Shape padded = Margins(pad).around(x.shape());
  for (std::size_t k = 0; k < dims; ++k) {
    const std::size_t d = all - 1 - k;
    const int64_t before = pad[2 * k], after = pad[2 * k + 1], n = x.shape()[d],
                  left = n + std::min<int64_t>(before, 0) + std::min<int64_t>(after, 0);
    const bool least_one = mode == PaddingMode::reflect || mode == PaddingMode::replicate;
    if (left < 0 || (padded[d] < (least_one ? 1 : 0))) refuse("a padding that leaves something of the input");
    if (mode == PaddingMode::reflect && (before >= n || after >= n))
      refuse("fewer elements on each side than the dimension has, to be its mirror image");
    if (mode == PaddingMode::circular && (before > left || after > left))
      refuse("no more elements on each side than the dimension has, to come round once");
  }
}

}  // namespace

Tensor pad(const Tensor& x, const Shape& pad, PaddingMode mode, const Scalar& value) {
  check(x, pad, mode);
  if (autocasts() && (mode == PaddingMode::reflect || mode == PaddingMode::replicate)) [[unlikely]]
    return in_float_type([&](const Tensor& in) { return nn::functional::pad(in, pad, mode, value); }, x);
  const Margins m(pad);
  if (mode == PaddingMode::constant) return with_constant(x, m, value);
  const char* const name = mode == PaddingMode::reflect     ? "reflection_pad"
                           : mode == PaddingMode::replicate ? "replication_pad"
                                                            : "circular_pad";
  // What is taken away is still mirrored, but it does not come round.
  if (mode == PaddingMode::circular) return with_repeated(middle(x, -m.taken()), m.added(), mode, name);
  const Tensor y = with_repeated(x, m.added(), mode, name);
  return m.taken().none() ? y : middle(y, -m.taken()).clone();
}

}  // namespace tenon::nn::functional
