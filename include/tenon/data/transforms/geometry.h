#pragma once
// Transforms of an image's shape, and of what lies where in it.
#include <optional>

#include <tenon/data/transforms/arguments.h>
#include <tenon/int_list.h>
#include <tenon/tensor.h>

#pragma GCC visibility push(default)

namespace tenon::data::transforms {

struct ResizeOptions {
  InterpolationMode interpolation = InterpolationMode::bilinear;  ///< or nearest, nearest_exact, bicubic, lanczos
  std::optional<int64_t> max_size = {};  ///< of the longer edge, which then says how long the shorter one is
  bool antialias = true;                 ///< of bilinear, bicubic and lanczos, which takes it
};
/// The image in another size: one number is the length of the shorter edge, the other one keeping its ratio; two are
/// (H, W); none leaves it to max_size, the longer edge's. uint8 is rounded, now and then by 1 otherwise than by
/// PyTorch's integer kernels. Source: torchvision.transforms.v2.Resize.
class Resize {
 public:
  explicit Resize(Shape size, const ResizeOptions& options = {});
  Tensor operator()(const Tensor& image) const;

 private:
  Shape size_;
  ResizeOptions options_;
};

/// The middle of the image, (H, W) or both the same; where the image is smaller, zeros stand around it. Source:
/// torchvision.transforms.v2.CenterCrop.
class CenterCrop {
 public:
  explicit CenterCrop(IntList<2> size);
  Tensor operator()(const Tensor& image) const;

 private:
  IntList<2> size_;
};

struct PadOptions {
  Fill fill = 0;  ///< of PaddingMode::constant; numbers for each channel only there
  PaddingMode padding_mode = PaddingMode::constant;
};
/// The image with a margin: one number for all sides, two for left and right, top and bottom, or four for left, top,
/// right, bottom. Source: torchvision.transforms.v2.Pad.
class Pad {
 public:
  explicit Pad(Shape padding, const PadOptions& options = {});
  Tensor operator()(const Tensor& image) const;

 private:
  Shape padding_;
  PadOptions options_;
};

struct RandomCropOptions {
  Shape padding = {};          ///< a margin as Pad's, added first
  bool pad_if_needed = false;  ///< adds what the image lacks, on either side
  Fill fill = 0;
  PaddingMode padding_mode = PaddingMode::constant;
};
/// A part of the image, (H, W) or both the same, anywhere in it. An error where the image is smaller. Source:
/// torchvision.transforms.v2.RandomCrop.
class RandomCrop {
 public:
  explicit RandomCrop(IntList<2> size, const RandomCropOptions& options = {});
  Tensor operator()(const Tensor& image) const;

 private:
  IntList<2> size_;
  RandomCropOptions options_;
};

struct RandomResizedCropOptions {
  Range scale = {0.08, 1.0};             ///< of the part's area, as a part of the image's
  Range ratio = {3.0 / 4.0, 4.0 / 3.0};  ///< of its width to its height
  InterpolationMode interpolation = InterpolationMode::bilinear;
  bool antialias = true;
};
/// A part of the image, of random size and shape, resized to (H, W) or both the same. Source:
/// torchvision.transforms.v2.RandomResizedCrop.
class RandomResizedCrop {
 public:
  explicit RandomResizedCrop(IntList<2> size, const RandomResizedCropOptions& options = {});
  Tensor operator()(const Tensor& image) const;

 private:
  IntList<2> size_;
  RandomResizedCropOptions options_;
};

/// Left and right exchanged, with probability p. Source: torchvision.transforms.v2.RandomHorizontalFlip.
class RandomHorizontalFlip {
 public:
  explicit RandomHorizontalFlip(double p = 0.5);
  Tensor operator()(const Tensor& image) const;

 private:
  double p_;
};

/// Top and bottom exchanged, with probability p. Source: torchvision.transforms.v2.RandomVerticalFlip.
class RandomVerticalFlip {
 public:
  explicit RandomVerticalFlip(double p = 0.5);
  Tensor operator()(const Tensor& image) const;

 private:
  double p_;
};

struct Point {
  double x, y;
};

struct RandomRotationOptions {
  InterpolationMode interpolation = InterpolationMode::nearest;  ///< or bilinear
  bool expand = false;                                           ///< the result is as large as the turned image
  std::optional<Point> center = {};  ///< in elements from the upper left corner; without, the middle
  Fill fill = 0;                     ///< what comes in
};
/// The image turned by an angle in degrees against the clock's hands: −d to d, or within {low, high}. Source:
/// torchvision.transforms.v2.RandomRotation.
class RandomRotation {
 public:
  explicit RandomRotation(Spread degrees, const RandomRotationOptions& options = {});
  Tensor operator()(const Tensor& image) const;

 private:
  Range degrees_;
  RandomRotationOptions options_;
};

struct RandomErasingOptions {
  double p = 0.5;
  Range scale = {0.02, 0.33};  ///< of the rectangle's area, as a part of the image's
  Range ratio = {0.3, 3.3};    ///< of its height to its width
  Fill value = 0;
  bool random_value = false;  ///< normal numbers in place of `value`, Python's value="random"
  bool inplace = false;       ///< changes the image that it is given
};
/// Erases a random rectangle, with probability p. Source: torchvision.transforms.v2.RandomErasing (Zhong et al. 2017).
class RandomErasing {
 public:
  explicit RandomErasing(const RandomErasingOptions& options = {});
  Tensor operator()(const Tensor& image) const;

 private:
  RandomErasingOptions options_;
};

}  // namespace tenon::data::transforms

#pragma GCC visibility pop
