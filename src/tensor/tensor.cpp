// Tensor's accessors.
#include <tenon/tensor.h>

#include <complex>

#include "tensor/element.h"
#include "tensor/header.h"
#include "tensor/layout.h"

namespace tenon {

void Tensor::undefined() {
  fail("Tensor", "this tensor is undefined: it was default-constructed, or has been moved from");
}

namespace {
std::size_t existing_dim(int64_t d, int64_t dims,
                         std::string_view operation) {  // where 0 and −1 of a 0-dim tensor will not do
  if (dims == 0) fail(operation, "a 0-dim tensor has no dimensions");
  return static_cast<std::size_t>(wrap_dim(d, dims, operation));
}
}  // namespace

int64_t Tensor::size(int64_t d) const { return shape()[existing_dim(d, dim(), "size")]; }
int64_t Tensor::stride(int64_t d) const { return strides()[existing_dim(d, dim(), "stride")]; }

void* Tensor::raw_data() const {
  if (device().type == DeviceType::cpu) [[likely]]
    return impl_->data;
  if (is_meta())
    fail("data", "a tensor on the meta device has no data: move the module with to_empty(), or load with assign");
  fail("data", "the data lie on {}, where the program cannot read them: cpu() makes a copy that it can", device());
}

void* Tensor::checked_data(DType expected) const {
  if (dtype() != expected)
    fail("data", "expected elements of type {}, this tensor has {}: convert with to({})", expected, dtype(), expected);
  return raw_data();
}

void* Tensor::checked_contiguous_data(DType expected) const {
  if (!is_contiguous())
    fail("span", "expected a contiguous tensor, this has strides {}: call contiguous() first", strides().to_string());
  return checked_data(expected);
}

void* Tensor::checked_dims_data(DType expected, std::size_t dims) const {
  if (shape().size() != dims)
    fail("accessor", "expected a tensor of {} dimensions, this has shape {}", dims, shape().to_string());
  return checked_data(expected);
}

Scalar Tensor::item() const {
  if (numel() != 1) fail("item", "expected a tensor of one element, this has shape {}", shape().to_string());
  if (device().type == DeviceType::cpu || is_meta()) [[likely]]
    return element_at(raw_data(), dtype());
  return detach().cpu().item();
}

Scalar Tensor::item_within(DType range) const {
  const Scalar value = item();
  check_fits(value, range, "item");
  return value;
}

Scalar element_at(const void* p, DType t) {
  switch (t) {
    case DType::boolean: return *static_cast<const bool*>(p);
    case DType::uint8: return *static_cast<const uint8_t*>(p);
    case DType::int8: return *static_cast<const int8_t*>(p);
    case DType::int16: return *static_cast<const int16_t*>(p);
    case DType::int32: return *static_cast<const int32_t*>(p);
    case DType::int64: return *static_cast<const int64_t*>(p);
    case DType::float16: return static_cast<float>(*static_cast<const Half*>(p));
    case DType::bfloat16: return static_cast<float>(*static_cast<const BFloat16*>(p));
    case DType::float32: return *static_cast<const float*>(p);
    case DType::float64: return *static_cast<const double*>(p);
    case DType::uint16: return *static_cast<const uint16_t*>(p);
    case DType::uint32: return *static_cast<const uint32_t*>(p);
    case DType::uint64: return *static_cast<const uint64_t*>(p);
    case DType::complex32: return *static_cast<const ComplexHalf*>(p);
    case DType::complex64: return *static_cast<const std::complex<float>*>(p);
    case DType::complex128: return *static_cast<const std::complex<double>*>(p);
    default: return detail::float8_value(t, *static_cast<const uint8_t*>(p));
  }
}

Tensor Tensor::detach() const {
  checked();
  return new_alias(*this);
}

std::string Shape::to_string(char open, char close) const {
  std::string s(1, open);
  for (const int64_t d : *this) {
    if (s.size() > 1) s += ", ";
    s += std::to_string(d);
  }
  if (size() == 1 && open == '(') s += ',';
  return s + close;
}

bool Tensor::is_nonzero() const {
  if (numel() != 1) fail("is_nonzero", "expected one element, got shape {}: use any() or all()", shape().to_string());
  return item<bool>();
}

}  // namespace tenon
