#pragma once
// The backward hooks of one recorded call of a module: a node on the tape before the module's own, and one after.
#include <cstddef>
#include <memory>
#include <vector>

#include <tenon/nn/hooked_call.h>

#include "nn/module_hooks.h"

namespace tenon::nn::detail {

class BackwardHooks : public RefCounted {
 public:
  BackwardHooks(ModuleBase& module, const HookTable* of_all, const HookTable* of_module);

  /// Puts the inputs on the tape anew, behind the node that calls the full backward hooks. Only if one of them is on
  /// it.
  void record_inputs(const TensorSlots& inputs);
  /// Puts the outputs on the tape anew, behind the node that calls the full backward pre-hooks.
  void record_outputs(const TensorSlots& outputs, const TensorSlots& inputs);

  static void destroy(BackwardHooks* hooks) { delete hooks; }

 private:
  class InputsNode;
  class OutputsNode;

  /// A tensor that was seen in the call: where, and what its gradient must look like.
  struct Place {
    std::size_t position;
    Shape shape;
    DType dtype;
    Device device;
  };
  using Gradients = std::vector<Tensor>;

  void run(HookKind kind, Gradients& first, Gradients& second);
  static Tensor checked(const Tensor& gradient, const Place& place, const char* hook);

  std::shared_ptr<ModuleHooks> module_;
  Ref<const HookTable> tables_[2];  ///< of all modules, of this one
  std::size_t input_count_ = 0, output_count_ = 0;
  std::vector<Place> inputs_, outputs_;  ///< those that are tensors; without inputs_, none requires grad
  /// From the outputs' node, for the inputs' node. None: the inputs' gradients come by another way.
  Gradients grad_output_;
};

}  // namespace tenon::nn::detail
