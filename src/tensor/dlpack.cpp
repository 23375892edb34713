#include <tenon/dlpack.h>

#include <array>
#include <memory>

#include <tenon/creation.h>

#include "tensor/header.h"
#include "tensor/layout.h"

namespace tenon {
namespace {

constexpr int32_t cpu = 1;
constexpr DLPackVersion version{1, 1};  // 1.1 has the eight-bit floating-point types

/// The protocol's number for each kind of type, in the order of DType.
constexpr uint8_t boolean_code = 6, unsigned_code = 1, signed_code = 0, float_code = 2, bfloat_code = 4,
                  complex_code = 5;
constexpr std::array<uint8_t, dtype_count> codes{boolean_code,
                                                 unsigned_code,
                                                 signed_code,
                                                 signed_code,
                                                 signed_code,
                                                 signed_code,
                                                 float_code,
                                                 bfloat_code,
                                                 float_code,
                                                 float_code,
                                                 unsigned_code,
                                                 unsigned_code,
                                                 unsigned_code,
                                                 10,
                                                 12,
                                                 11,
                                                 13,
                                                 14,
                                                 complex_code,
                                                 complex_code,
                                                 complex_code};

DLDataType data_type(DType t) {
  return {codes[static_cast<std::size_t>(t)], static_cast<uint8_t>(8 * item_size(t)), 1};
}

DType dtype_from(DLDataType given) {
  if (given.lanes != 1) fail("from_dlpack", "expected single elements, got vectors of {} lanes", given.lanes);
  for (int i = 0; i < dtype_count; ++i) {
    const auto t = static_cast<DType>(i);
    if (data_type(t).code == given.code && data_type(t).bits == given.bits) return t;
  }
  fail("from_dlpack", "there is no data type for DLPack's type code {} with {} bits", given.code, given.bits);
}

/// What an exported tensor stands on until its deleter is called.
template <class Managed>
struct Exported {
  Managed managed{};
  Tensor tensor;
  Shape sizes, strides;
};

template <class Managed>
Managed* exported(const Tensor& x, const char* operation) {
  if (x.requires_grad()) fail(operation, "a tensor that requires grad cannot be given away: use detach()");
  if (x.device() != kCPU) fail(operation, "expected a tensor on the CPU, got one on {}", x.device());
  auto all = std::make_unique<Exported<Managed>>();
  all->tensor = x;
  all->sizes = x.shape();
  all->strides = x.strides();
  for (std::size_t d = 0; d < all->sizes.size(); ++d)
    if (all->sizes[d] < 2) all->strides[d] = 1;  // means nothing, but some libraries look at it
  Managed& m = all->managed;
  m.dl_tensor = {x.raw_data(),        {cpu, 0}, static_cast<int32_t>(x.dim()), data_type(x.dtype()), all->sizes.data(),
                 all->strides.data(), 0};
  m.deleter = [](Managed* self) { delete static_cast<Exported<Managed>*>(self->manager_ctx); };
  m.manager_ctx = all.get();
  return &all.release()->managed;
}

/// A tensor on the source's memory, not yet its owner: `release` is to make it so.
Tensor imported(const DLTensor& t, std::function<void()> release) {
  if (t.device.device_type != cpu)
    fail("from_dlpack", "expected memory of the CPU, got DLPack's device type {}: copy it to the CPU first",
         t.device.device_type);
  const DType dtype = dtype_from(t.dtype);
  if (t.ndim < 0 || t.ndim > 64 || (t.ndim > 0 && !t.shape))
    fail("from_dlpack", "expected a shape of 0 … 64 dimensions, got {}", t.ndim);
  const Shape sizes(t.shape, t.shape + t.ndim);
  for (const int64_t n : sizes)
    if (n < 0) fail("from_dlpack", "a size cannot be negative: {}", sizes.to_string());
  check_numel(sizes, "from_dlpack");
  Shape strides = contiguous_strides(sizes);
  if (t.strides && sizes.numel() > 0) strides = Shape(t.strides, t.strides + t.ndim);
  for (std::size_t d = 0; d < sizes.size(); ++d)
    if (sizes[d] == 1) strides[d] = 1;
  auto* const data = t.data ? static_cast<std::byte*>(t.data) + t.byte_offset : nullptr;
  const auto alignment = static_cast<uintptr_t>(item_size(part_type(dtype)));
  if (reinterpret_cast<uintptr_t>(data) % alignment != 0)
    fail("from_dlpack", "the memory does not lie at a multiple of {} bytes, as {} needs it", alignment, dtype);
  return from_blob(data, sizes, strides, dtype, std::move(release));
}

template <class Managed>
std::function<void()> release_of(Managed* source) {
  return [source] {
    if (source->deleter) source->deleter(source);
  };
}

}  // namespace

DLManagedTensorVersioned* to_dlpack(const Tensor& x) {
  auto* const managed = exported<DLManagedTensorVersioned>(x, "to_dlpack");
  managed->version = version;
  return managed;
}
DLManagedTensor* to_dlpack_unversioned(const Tensor& x) {
  return exported<DLManagedTensor>(x, "to_dlpack_unversioned");
}

Tensor from_dlpack(DLManagedTensor* source) {
  if (!source) fail("from_dlpack", "expected a tensor, got a null pointer");
  return imported(source->dl_tensor, release_of(source));
}

Tensor from_dlpack(DLManagedTensorVersioned* source) {
  if (!source) fail("from_dlpack", "expected a tensor, got a null pointer");
  if (source->version.major != version.major)
    fail("from_dlpack", "expected version {} of the protocol, got {}.{}", version.major, source->version.major,
         source->version.minor);
  if (!(source->flags & DLManagedTensorVersioned::read_only)) return imported(source->dl_tensor, release_of(source));
  Tensor copy = imported(source->dl_tensor, {}).clone();
  release_of(source)();
  return copy;
}

}  // namespace tenon
