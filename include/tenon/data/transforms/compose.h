#pragma once
// Several transforms as one.
#include <functional>
#include <initializer_list>
#include <utility>
#include <vector>

#include <tenon/tensor.h>

#pragma GCC visibility push(default)

namespace tenon::data::transforms {

/// Anything that makes an image of an image. Those of this namespace take (…, C, H, W), uint8 or floating-point
/// numbers, give all images of a batch the same, and leave the image that they are given alone; those that leave
/// nothing to do may give it back as it is. Random ones draw from the default generator, in torchvision's order.
using Transform = std::function<Tensor(const Tensor&)>;

/// One after the other: `Compose{Resize(256), CenterCrop(224), ToDtype(float32, {.scale = true})}`. Source:
/// torchvision.transforms.v2.Compose.
class Compose {
 public:
  Compose(std::initializer_list<Transform> transforms) : Compose(std::vector<Transform>(transforms)) {}
  explicit Compose(std::vector<Transform> transforms);
  Tensor operator()(const Tensor& image) const;

 private:
  std::vector<Transform> transforms_;
};

/// All of them, or with probability 1 − p none. Source: torchvision.transforms.v2.RandomApply.
class RandomApply {
 public:
  explicit RandomApply(std::vector<Transform> transforms, double p = 0.5);
  Tensor operator()(const Tensor& image) const;

 private:
  std::vector<Transform> transforms_;
  double p_;
};

/// A function of one's own. Source: torchvision.transforms.v2.Lambda.
class Lambda {
 public:
  explicit Lambda(Transform function);
  Tensor operator()(const Tensor& image) const { return function_(image); }

 private:
  Transform function_;
};

}  // namespace tenon::data::transforms

#pragma GCC visibility pop
