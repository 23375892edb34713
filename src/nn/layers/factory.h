#pragma once
#include <tenon/tensor_options.h>

namespace tenon::nn {

/// What a layer makes its parameters with, from options that end in TENON_FACTORY_OPTIONS.
template <class Options>
TensorOptions factory(const Options& options) {
  return {.dtype = options.dtype, .device = options.device};
}

}  // namespace tenon::nn
