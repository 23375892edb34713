#pragma once
// How every view comes to be, and how it is recorded.
#include "ops/common.h"

namespace tenon {

/// Another header on x's storage that the tape knows as a view of it.
Tensor view_of(const Tensor& x, const Shape& sizes, const Shape& strides, int64_t offset);

/// Zeros of `shape`, and `part` of them, a view, is g: the backward of a view.
template <class Part>
Tensor zeros_around(const Tensor& g, const Shape& shape, Part part) {
  Tensor y = zeros(shape, {g.dtype(), g.device()});
  {
    const NoGrad guard;
    part(y).copy_(g);
  }
  if (needs_grad(g)) record("zeros_around", y, {&g}, {}, [part](Grads& h) { h.give(0, part(h.in())); });
  return y;
}

/// Puts y on the tape as a view that shows a part of x's elements, each once; `part` takes the same view of another
/// tensor.
template <class Part>
void record_part(const char* name, const Tensor& y, const Tensor& x, Part part) {
  if (needs_grad(x))
    record(name, y, {&x}, {}, [whole = x.shape(), part](Grads& g) { g.give(0, zeros_around(g.in(), whole, part)); });
}

}  // namespace tenon
