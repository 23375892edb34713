#pragma once
// RMSprop. Source: torch.optim.RMSprop.
#include <tenon/optim/optimizer.h>

#pragma GCC visibility push(default)

namespace tenon::optim {

template <template <class> class F>
struct RMSpropFields {
  F<double> lr = initial<F>(1e-2);
  F<double> alpha = initial<F>(0.99);        ///< how much of the average of squares is kept in a step
  F<double> eps = initial<F>(1e-8);          ///< added to the denominator
  F<double> weight_decay = initial<F>(0.0);  ///< an L2 penalty
  F<double> momentum = initial<F>(0.0);      ///< how much of the last step is kept
  F<bool> centered = initial<F>(false);      ///< divide by the gradient's deviation, not its size
  F<bool> maximize = initial<F>(false);

  Fields fields() {
    return {{"lr", lr, at_least(0)},       {"momentum", momentum, at_least(0), Printed::whole},
            {"alpha", alpha, at_least(0)}, {"eps", eps, at_least(0)},
            {"centered", centered},        {"weight_decay", weight_decay, at_least(0), Printed::whole},
            {"capturable", Carried::no},   {"foreach", Carried::none},
            {"maximize", maximize},        {"differentiable", Carried::no}};
  }
};
using RMSpropOptions = RMSpropFields<Plain>;

/// `optim::RMSprop(model.parameters(), {.lr = 0.01})`: divides by a running average of the gradient's size.
class RMSprop final : public OptimizerOf<RMSprop, RMSpropFields> {
 public:
  static constexpr std::string_view class_name = "RMSprop";
  static constexpr Slot slots[] = {{.name = "step", .kind = SlotKind::step_count},
                                   {"square_avg"},
                                   {"momentum_buffer", [](auto& options, auto&) { return options.momentum > 0; }},
                                   {"grad_avg", [](auto& options, auto&) { return options.centered; }}};
  using OptimizerOf::OptimizerOf;

 private:
  void update(const RMSpropOptions& options, std::span<const Step> steps) override;
};

}  // namespace tenon::optim

#pragma GCC visibility pop
