#include "ops/shape/window.h"

#include <numeric>

#include "tape/owned.h"

namespace tenon {
namespace {

int64_t last_of(const Window& w) {  // the last element's place
  int64_t at = w.offset;
  for (std::size_t d = 0; d < w.sizes.size(); ++d) at += (w.sizes[d] - 1) * w.strides[d];
  return at;
}

/// Whether two elements may be one in memory. (Some that are not count as if they were.)
bool may_overlap(const Window& w) {
  SmallVector<std::size_t, 8> order(w.sizes.size(), std::size_t{0});
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return w.strides[a] < w.strides[b]; });
  int64_t last = 0;
  for (const std::size_t d : order) {
    if (w.sizes[d] <= 1) continue;
    if (w.strides[d] <= last) return true;
    last += w.strides[d] * (w.sizes[d] - 1);
  }
  return false;
}

bool inside(const Window& part, const Window& whole) {
  return part.offset >= whole.offset && last_of(part) <= last_of(whole);
}

/// The range of memory that two windows lie in.
struct MemoryRange {
  int64_t first, size;
  MemoryRange(const Window& a, const Window& b)
      : first(std::min(a.offset, b.offset)), size(std::max(last_of(a), last_of(b)) + 1 - first) {}
  Tensor view(const Tensor& memory, const Window& w) const {
    return new_alias(memory, w.sizes, w.strides, w.offset - first);
  }
};

void add_into(const Tensor& memory, const MemoryRange& range, const Tensor& x, const Window& w) {
  if (!may_overlap(w)) {
    range.view(memory, w).copy_(x);
    return;
  }
  const Tensor places = range.view(arange(range.size, {.device = x.device()}), w).reshape({x.numel()});
  memory.index_add_(0, places, x.reshape({x.numel()}));
}

/// How many of a window's elements each of them is one with, where that is more than itself: its gradient is shared
/// among them.
Tensor sharing(const Window& w, const Tensor& like) {
  const MemoryRange range(w, w);
  const Tensor memory = zeros({range.size}, {like.dtype(), like.device()});
  add_into(memory, range, ones(w.sizes, {like.dtype(), like.device()}), w);
  return range.view(memory, w).contiguous();
}

}  // namespace

Tensor moved(const Tensor& x, const Window& from, const Window& to) {
  Tensor y;
  {
    const NoGrad guard;
    if (from.sizes.numel() == 0 || to.sizes.numel() == 0) {
      y = zeros(to.sizes, {x.dtype(), x.device()});
    } else if (x.strides() == from.strides && is_dense(from.sizes, from.strides) && inside(to, from)) {
      y = new_alias(x, to.sizes, to.strides, to.offset - from.offset + x.storage_offset()).clone();
    } else {
      const MemoryRange range(from, to);
      const Tensor memory = zeros({range.size}, {x.dtype(), x.device()});
      add_into(memory, range, x, from);
      y = range.view(memory, to);
      if (!is_dense(to.sizes, to.strides)) y = y.contiguous();
    }
  }
  if (needs_grad(x)) record("moved", y, {&x}, {}, [from, to](Grads& g) { g.give(0, moved(g.in(), to, from)); });
  return y;
}

Tensor cleared(Tensor x, const Window& whole, const Window& part) {
  Tensor y = x;
  {
    const bool ours = !is_grad_enabled() && owned_alone(x, 2);
    const NoGrad guard;
    if (part.sizes.numel() == 0) {
    } else if (ours && x.strides() == whole.strides && inside(part, whole)) {
      new_alias(y, part.sizes, part.strides, part.offset - whole.offset + y.storage_offset()).zero_();
    } else {
      const MemoryRange range(whole, part);
      const Tensor memory = new_tensor({range.size}, x.dtype(), x.device());
      y = range.view(memory, whole);
      y.copy_(x);
      range.view(memory, part).zero_();
    }
  }
  if (needs_grad(x))
    record("cleared", y, {&x}, {}, [whole, part](Grads& g) { g.give(0, cleared(g.in(), whole, part)); });
  return y;
}

Tensor as_strided_backward(const Tensor& g, const Window& from, const Window& to) {
  const Tensor dx = moved(g, to, from);
  return may_overlap(from) ? dx / sharing(from, dx) : dx;
}

}  // namespace tenon
