#include <tenon/data/transforms/geometry.h>

#include "data/transforms/common.h"

namespace tenon::data::transforms {

RandomHorizontalFlip::RandomHorizontalFlip(double p) : p_(p) { check_probability("RandomHorizontalFlip", p); }

Tensor RandomHorizontalFlip::operator()(const Tensor& image) const {
  sizes_of("RandomHorizontalFlip", image);
  return happens(p_) ? image.flip({-1}) : image;
}

RandomVerticalFlip::RandomVerticalFlip(double p) : p_(p) { check_probability("RandomVerticalFlip", p); }

Tensor RandomVerticalFlip::operator()(const Tensor& image) const {
  sizes_of("RandomVerticalFlip", image);
  return happens(p_) ? image.flip({-2}) : image;
}

}  // namespace tenon::data::transforms
