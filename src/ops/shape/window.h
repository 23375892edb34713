#pragma once
// Elements of one memory viewed through two windows: the backward of as_strided() and of a view changed in place.
#include "ops/common.h"

namespace tenon {

/// Where a tensor's elements lie in its storage.
struct Window {
  Shape sizes, strides;
  int64_t offset = 0;

  explicit Window(const Tensor& x) : Window(x.shape(), x.strides(), x.storage_offset()) {}
  Window(const Shape& sizes, const Shape& strides, int64_t offset) : sizes(sizes), strides(strides), offset(offset) {}
};

/// Memory of zeros, to which x is added as `from` lies in it, viewed through `to`: the gradient of each of the two by
/// that of the other.
Tensor moved(const Tensor& x, const Window& from, const Window& to);

/// The gradient of as_strided by that of its result: where elements of `from` are one in memory they share it equally.
Tensor as_strided_backward(const Tensor& g, const Window& from, const Window& to);

/// x, which lies in memory as `whole`, with zeros in `part` of it.
Tensor cleared(Tensor x, const Window& whole, const Window& part);

}  // namespace tenon
