#pragma once
// What an optimizer keeps for a parameter, and what it is given for a step.
#include <cstddef>
#include <string_view>

#include <tenon/small_vector.h>
#include <tenon/tensor.h>

#pragma GCC visibility push(default)

namespace tenon::optim {

class Optimizer;

enum class SlotKind {
  tensor,     ///< goes with its parameter from type to type and from device to device
  number,     ///< a 0-dim float32 tensor on the CPU
  step_count  ///< a number: how many steps the parameter has had; step() counts
};

/// A tensor that is kept for each parameter from step to step. It is there from the first step that needs it.
template <class Options>
struct SlotOf {
  std::string_view name;  ///< its key in the state dict
  /// Whether a step with these options needs it for this parameter; always where null. A slot that is not always
  /// needed may be missing in a state dict.
  bool (*when)(const Options& options, const Tensor& p) = nullptr;
  /// What it begins as; where null, zeros of the parameter's shape (a number: 0).
  Tensor (*initial)(const Options& options, const Tensor& p) = nullptr;
  SlotKind kind = SlotKind::tensor;
};

/// A slot, for what treats all optimizers alike.
struct StateSlot {
  std::string_view name;
  SlotKind kind;
  bool always;
};

/// What is kept for a parameter, in the order of the slots; empty before its first step, and undefined where it was
/// never needed.
struct ParameterState {
  Tensor parameter;
  SmallVector<Tensor, 4> slots = {};
};

/// A parameter that has a gradient, ready for its step. Both are contiguous, of one floating-point type and on one
/// device. update() changes p and the slots in place.
class Step {
 public:
  Tensor p, grad;
  double count = 0;  ///< how many steps the parameter has had, with this one; where a slot counts them

  /// The slot of that name, or place.
  Tensor& operator[](std::string_view name) const;
  Tensor& operator[](std::size_t slot) const { return state_->slots[slot]; }
  /// Where down is: the gradient, turned round by `maximize`, with weight_decay · p (an L2 penalty).
  Tensor direction(bool maximize, double weight_decay) const;

 private:
  friend class Optimizer;
  Step(const Optimizer& optimizer, ParameterState& state, Tensor gradient);
  void finish() const;

  const Optimizer* optimizer_;
  ParameterState* state_;
};

}  // namespace tenon::optim

#pragma GCC visibility pop
