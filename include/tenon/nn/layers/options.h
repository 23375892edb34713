#pragma once
// Options that many layers take, beside their own.
#include <optional>

#include <tenon/device.h>
#include <tenon/dtype.h>

#pragma GCC visibility push(default)

/// The last two members of a layer's options: what its parameters and buffers are made with. A base class would take
/// their names away from `{.bias = false, .dtype = float64}`.
#define TENON_FACTORY_OPTIONS                                                        \
  std::optional<::tenon::DType> dtype = {};  /* of what is made; default: float32 */ \
  std::optional<::tenon::Device> device = {} /* where it is made; default: default_device() */

namespace tenon::nn {

struct InplaceOptions {
  bool inplace = false;  ///< changes the input instead of making a new tensor
};

}  // namespace tenon::nn

#pragma GCC visibility pop
