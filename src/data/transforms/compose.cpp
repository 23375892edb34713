#include <tenon/data/transforms/compose.h>

#include "data/transforms/common.h"

namespace tenon::data::transforms {
namespace {

void check(std::string_view transform, const std::vector<Transform>& transforms) {
  if (transforms.empty()) fail(transform, "expected one transform or more, got none");
  for (const Transform& t : transforms)
    if (!t) fail(transform, "expected functions, got an empty one");
}

Tensor apply(const std::vector<Transform>& transforms, const Tensor& image) {
  Tensor x = image;
  for (const Transform& t : transforms) x = t(x);
  return x;
}

}  // namespace

Compose::Compose(std::vector<Transform> transforms) : transforms_(std::move(transforms)) {
  check("Compose", transforms_);
}
Tensor Compose::operator()(const Tensor& image) const { return apply(transforms_, image); }

RandomApply::RandomApply(std::vector<Transform> transforms, double p) : transforms_(std::move(transforms)), p_(p) {
  check("RandomApply", transforms_);
  check_probability("RandomApply", p);
}
Tensor RandomApply::operator()(const Tensor& image) const { return happens(p_) ? apply(transforms_, image) : image; }

Lambda::Lambda(Transform function) : function_(std::move(function)) {
  if (!function_) fail("Lambda", "expected a function, got an empty one");
}

}  // namespace tenon::data::transforms
