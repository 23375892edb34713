#pragma once
// Tensors on memory that is there, for the library's own operations: no checks, nothing recorded.
#include <tenon/grad_mode.h>
#include <tenon/tensor.h>

namespace tenon {

/// A header without memory and strides.
inline Ref<TensorImpl> new_impl(const Shape& sizes, DType dtype, const Device& device) {
  Ref<TensorImpl> t = make_ref<TensorImpl>();
  t->sizes = sizes;
  t->dtype = dtype;
  t->device = device;
  t->inference = is_inference_mode_enabled();
  return t;
}
/// A tensor on a storage that is there; `offset` in elements, from the storage's begin.
Tensor new_on_storage(Ref<Storage> storage, const Shape& sizes, const Shape& strides, DType dtype, int64_t offset = 0);

/// Another header on x's storage; `offset` in elements, from the storage's begin.
Tensor new_alias(const Tensor& x, const Shape& sizes, const Shape& strides, int64_t offset);
/// Another header with x's own sizes and strides.
Tensor new_alias(const Tensor& x);
/// The header of a view of x (tape/view.h), without a storage yet: new sizes and strides, or all of x, which is
/// contiguous, in new sizes.
Ref<TensorImpl> new_header(const Tensor& x, const Shape& sizes, const Shape& strides, int64_t offset);
Ref<TensorImpl> new_header(const Tensor& x, const Shape& sizes);

/// `to` lies where `from` does, in its shape; type, storage and device stay.
void take_place(TensorImpl& to, const TensorImpl& from);
/// x shows `data`'s memory from now on, in its shape and type: every handle of x sees it, views of x keep the old one.
/// What was recorded with the old data is stale.
void take_data(const Tensor& x, const Tensor& data);

}  // namespace tenon
