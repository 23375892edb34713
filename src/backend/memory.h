#pragma once
// A device's memory and the way there; filling, copying and joining tensors in it.
#include <cstddef>
#include <optional>
#include <span>

#include "backend/kernels.h"

namespace tenon {

struct MemoryKernels {
  // The CPU's memory is the host's, which needs none of these.
  /// Uninitialised, for elements of any type.
  Kernel<"allocate", std::byte*(const Device&, int64_t bytes)> allocate;
  /// What allocate gave for as many bytes; throws nothing.
  Kernel<"deallocate", void(const Device&, std::byte* data, int64_t bytes)> deallocate;
  // The host's memory may be used, or go, as soon as these return.
  Kernel<"copy_from_host", void(const Device&, std::byte* to, const std::byte* from, int64_t bytes)> copy_from_host;
  Kernel<"copy_to_host", void(const Device&, std::byte* to, const std::byte* from, int64_t bytes)> copy_to_host;
  /// From one device of this kind to another one.
  Kernel<"copy_across",
         void(const Device& to_device, std::byte* to, const Device& from_device, const std::byte* from, int64_t bytes)>
      copy_across;

  // Any strides, any dtype.
  Kernel<"fill", void(const Tensor& out, const Scalar& value)> fill;
  /// Between tensors of one device. Converts.
  Kernel<"copy", void(const Tensor& out, const Tensor& in)> copy;
  /// out is contiguous.
  Kernel<"arange", void(const Tensor& out, const Scalar& start, const Scalar& step)> arange;
  /// As many numbers as out has from start to end, both included; to the power of `base` where that is given.
  /// Contiguous.
  Kernel<"linspace", void(const Tensor& out, double start, double end, std::optional<double> base)> linspace;
  /// The parts, contiguous and of out's type, one after the other along `dim` of a contiguous out.
  Kernel<"join", void(const Tensor& out, std::span<const Tensor> parts, int64_t dim)> join;

  static const MemoryKernels cpu, cuda, meta;
};

}  // namespace tenon
