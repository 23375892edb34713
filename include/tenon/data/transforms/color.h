#pragma once
// Transforms of an image's colours: (…, 3, H, W), red, green and blue, or (…, 1, H, W).
#include <optional>

#include <tenon/data/transforms/arguments.h>
#include <tenon/tensor.h>

#pragma GCC visibility push(default)

namespace tenon::data::transforms {

/// 0.2989 R + 0.587 G + 0.114 B, as one channel or as three equal ones. Source: torchvision.transforms.v2.Grayscale.
class Grayscale {
 public:
  explicit Grayscale(int64_t num_output_channels = 1);
  Tensor operator()(const Tensor& image) const;

 private:
  int64_t channels_;
};

/// The same with probability p, in as many channels as the image has. Source:
/// torchvision.transforms.v2.RandomGrayscale.
class RandomGrayscale {
 public:
  explicit RandomGrayscale(double p = 0.1);
  Tensor operator()(const Tensor& image) const;

 private:
  double p_;
};

struct ColorJitterOptions {
  // Factors: within 1 − b and 1 + b, not below 0, or within {low, high}.
  Spread brightness = {};
  Spread contrast = {};
  Spread saturation = {};
  Spread hue = {};  ///< a part of the circle: within −h and h, or {low, high}, from −0.5 to 0.5
};
/// Brightness, contrast, saturation and hue changed by random factors, in random order. Floating-point images lie
/// within 0 and 1. Source: torchvision.transforms.v2.ColorJitter.
class ColorJitter {
 public:
  explicit ColorJitter(const ColorJitterOptions& options);
  Tensor operator()(const Tensor& image) const;

 private:
  std::optional<Range> brightness_, contrast_, saturation_, hue_;
};

}  // namespace tenon::data::transforms

#pragma GCC visibility pop
