#pragma once
// Activation checkpointing: what a part of a model would save for the backward pass is computed again there. Source:
// torch.utils.checkpoint (use_reentrant=False).
#include <cstdint>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

#include <tenon/grad_mode.h>
#include <tenon/graph.h>
#include <tenon/nn/sequential.h>

#pragma GCC visibility push(default)

namespace tenon::nn::utils {

struct CheckpointOptions {
  /// The second computation draws the numbers of the first from the default generator, whose state it leaves as it was.
  bool preserve_rng_state = true;
};

namespace detail {

/// What a checkpoint's saved tensors have in common.
class CheckpointFrame {
 public:
  explicit CheckpointFrame(const CheckpointOptions& options);
  ~CheckpointFrame();
  CheckpointFrame(const CheckpointFrame&) = delete;
  CheckpointFrame& operator=(const CheckpointFrame&) = delete;

  /// How the part is computed again.
  std::function<void()> again;

 private:
  friend autograd::SavedTensorsHooks checkpoint_hooks(const std::shared_ptr<CheckpointFrame>&);
  struct State;
  std::unique_ptr<State> state_;
};
autograd::SavedTensorsHooks checkpoint_hooks(const std::shared_ptr<CheckpointFrame>& frame);

}  // namespace detail

/// f(inputs...), which saves nothing but its inputs for the backward pass: that computes f again first, for the same
/// numbers and the same gradients, dropout included, with less memory. f is copied; what it refers to, such as a
/// model, must live until then, and f must do the same again: an error where it saves other tensors. Hooks of modules
/// in f run twice.
///
///   Tensor y = nn::utils::checkpoint([&](const Tensor& x) { return block(x); }, x);
template <class F, class... A>
auto checkpoint(const CheckpointOptions& options, F f, const A&... inputs) {
  if (!is_grad_enabled()) return f(inputs...);
  const auto frame = std::make_shared<detail::CheckpointFrame>(options);
  // The second time f is made from its copy as it was, should it change itself.
  frame->again = [f, inputs...] {
    F once = f;
    static_cast<void>(once(inputs...));
  };
  const autograd::SavedTensorsHooks hooks = detail::checkpoint_hooks(frame);
  return f(inputs...);
}
template <class F, class... A>
requires(!std::is_same_v<F, CheckpointOptions>) auto checkpoint(F f, const A&... inputs) {
  return checkpoint(CheckpointOptions(), std::move(f), inputs...);
}

/// A Sequential in `segments` parts of about one length, each a checkpoint but the last. Source:
/// torch.utils.checkpoint.checkpoint_sequential.
Tensor checkpoint_sequential(Sequential& layers, int64_t segments, Tensor x, const CheckpointOptions& options = {});

}  // namespace tenon::nn::utils

#pragma GCC visibility pop
