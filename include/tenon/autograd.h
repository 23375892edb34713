#pragma once
// Gradients of several tensors at once. backward(), requires_grad_() and hooks are methods of Tensor.
#include <optional>
#include <vector>

#include <tenon/grad_mode.h>
#include <tenon/tensor_list.h>

#pragma GCC visibility push(default)

namespace tenon {

/// What backward() may be told.
struct BackwardOptions {
  bool retain_graph = false;  ///< keep what was saved, for another backward pass through the graph
  /// Record the backward pass itself (implies retain_graph). A leaf then holds a gradient whose graph holds the leaf:
  /// drop the gradient when it is done with, or take autograd::grad.
  bool create_graph = false;
  /// Only these get a gradient (computed ones retain it). Empty: every leaf that the graph leads to.
  TensorList inputs = {};
};

namespace autograd {

/// While it lives, a backward pass on this thread checks every gradient: the first that has a NaN is an error that
/// names the operation whose backward made it. Slow: for finding faults. Source: torch.autograd.detect_anomaly.
class [[nodiscard]] AnomalyMode {
 public:
  explicit AnomalyMode(bool on = true);
  ~AnomalyMode();
  AnomalyMode(const AnomalyMode&) = delete;
  AnomalyMode& operator=(const AnomalyMode&) = delete;

 private:
  bool before_;
};
bool is_anomaly_enabled();

/// What grad() may be told.
struct GradOptions {
  /// One for each output; undefined, or no vector: 1, for an output of one element.
  TensorList grad_outputs = {};
  std::optional<bool> retain_graph = {};  ///< default: create_graph
  bool create_graph = false;              ///< record the gradients, so that they can be differentiated
  /// An input that no output depends on gives undefined; default: materialize_grads.
  std::optional<bool> allow_unused = {};
  bool materialize_grads = false;  ///< zeros in place of undefined
};

/// The gradients of the sum of `outputs` by each of `inputs`, which are leaves or computed tensors. Nothing is
/// accumulated, and only nodes that lead to `inputs` run; hooks of the inputs see, and may replace, their
/// gradients. Source: torch.autograd.grad.
///
///   Tensor x = tensor({2.0, 3.0}, {.requires_grad = true});
///   Tensor dx = autograd::grad({(x * x).sum()}, {x})[0];   // {4, 6}
std::vector<Tensor> grad(const TensorList& outputs, const TensorList& inputs, const GradOptions& options = {});

/// The backward pass from several tensors at once. `grads`: one for each, as in GradOptions. Source:
/// torch.autograd.backward.
void backward(const TensorList& tensors, const TensorList& grads = {}, const BackwardOptions& options = {});

}  // namespace autograd
}  // namespace tenon

#pragma GCC visibility pop
