#pragma once
// Adam by the largest gradient. Source: torch.optim.Adamax.
#include <tenon/optim/optimizer.h>

#pragma GCC visibility push(default)

namespace tenon::optim {

template <template <class> class F>
struct AdamaxFields {
  F<double> lr = initial<F>(2e-3);
  F<std::array<double, 2>> betas = initial<F>(std::array{0.9, 0.999});  ///< decay of the average and of the largest
  F<double> eps = initial<F>(1e-8);                                     ///< added to the gradient's size
  F<double> weight_decay = initial<F>(0.0);                             ///< an L2 penalty
  F<bool> maximize = initial<F>(false);

  Fields fields() {
    return {{"lr", lr, at_least(0)},         {"betas", betas, Range{0, 1, "[)"}},
            {"eps", eps, at_least(0)},       {"weight_decay", weight_decay, at_least(0), Printed::whole},
            {"foreach", Carried::none},      {"maximize", maximize},
            {"differentiable", Carried::no}, {"capturable", Carried::no}};
  }
};
using AdamaxOptions = AdamaxFields<Plain>;

/// `optim::Adamax(model.parameters(), {.lr = 1e-3})`: Adam that divides by the largest gradient so far, which decays.
class Adamax final : public OptimizerOf<Adamax, AdamaxFields> {
 public:
  static constexpr std::string_view class_name = "Adamax";
  static constexpr Slot slots[] = {{.name = "step", .kind = SlotKind::step_count}, {"exp_avg"}, {"exp_inf"}};
  using OptimizerOf::OptimizerOf;

 private:
  void update(const AdamaxOptions& options, std::span<const Step> steps) override;
};

}  // namespace tenon::optim

#pragma GCC visibility pop
