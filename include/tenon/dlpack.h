#pragma once
// Tensors from and to other libraries in this process, without a copy, by the DLPack protocol (version 1).
#include <cstdint>

#include <tenon/tensor.h>

#pragma GCC visibility push(default)

namespace tenon {

// The protocol's structures: their layout is fixed, so a pointer from another library's header may be cast to these,
// and back.

struct DLDevice {
  int32_t device_type;  ///< 1: memory of the CPU
  int32_t device_id;
};
struct DLDataType {
  uint8_t code;
  uint8_t bits;
  uint16_t lanes;
};
struct DLTensor {
  void* data;
  DLDevice device;
  int32_t ndim;
  DLDataType dtype;
  int64_t* shape;
  int64_t* strides;  ///< in elements; null: row-major without gaps
  uint64_t byte_offset;
};
/// Before version 1.
struct DLManagedTensor {
  DLTensor dl_tensor;
  void* manager_ctx;
  void (*deleter)(DLManagedTensor* self);
};
struct DLPackVersion {
  uint32_t major, minor;
};
struct DLManagedTensorVersioned {
  static constexpr uint64_t read_only = 1;

  DLPackVersion version;
  void* manager_ctx;
  void (*deleter)(DLManagedTensorVersioned* self);
  uint64_t flags;
  DLTensor dl_tensor;
};

/// x's memory for another library, which owns the result and calls its deleter when it is done. An error for a tensor
/// that requires grad (detach() it) and on the meta device. Source: torch.utils.dlpack.to_dlpack.
DLManagedTensorVersioned* to_dlpack(const Tensor& x);
/// The same for a library that speaks the protocol from before version 1.
DLManagedTensor* to_dlpack_unversioned(const Tensor& x);

/// Another library's memory as a tensor, which calls the deleter when its last handle goes. Memory that must not be
/// written to is copied. An error, and the caller keeps what it gave, for other devices than the CPU, data types
/// that Tenon does not have, several lanes, negative strides and later major versions of the protocol. Source:
/// torch.utils.dlpack.from_dlpack.
Tensor from_dlpack(DLManagedTensorVersioned* source);
Tensor from_dlpack(DLManagedTensor* source);

}  // namespace tenon

#pragma GCC visibility pop
