#pragma once
// Small things that several operations share.
#include <span>

#include <tenon/ops.h>

#include "backend/new_tensor.h"
#include "tape/node.h"
#include "tensor/carried.h"
#include "tensor/element.h"

namespace tenon {

/// What a gradient has to look like for an input.
struct Like {
  Shape shape;
  DType dtype;
  Device device;
  bool as_result = false;  ///< as the result's own gradient, so that nothing is to be done
  explicit Like(const Tensor& x) : shape(x.shape()), dtype(x.dtype()), device(x.device()) {}
  Like(const Tensor& x, const Tensor& result)
      : dtype(x.dtype()),
        device(x.device()),
        as_result(x.shape() == result.shape() && dtype == result.dtype() && device == result.device()) {
    if (!as_result) shape = x.shape();
  }
};

/// A gradient of a broadcast result, summed over the broadcast dimensions and converted back; a number's that lies on
/// the CPU beside tensors of another device is brought there.
Tensor reduce_to(const Tensor& gradient, const Like& like);

/// y, which does not depend on x, recorded with x all the same, as in PyTorch: the gradient of x is zeros.
Tensor constant_in(const Tensor& y, const Tensor& x);

/// The result of tensors joined, not yet filled: row by row, or the channels last where all of them lie so.
Tensor new_joined(const Shape& shape, DType dtype, std::span<const Tensor> parts);

/// y's elements in new memory: row by row, or in the order of `like`, which has y's shape.
Tensor copy_by_rows(const Tensor& y);
Tensor copy_laid_out_as(const Tensor& y, const Tensor& like);

/// x in the data type that an operation computes in; x itself where it has it. An error where x's own is carried: such
/// types are converted explicitly only.
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

/// The device that an operation's tensors are on; 0-dim tensors on the CPU go along with any, and elementwise kernels
/// read them there.
Device common_device(std::string_view operation, TensorPointers tensors);

/// The dtype that an operation on three computes in.
DType result_type(const Tensor& a, const Tensor& b, const Tensor& c);

/// The type of a function whose results are real: float32 for integers and bool.
inline DType real_type(DType t) { return is_floating_point(t) ? t : float32; }
/// What a function of this real type is computed in, and rounded once at the end: half types in float32.
inline DType computed_type(DType t) { return t == float64 ? float64 : float32; }
inline void check_floating_point(std::string_view operation, const Tensor& x) {
  if (!is_floating_point(x.dtype())) fail(operation, "expected a floating-point tensor, got {}", x.dtype());
}
/// The shape of `result`, which is about to be stored into x, must be x's, and its type's kind (bool < integer < real)
/// not higher.
void check_result_fits(std::string_view operation, const Tensor& x, const Shape& shape, DType dtype);
/// An uninitialised result of an elementwise operation on these tensors, which broadcast to `shape`, laid out in memory
/// as PyTorch's is.
Tensor new_result(const Shape& shape, DType dtype, const Device& device, TensorPointers of);
Tensor new_result(const Tensor& of, DType dtype);

}  // namespace tenon
