#pragma once
// A module called with other tensors in the place of its parameters and buffers.
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tenon/nn/module_base.h>

#pragma GCC visibility push(default)

namespace tenon::nn {

/// A tensor, and the path of the parameter or buffer in whose place it stands for a call.
struct NamedTensor {
  std::string name;
  Tensor tensor;
};

struct FunctionalCallOptions {
  bool tie_weights = true;  ///< what is shared is replaced under all of its names, not only under the one given
  bool strict = false;      ///< an error unless every parameter and buffer is given
};

namespace detail {
/// While it lives, a module's parameters and buffers are these tensors.
class Replaced {
 public:
  Replaced(ModuleBase& module, const std::vector<NamedTensor>& tensors, const FunctionalCallOptions& options);
  ~Replaced();
  Replaced(const Replaced&) = delete;
  Replaced& operator=(const Replaced&) = delete;

 private:
  struct Slot {
    Tensor* tensor;
    Tensor before;
  };
  std::vector<Slot> slots_;
};
}  // namespace detail

/// module(arguments…), computed with `tensors` in the place of the parameters and buffers that they name; the others
/// stay. Gradients go to the tensors given: `functional_call(model, {{"fc1.weight", w}}, x)`, so that a step of
/// training can itself be differentiated. Afterwards the module has its own again, also after an error; what its
/// forward assigned to a buffer in between is lost, what it changed in place is in the tensor given. Nobody else may
/// use the module meanwhile. An error for a name that is none, and where two names of one tensor are given different
/// ones. Source: torch.func.functional_call.
template <detail::AModule M, class... A>
decltype(auto) functional_call(M& module, const std::vector<NamedTensor>& tensors, const FunctionalCallOptions& options,
                               A&&... arguments) {
  const detail::Replaced replaced(module, tensors, options);
  return module(std::forward<A>(arguments)...);
}
template <detail::AModule M, class First, class... A>
requires(!std::same_as<std::remove_cvref_t<First>, FunctionalCallOptions>)  //
    decltype(auto)
        functional_call(M& module, const std::vector<NamedTensor>& tensors, First&& first, A&&... arguments) {
  return functional_call(module, tensors, FunctionalCallOptions{}, std::forward<First>(first),
                         std::forward<A>(arguments)...);
}

}  // namespace tenon::nn

#pragma GCC visibility pop
