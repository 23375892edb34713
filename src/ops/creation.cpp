// Tensors from nothing: sizes, numbers, memory.
#include <cmath>
#include <cstring>

#include <tenon/default_device.h>
#include <tenon/ops.h>

#include "backend/memory.h"
#include "backend/new_tensor.h"
#include "tensor/carried.h"
#include "tensor/element.h"

namespace tenon {
namespace {

const Shape& checked_sizes(const Shape& shape, std::string_view operation) {
  for (const int64_t d : shape)
    if (d < 0) fail(operation, "a size cannot be negative: {}", shape.to_string());
  check_numel(shape, operation);
  return shape;
}

/// How many elements lie from the first to the last one, both included.
int64_t extent(const Shape& sizes, const Shape& strides, std::string_view operation) {
  if (sizes.size() != strides.size())
    fail(operation, "expected a stride for each size, got sizes {} and strides {}", sizes.to_string(),
         strides.to_string());
  int64_t last = 0;
  bool overflow = false;
  for (std::size_t d = 0; d < sizes.size(); ++d) {
    int64_t step = 0;
    if (strides[d] < 0) fail(operation, "a stride cannot be negative: {}", strides.to_string());
    overflow = overflow || __builtin_mul_overflow(std::max<int64_t>(sizes[d] - 1, 0), strides[d], &step) ||
               __builtin_add_overflow(last, step, &last);
  }
  if (overflow || last >= most_elements)
    fail(operation, "sizes {} with strides {} reach further than memory has addresses", sizes.to_string(),
         strides.to_string());
  return sizes.numel() == 0 ? 0 : last + 1;
}

Tensor create(std::string_view operation, const Shape& shape, DType dtype, const TensorOptions& o) {
  Tensor t = new_tensor(checked_sizes(shape, operation), o.dtype.value_or(dtype), o.device.value_or(default_device()));
  if (o.requires_grad) t.requires_grad_();
  return t;
}

Tensor create_filled(std::string_view operation, const Shape& shape, DType dtype, const TensorOptions& o,
                     const Scalar& value) {
  Tensor t = create(operation, shape, dtype, o);
  on<MemoryKernels>(t.device()).fill(t, value);
  return t;
}

/// Double precision is asked for, as in Python.
/// As in Python, whose numbers have no sizes.
DType default_type(DType given) {
  if (given == float64) return float32;
  if (given == complex128) return complex64;
  return given == int32 ? int64 : given;
}

/// For numbers in a row (arange, linspace): a data type that is computed with, and not bool.
void check_counts(std::string_view operation, DType t) {
  refuse_carried(t);
  if (t == boolean) fail(operation, "expected a type of numbers, got bool");
}

Tensor spaced(std::string_view operation, double start, double end, int64_t steps, std::optional<double> base,
              const TensorOptions& o) {
  if (steps < 0) fail(operation, "expected 0 steps or more, got {}", steps);
  const DType dtype = o.dtype.value_or(float32);
  check_counts(operation, dtype);
  check_fits(start, dtype, operation);
  check_fits(end, dtype, operation);
  Tensor t = create(operation, {steps}, dtype, o);
  on<MemoryKernels>(t.device()).linspace(t, start, end, base);
  return t;
}

Tensor create_like(const Tensor& x, const TensorOptions& o) {
  const Device device = o.device.value_or(x.device());
  const DType dtype = o.dtype.value_or(x.dtype());
  Tensor t = new_like(x, dtype, device);
  if (o.requires_grad) t.requires_grad_();
  return t;
}

/// The options with x's dtype and device where they name none.
TensorOptions beside(const Tensor& x, const TensorOptions& o) {
  return {o.dtype.value_or(x.dtype()), o.device.value_or(x.device()), o.requires_grad};
}

}  // namespace

Tensor empty(const Shape& shape, const TensorOptions& o) { return create("empty", shape, float32, o); }
Tensor zeros(const Shape& shape, const TensorOptions& o) { return create_filled("zeros", shape, float32, o, 0); }
Tensor ones(const Shape& shape, const TensorOptions& o) { return create_filled("ones", shape, float32, o, 1); }
Tensor full(const Shape& shape, const Scalar& value, const TensorOptions& o) {
  check_fits(value, o.dtype.value_or(default_type(value.kind())), "full");
  return create_filled("full", shape, default_type(value.kind()), o, value);
}
Tensor empty_strided(const Shape& shape, const Shape& strides, const TensorOptions& o) {
  const DType dtype = o.dtype.value_or(float32);
  const Device device = o.device.value_or(default_device());
  const int64_t elements = extent(checked_sizes(shape, "empty_strided"), strides, "empty_strided");
  Tensor t = new_on_storage(new_storage(elements * item_size(dtype), device), shape, strides, dtype);
  if (o.requires_grad) t.requires_grad_();
  return t;
}

Tensor empty_like(const Tensor& x, const TensorOptions& o) { return create_like(x, o); }
Tensor zeros_like(const Tensor& x, const TensorOptions& o) { return full_like(x, 0, o); }
Tensor ones_like(const Tensor& x, const TensorOptions& o) { return full_like(x, 1, o); }
Tensor full_like(const Tensor& x, const Scalar& value, const TensorOptions& o) {
  check_fits(value, o.dtype.value_or(x.dtype()), "full_like");
  Tensor t = create_like(x, o);
  on<MemoryKernels>(t.device()).fill(t, value);
  return t;
}

Tensor Tensor::new_empty(const Shape& sizes, const TensorOptions& o) const { return empty(sizes, beside(*this, o)); }
Tensor Tensor::new_zeros(const Shape& sizes, const TensorOptions& o) const { return zeros(sizes, beside(*this, o)); }
Tensor Tensor::new_ones(const Shape& sizes, const TensorOptions& o) const { return ones(sizes, beside(*this, o)); }
Tensor Tensor::new_full(const Shape& sizes, const Scalar& value, const TensorOptions& o) const {
  return full(sizes, value, beside(*this, o));
}

Tensor arange(const Scalar& end, const TensorOptions& o) { return arange(0, end, 1, o); }

Tensor arange(const Scalar& start, const Scalar& end, const Scalar& step, const TensorOptions& o) {
  const bool real = start.kind() == float64 || end.kind() == float64 || step.kind() == float64;
  const DType dtype = o.dtype.value_or(real ? float32 : int64);
  check_counts("arange", dtype);
  const double from = start.to_double(), to = end.to_double(), by = step.to_double();
  if (by == 0 || !std::isfinite(by)) fail("arange", "the step must be a number other than zero, got {}", by);
  if (!std::isfinite(from) || !std::isfinite(to)) fail("arange", "the bounds must be finite, got {} and {}", from, to);
  if ((to - from) * by < 0) fail("arange", "bounds {} and {} do not agree with the sign of the step {}", from, to, by);
  double count = std::ceil((to - from) / by);
  if (!real) {  // exactly, also beyond 2^53; the distance may need 65 bits
    __extension__ using Wide = __int128;
    const Wide distance = Wide{end.to<int64_t>()} - start.to<int64_t>(), step_by = step.to<int64_t>();
    count = static_cast<double>((distance + step_by - (step_by > 0 ? 1 : -1)) / step_by);
  }
  if (count > 0x1p57)
    fail("arange", "{} … {} in steps of {} has more elements than memory has addresses", from, to, by);
  Tensor t = create("arange", {static_cast<int64_t>(count)}, dtype, o);
  on<MemoryKernels>(t.device()).arange(t, start, step);
  return t;
}

Tensor linspace(double start, double end, int64_t steps, const TensorOptions& o) {
  return spaced("linspace", start, end, steps, {}, o);
}
Tensor logspace(double start, double end, int64_t steps, double base, const TensorOptions& o) {
  return spaced("logspace", start, end, steps, base, o);
}

Tensor eye(int64_t n, std::optional<int64_t> m, const TensorOptions& o) {
  Tensor t = create_filled("eye", {n, m.value_or(n)}, float32, o, 0);
  const Shape &sizes = t.shape(), &strides = t.strides();
  on<MemoryKernels>(t.device()).fill(new_alias(t, {std::min(sizes[0], sizes[1])}, {strides[0] + strides[1]}, 0), 1);
  return t;
}

Tensor from_blob(void* data, const Shape& shape, DType dtype, std::function<void()> release) {
  return from_blob(data, shape, contiguous_strides(checked_sizes(shape, "from_blob")), dtype, std::move(release));
}

Tensor from_blob(void* data, const Shape& shape, const Shape& strides, DType dtype, std::function<void()> release) {
  const int64_t elements = extent(checked_sizes(shape, "from_blob"), strides, "from_blob");
  if (!data && elements != 0) fail("from_blob", "expected memory for shape {}, got a null pointer", shape.to_string());
  Ref<Storage> storage = make_ref<Storage>();
  storage->data = static_cast<std::byte*>(data);
  storage->nbytes = elements * item_size(dtype);
  storage->on_release = std::make_unique<std::function<void()>>(std::move(release));
  return new_on_storage(std::move(storage), shape, strides, dtype);
}

Tensor detail::tensor_from(const void* values, DType given, const Shape& shape, const TensorOptions& o) {
  const DType dtype = o.dtype.value_or(default_type(given));
  Tensor t = new_tensor(shape, given);
  if (t.numel() > 0) std::memcpy(t.raw_data(), values, static_cast<std::size_t>(t.nbytes()));
  t = t.to(dtype).to(o.device.value_or(default_device()));
  if (o.requires_grad) t.requires_grad_();
  return t;
}

}  // namespace tenon
