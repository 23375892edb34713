#include <tenon/training/detect_nan.h>

#include <tenon/grad_mode.h>
#include <tenon/ops.h>

namespace tenon::training {
namespace {

bool is_finite(const Tensor& x) {
  if (!x.defined() || x.is_meta() || !is_floating_point(x.dtype())) return true;
  const NoGrad guard;
  return x.isfinite().all().item<bool>();
}

}  // namespace

DetectNan::DetectNan(nn::ModuleBase& model) {
  for (nn::ModuleBase& module : model.modules())
    hooks_.push_back(module.register_forward_hook([](nn::ModuleBase& called, nn::Tensors inputs, nn::Tensors outputs) {
      for (std::size_t i = 0; i < inputs.size(); ++i)
        if (!is_finite(inputs[i])) return;  // it is not where it began
      for (std::size_t i = 0; i < outputs.size(); ++i)
        if (!is_finite(outputs[i]))
          fail("DetectNan", "{} made a NaN or an infinity of finite inputs: its output {}, {} {}", called.type_name(),
               i, outputs[i].dtype(), outputs[i].shape().to_string());
    }));
}

DetectNan::~DetectNan() {
  for (HookHandle& hook : hooks_) hook.remove();
}

}  // namespace tenon::training
