// Tensors from nothing: sizes, numbers, memory.
#include <cmath>
#include <cstring>

#include <tenon/ops.h>

#include "backend/backend.h"
#include "tensor/new_tensor.h"

namespace tenon {
namespace {

const Shape& checked_sizes(const Shape& shape, std::string_view operation) {
  for (const int64_t d : shape)
    if (d < 0) fail(operation, "a size cannot be negative: {}", shape.to_string());
  check_numel(shape, operation);
  return shape;
}

Tensor create(std::string_view operation, const Shape& shape, DType dtype, const TensorOptions& o) {
  Tensor t = new_tensor(checked_sizes(shape, operation), o.dtype.value_or(dtype), o.device.value_or(kCPU));
  if (o.requires_grad) t.requires_grad_();
  return t;
}

Tensor create_filled(std::string_view operation, const Shape& shape, DType dtype, const TensorOptions& o, const Scalar& value) {
  Tensor t = create(operation, shape, dtype, o);
  backend_for(t.device()).fill(t, value);
  return t;
}

DType default_type(const Scalar& value) {
  return value.kind() == DType::float64 ? DType::float32 : value.kind() == DType::complex128 ? DType::complex64 : value.kind();
}

Tensor create_like(const Tensor& x, const TensorOptions& o) {
  const Device device = o.device.value_or(x.device());
  const DType dtype = o.dtype.value_or(x.dtype());
  Tensor t = device == x.device() ? new_like(x, dtype) : new_tensor(x.shape(), dtype, device);
  if (o.requires_grad) t.requires_grad_();
  return t;
}

}  // namespace

Tensor empty(const Shape& shape, const TensorOptions& o) { return create("empty", shape, float32, o); }
Tensor zeros(const Shape& shape, const TensorOptions& o) { return create_filled("zeros", shape, float32, o, 0); }
Tensor ones(const Shape& shape, const TensorOptions& o) { return create_filled("ones", shape, float32, o, 1); }
Tensor full(const Shape& shape, const Scalar& value, const TensorOptions& o) {
  return create_filled("full", shape, default_type(value), o, value);
}
Tensor empty_like(const Tensor& x, const TensorOptions& o) { return create_like(x, o); }
Tensor zeros_like(const Tensor& x, const TensorOptions& o) {
  Tensor t = create_like(x, o);
  backend_for(t.device()).fill(t, 0);
  return t;
}
Tensor ones_like(const Tensor& x, const TensorOptions& o) {
  Tensor t = create_like(x, o);
  backend_for(t.device()).fill(t, 1);
  return t;
}

Tensor arange(const Scalar& end, const TensorOptions& o) { return arange(0, end, 1, o); }

Tensor arange(const Scalar& start, const Scalar& end, const Scalar& step, const TensorOptions& o) {
  const bool real = start.kind() == DType::float64 || end.kind() == DType::float64 || step.kind() == DType::float64;
  const double from = start.to_double(), to = end.to_double(), by = step.to_double();
  if (by == 0 || !std::isfinite(by)) fail("arange", "the step must be a number other than zero, got {}", by);
  if (!std::isfinite(from) || !std::isfinite(to)) fail("arange", "the bounds must be finite, got {} and {}", from, to);
  if ((to - from) * by < 0) fail("arange", "bounds {} and {} do not agree with the sign of the step {}", from, to, by);
  const double count = std::ceil((to - from) / by);
  if (count > 0x1p57) fail("arange", "{} … {} in steps of {} has more elements than memory has addresses", from, to, by);
  const auto n = static_cast<int64_t>(count);
  Tensor t = create("arange", {n}, real ? float32 : int64, o);
  backend_for(t.device()).arange(t, start, step);
  return t;
}

Tensor from_blob(void* data, const Shape& shape, DType dtype, std::function<void()> release) {
  checked_sizes(shape, "from_blob");
  if (!data && shape.numel() != 0) fail("from_blob", "expected memory for shape {}, got a null pointer", shape.to_string());
  Ref<Storage> storage(new Storage);
  storage->data = static_cast<std::byte*>(data);
  storage->nbytes = shape.numel() * item_size(dtype);
  storage->on_release = release ? std::move(release) : [] {};
  Ref<TensorImpl> t(new TensorImpl);
  t->sizes = shape;
  t->strides = contiguous_strides(shape);
  t->numel = shape.numel();
  t->dtype = dtype;
  t->data = storage->data;
  t->storage = std::move(storage);
  return Tensor(std::move(t));
}

Tensor detail::tensor_from(const void* values, DType given, const Shape& shape, const TensorOptions& o) {
  const DType dtype = o.dtype.value_or(given == float64 ? float32 : given);
  Tensor t = new_tensor(shape, given);
  if (t.numel() > 0) std::memcpy(t.raw_data(), values, static_cast<std::size_t>(t.nbytes()));
  t = t.to(dtype).to(o.device.value_or(kCPU));
  if (o.requires_grad) t.requires_grad_();
  return t;
}

}  // namespace tenon
