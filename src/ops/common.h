#pragma once
// Small things that several operations share.
#include <tenon/ops.h>

#include "autograd/node.h"
#include "backend/backend.h"
#include "tensor/carried.h"
#include "tensor/new_tensor.h"

namespace tenon {

/// What a gradient has to look like for an input.
struct Like {
  Shape shape;
  DType dtype;
  explicit Like(const Tensor& x) : shape(x.shape()), dtype(x.dtype()) {}
};

/// A gradient of a broadcast result, summed over the broadcast dimensions and converted back.
Tensor reduce_to(const Tensor& gradient, const Like& like);

/// x in the type that an operation computes in; x itself where it has it. An error where x's own is only carried: that is converted
/// where the program says so.
inline Tensor as_type(const Tensor& x, DType dtype) {
  if (x.dtype() == dtype) return x;
  refuse_carried(x.dtype());
  return x.to(dtype);
}

/// Whether `source` shows x's memory in another order, so that a change of x in place would read what it has written.
inline bool overlaps(const Tensor& x, const Tensor& source) {
  return x.impl()->storage == source.impl()->storage &&
         (x.impl()->offset != source.impl()->offset || x.strides() != source.strides() || x.shape() != source.shape());
}

void check_same_device(const Tensor& a, const Tensor& b, std::string_view operation);

}  // namespace tenon
