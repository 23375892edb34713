#include "random/draw.h"

namespace tenon {

void random::check_apart(const char* operation, const Tensor& x) {
  if (x.is_meta() || x.numel() == 0) return;
  for (std::size_t d = 0; d < x.shape().size(); ++d)
    if (x.strides()[d] == 0 && x.shape()[d] != 1)
      fail(operation, "the tensor is expanded: several elements of shape {} lie in one place. clone() it first",
           x.shape().to_string());
}

void random::check_real_type(const char* operation, const Tensor& x) {
  if (!is_floating_point(x.dtype())) fail(operation, "expected a floating-point type, got {}", x.dtype());
}

}  // namespace tenon
