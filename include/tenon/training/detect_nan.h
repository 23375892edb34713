#pragma once
// Where a NaN comes from.
#include <vector>

#include <tenon/autograd.h>
#include <tenon/hook.h>
#include <tenon/nn/module_base.h>

#pragma GCC visibility push(default)

namespace tenon::training {

/// While it lives, a call of the model whose modules make a NaN or an infinity of finite inputs is an error that names
/// the module, `layers.2 (Linear): [DetectNan] Linear made a NaN …`, and so is a backward pass that makes a NaN, by
/// autograd::AnomalyMode. Slow: every output is looked at.
class [[nodiscard]] DetectNan {
 public:
  explicit DetectNan(nn::ModuleBase& model);
  ~DetectNan();
  DetectNan(const DetectNan&) = delete;
  DetectNan& operator=(const DetectNan&) = delete;

 private:
  std::vector<HookHandle> hooks_;
  autograd::AnomalyMode backward_;
};

}  // namespace tenon::training

#pragma GCC visibility pop
