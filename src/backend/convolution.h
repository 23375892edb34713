#pragma once
// Convolutions, and windows as columns of a matrix.
#include "backend/kernels.h"

namespace tenon {

/// How a convolution's windows lie: a number for each of the one to three dimensions of an image. Window o begins at
/// o·stride − padding; what is not in the image counts as 0, and y's size says how far the windows go.
struct Windows {
  Shape stride, padding, dilation;
};

/// Sums over windows, of floating-point numbers of one type: x (N, C, *in), weight (O, C/groups, *kernel), y
/// (N, O, *out), each in row-major order or with its channels last. No size of a kernel is 0. The three depend on one
/// another linearly: one kernel for each of them.
struct Convolution {
  Windows windows;
  int64_t groups;
};

struct ConvolutionKernels {
  /// y = x ⋆ weight + bias; bias (O) contiguous or undefined.
  Kernel<"convolution",
         void(const Tensor& y, const Tensor& x, const Tensor& weight, const Tensor& bias, const Convolution&)>
      convolution;
  /// The gradient by x where y's is `y`, plus bias (C): a transposed convolution.
  Kernel<"convolution_input",
         void(const Tensor& x, const Tensor& y, const Tensor& weight, const Tensor& bias, const Convolution&)>
      convolution_input;
  /// The gradient by the weight where y's is `y`.
  Kernel<"convolution_weight", void(const Tensor& weight, const Tensor& x, const Tensor& y, const Convolution&)>
      convolution_weight;
  /// columns (N, C, kernel…, out…): the elements of x's windows; all contiguous, of two dimensions of an image.
  Kernel<"unfold", void(const Tensor& columns, const Tensor& x, const Windows&)> unfold;
  /// x: for each element the sum of the columns' elements that unfold() takes from there.
  Kernel<"fold", void(const Tensor& x, const Tensor& columns, const Windows&)> fold;

  static const ConvolutionKernels cpu, cuda, meta;
};

}  // namespace tenon
