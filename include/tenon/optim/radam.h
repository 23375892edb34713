#pragma once
// Adam whose first steps are rectified. Source: torch.optim.RAdam.
#include <tenon/optim/optimizer.h>

#pragma GCC visibility push(default)

namespace tenon::optim {

template <template <class> class F>
struct RAdamFields {
  F<double> lr = initial<F>(1e-3);
  F<std::array<double, 2>> betas = initial<F>(std::array{0.9, 0.999});  ///< decay of the two running averages
  F<double> eps = initial<F>(1e-8);                                     ///< added to the denominator
  F<double> weight_decay = initial<F>(0.0);                             ///< an L2 penalty
  F<bool> decoupled_weight_decay = initial<F>(false);  ///< weight decay acts on the parameter itself, as in AdamW
  F<bool> maximize = initial<F>(false);

  Fields fields() {
    return {{"lr", lr, at_least(0)},        {"betas", betas, Range{0, 1, "[)"}},
            {"eps", eps, at_least(0)},      {"weight_decay", weight_decay, at_least(0), Printed::whole},
            {"maximize", maximize},         {"foreach", Carried::none},
            {"capturable", Carried::no},    {"decoupled_weight_decay", decoupled_weight_decay},
            {"differentiable", Carried::no}};
  }
};
using RAdamOptions = RAdamFields<Plain>;

/// `optim::RAdam(model.parameters(), {.lr = 1e-3})`: Adam that divides by the second moment only once that is certain
/// enough, and in part at first.
class RAdam final : public OptimizerOf<RAdam, RAdamFields> {
 public:
  static constexpr std::string_view class_name = "RAdam";
  static constexpr Slot slots[] = {{.name = "step", .kind = SlotKind::step_count}, {"exp_avg"}, {"exp_avg_sq"}};
  using OptimizerOf::OptimizerOf;

 private:
  void update(const RAdamOptions& options, std::span<const Step> steps) override;
};

}  // namespace tenon::optim

#pragma GCC visibility pop
