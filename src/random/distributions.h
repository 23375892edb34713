#pragma once
// What operations draw for themselves.
#include <cstdint>

#include <tenon/random.h>

#include "base/internal_api.h"

namespace tenon {

/// Dropout's mask: out[i] is `scale` with the given probability, else 0. A 64-bit draw an element; null: from the
/// default generator.
TENON_INTERNAL_API void fill_keep_mask(float* out, int64_t n, double keep_probability, float scale,
                                       Generator* generator);

}  // namespace tenon
