#pragma once
// Adam with Nesterov momentum. Source: torch.optim.NAdam.
#include <tenon/creation.h>
#include <tenon/optim/optimizer.h>

#pragma GCC visibility push(default)

namespace tenon::optim {

template <template <class> class F>
struct NAdamFields {
  F<double> lr = initial<F>(2e-3);
  F<std::array<double, 2>> betas = initial<F>(std::array{0.9, 0.999});  ///< decay of the two running averages
  F<double> eps = initial<F>(1e-8);                                     ///< added to the denominator
  F<double> weight_decay = initial<F>(0.0);                             ///< an L2 penalty
  F<double> momentum_decay = initial<F>(4e-3);                          ///< how fast momentum comes up to its full size
  F<bool> decoupled_weight_decay = initial<F>(false);  ///< weight decay acts on the parameter itself, as in AdamW
  F<bool> maximize = initial<F>(false);

  Fields fields() {
    return {{"lr", lr, at_least(0)},
            {"betas", betas, Range{0, 1, "[)"}},
            {"eps", eps, at_least(0)},
            {"weight_decay", weight_decay, at_least(0), Printed::whole},
            {"momentum_decay", momentum_decay, at_least(0)},
            {"decoupled_weight_decay", decoupled_weight_decay},
            {"maximize", maximize},
            {"foreach", Carried::none},
            {"capturable", Carried::no},
            {"differentiable", Carried::no}};
  }
};
using NAdamOptions = NAdamFields<Plain>;

/// `optim::NAdam(model.parameters(), {.lr = 1e-3})`: Adam that looks ahead, as SGD does by Nesterov's momentum.
class NAdam final : public OptimizerOf<NAdam, NAdamFields> {
 public:
  static constexpr std::string_view class_name = "NAdam";
  static constexpr Slot slots[] = {
      {.name = "step", .kind = SlotKind::step_count},
      {.name = "mu_product", .initial = [](auto&, auto&) { return ones({}); }, .kind = SlotKind::number},
      {"exp_avg"},
      {"exp_avg_sq"}};
  using OptimizerOf::OptimizerOf;

 private:
  void update(const NAdamOptions& options, std::span<const Step> steps) override;
};

}  // namespace tenon::optim

#pragma GCC visibility pop
