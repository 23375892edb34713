#pragma once
// Transforms of an image's values: their type, their scale, their neighbourhood.
#include <vector>

#include <tenon/data/transforms/arguments.h>
#include <tenon/int_list.h>
#include <tenon/tensor.h>

#pragma GCC visibility push(default)

namespace tenon::data::transforms {

struct ToDtypeOptions {
  /// Whether the type's range is scaled to the other's: integers from 0 to their largest, floating-point numbers from 0
  /// to 1.
  bool scale = false;
};
/// The image in another data type. An error where `scale` would need more digits than the type has: float32 to int32
/// and int64, float64 to int64. Source: torchvision.transforms.v2.ToDtype.
class ToDtype {
 public:
  explicit ToDtype(DType dtype, const ToDtypeOptions& options = {}) : dtype_(dtype), scale_(options.scale) {}
  Tensor operator()(const Tensor& image) const;

 private:
  DType dtype_;
  bool scale_;
};

/// ToDtype(dtype, {.scale = true}). Source: torchvision.transforms.v2.ConvertImageDtype.
class ConvertImageDtype : public ToDtype {
 public:
  explicit ConvertImageDtype(DType dtype = float32) : ToDtype(dtype, {.scale = true}) {}
};

struct NormalizeOptions {
  bool inplace = false;  ///< changes the image that it is given
};
/// (x − mean) / std, with a number for each channel, or one for all. Floating-point numbers only. Source:
/// torchvision.transforms.v2.Normalize.
class Normalize {
 public:
  Normalize(std::vector<double> mean, std::vector<double> std, const NormalizeOptions& options = {});
  Tensor operator()(const Tensor& image) const;

 private:
  std::vector<double> mean_, std_;
  bool inplace_;
};

/// Each value a mean of its neighbours, weighted by a Gaussian whose standard deviation is drawn from a range.
/// kernel_size: (across, down), odd; the image is mirrored at its edges, and larger than half of it. Source:
/// torchvision.transforms.v2.GaussianBlur.
class GaussianBlur {
 public:
  explicit GaussianBlur(IntList<2> kernel_size, Range sigma = {0.1, 2.0});
  GaussianBlur(IntList<2> kernel_size, double sigma) : GaussianBlur(kernel_size, Range{sigma, sigma}) {}
  Tensor operator()(const Tensor& image) const;

 private:
  IntList<2> kernel_size_;
  Range sigma_;
};

}  // namespace tenon::data::transforms

#pragma GCC visibility pop
