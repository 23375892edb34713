#include <tenon/optim/sgd.h>

#include <tenon/autograd.h>

#include "backend/optimizer.h"
#include "optim/step.h"

namespace tenon::optim {

void check(const SGDOptions& o, std::string_view optimizer) {
  if (!(o.lr >= 0)) fail(optimizer, "expected lr ≥ 0, got {}", o.lr);
  if (!(o.momentum >= 0)) fail(optimizer, "expected momentum ≥ 0, got {}", o.momentum);
  if (!(o.weight_decay >= 0)) fail(optimizer, "expected weight_decay ≥ 0, got {}", o.weight_decay);
  if (o.nesterov && (o.momentum == 0 || o.dampening != 0))
    fail(optimizer, "nesterov needs momentum > 0 and dampening = 0, got momentum = {} and dampening = {}", o.momentum,
         o.dampening);
}

SGD::SGD(const std::vector<GroupOf>& groups, const SGDOptions& options)
    : OptimizerWith("SGD", {{"momentum_buffer", StateSlot::maybe_like_parameter}}, groups, options) {}

void SGD::step() {
  const NoGrad guard;
  for (std::size_t g = 0; g < group_count(); ++g) {
    const SGDOptions& o = group(g).options;
    SgdArgs args{.lr = o.lr,
                 .momentum = o.momentum,
                 .dampening = o.dampening,
                 .weight_decay = o.weight_decay,
                 .nesterov = o.nesterov,
                 .maximize = o.maximize,
                 .first_step = false};
    for (ParameterState& state : group(g).states()) {
      Tensor grad = state.parameter.grad();
      if (!grad.defined()) continue;
      const StepTensors t(name(), state.parameter, std::move(grad));
      Tensor buffer;
      if (o.momentum != 0) {
        state.slots.resize(1);
        args.first_step = follow(state.slots[0], t.p);
        buffer = state.slots[0];
      }
      on<OptimizerKernels>(t.p.device()).sgd(t.p, t.grad, buffer, args);
      t.finish();
    }
  }
}

}  // namespace tenon::optim
