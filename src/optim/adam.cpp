#include <tenon/optim/adam.h>

#include <tenon/autograd.h>
#include <tenon/creation.h>

#include "backend/optimizer.h"
#include "optim/step.h"

namespace tenon::optim {
namespace {

enum Slot : std::size_t { step_count, exp_avg, exp_avg_sq, max_exp_avg_sq };

/// The same values as options of Adam's own type.
AdamOptions as_adam(const AdamWOptions& options) {
  AdamOptions adam;
  AdamOptions::visit(detail::OwnOptions{[](std::string_view, auto& to, const auto& from) { to = from; }}, adam,
                     options);
  return adam;
}

}  // namespace

void check(const AdamOptions& o, std::string_view optimizer) {
  if (!(o.lr >= 0)) fail(optimizer, "expected lr ≥ 0, got {}", o.lr);
  if (!(o.eps >= 0)) fail(optimizer, "expected eps ≥ 0, got {}", o.eps);
  for (const double beta : o.betas)
    if (!(beta >= 0 && beta < 1)) fail(optimizer, "expected betas in [0, 1), got {} and {}", o.betas[0], o.betas[1]);
  if (!(o.weight_decay >= 0)) fail(optimizer, "expected weight_decay ≥ 0, got {}", o.weight_decay);
}

Adam::Adam(std::string name, const std::vector<GroupOf>& groups, const AdamOptions& options)
    : OptimizerWith(std::move(name),
                    {{"step", StateSlot::step_count},
                     {"exp_avg", StateSlot::like_parameter},
                     {"exp_avg_sq", StateSlot::like_parameter},
                     {"max_exp_avg_sq", StateSlot::maybe_like_parameter}},
                    groups, options) {}

AdamW::AdamW(const std::vector<GroupOf>& groups, const AdamWOptions& options)
    : Adam("AdamW", groups, as_adam(options)) {}

void Adam::step() {
  const NoGrad guard;
  for (std::size_t g = 0; g < group_count(); ++g) {
    const AdamOptions& o = group(g).options;
    AdamArgs args{.lr = o.lr,
                  .beta1 = o.betas[0],
                  .beta2 = o.betas[1],
                  .eps = o.eps,
                  .weight_decay = o.weight_decay,
                  .amsgrad = o.amsgrad,
                  .maximize = o.maximize,
                  .decoupled_weight_decay = o.decoupled_weight_decay,
                  .step = 0};
    for (ParameterState& state : group(g).states()) {
      Tensor grad = state.parameter.grad();
      if (!grad.defined()) continue;
      const StepTensors t(name(), state.parameter, std::move(grad));
      auto& kept = state.slots;
      if (kept.empty()) {
        kept.resize(slots().size());
        kept[step_count] = tenon::tensor(0.0f, {.device = kCPU});
      }
      args.step = ++*kept[step_count].data<float>();
      follow(kept[exp_avg], t.p);
      follow(kept[exp_avg_sq], t.p);
      if (o.amsgrad) follow(kept[max_exp_avg_sq], t.p);
      on<OptimizerKernels>(t.p.device())
          .adam(t.p, t.grad, kept[exp_avg], kept[exp_avg_sq], o.amsgrad ? kept[max_exp_avg_sq] : Tensor(), args);
      t.finish();
    }
  }
}

}  // namespace tenon::optim
