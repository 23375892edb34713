#pragma once
// Filling, copying and joining tensors.
#include <optional>
#include <span>

#include "backend/kernels.h"

namespace tenon {

struct MemoryKernels {
  // Any strides, any dtype.
  Kernel<"fill", void(const Tensor& out, const Scalar& value)> fill;
  /// Converts.
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
