#pragma once
// Layers whose weights are not worth drawing. Source: torch.nn.utils.skip_init.
#include <utility>

#include <tenon/default_device.h>
#include <tenon/nn/module_base.h>

#pragma GCC visibility push(default)

namespace tenon::nn {

/// A module of class M, made of the arguments, whose parameters and buffers are not initialised: for weights that are
/// loaded next. They lie on the default device.
template <std::derived_from<ModuleBase> M, class... A>
M skip_init(A&&... arguments) {
  const Device device = default_device();
  const auto without_data = [&] {
    const DefaultDevice guard(kMeta);
    return M(std::forward<A>(arguments)...);
  };
  M module = without_data();
  module.to_empty(device);
  return module;
}

namespace utils {
using nn::skip_init;
}  // namespace utils

}  // namespace tenon::nn

#pragma GCC visibility pop
