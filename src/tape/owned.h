#pragma once
// Gradients that nobody else holds are changed in place and kept, not copied.
#include <tenon/tensor.h>

namespace tenon {

/// Whether nobody sees x's data but through these `handles` of it. A view that is all that is left of its base counts.
inline bool owned_alone(const Tensor& x, uint32_t handles = 1) {
  const TensorImpl& t = *x.impl();
  return t.use_count() == handles && t.storage->use_count() == 1 && (!t.base || t.base->use_count() == 1);
}

}  // namespace tenon
