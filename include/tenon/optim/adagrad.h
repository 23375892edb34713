#pragma once
// Adagrad. Source: torch.optim.Adagrad.
#include <tenon/creation.h>
#include <tenon/optim/optimizer.h>

#pragma GCC visibility push(default)

namespace tenon::optim {

template <template <class> class F>
struct AdagradFields {
  F<double> lr = initial<F>(1e-2);
  F<double> lr_decay = initial<F>(0.0);                   ///< step t has the rate lr / (1 + (t - 1) · lr_decay)
  F<double> weight_decay = initial<F>(0.0);               ///< an L2 penalty
  F<double> initial_accumulator_value = initial<F>(0.0);  ///< what the sums of squares begin with
  F<double> eps = initial<F>(1e-10);                      ///< added to the denominator
  F<bool> maximize = initial<F>(false);

  Fields fields() {
    return {{"lr", lr, at_least(0)},
            {"lr_decay", lr_decay, at_least(0), Printed::whole},
            {"eps", eps, at_least(0)},
            {"weight_decay", weight_decay, at_least(0), Printed::whole},
            {"initial_accumulator_value", initial_accumulator_value, at_least(0), Printed::whole},
            {"foreach", Carried::none},
            {"maximize", maximize},
            {"differentiable", Carried::no},
            {"fused", Carried::none}};
  }
};
using AdagradOptions = AdagradFields<Plain>;

/// `optim::Adagrad(model.parameters(), {.lr = 1e-2})`: divides by the size of all gradients so far.
class Adagrad final : public OptimizerOf<Adagrad, AdagradFields> {
 public:
  static constexpr std::string_view class_name = "Adagrad";
  static constexpr bool state_from_the_start = true;
  static constexpr Slot slots[] = {
      {.name = "step", .kind = SlotKind::step_count},
      {.name = "sum", .initial = [](auto& o, auto& p) { return full_like(p, o.initial_accumulator_value); }}};
  using OptimizerOf::OptimizerOf;

 private:
  void update(const AdagradOptions& options, std::span<const Step> steps) override;
};

}  // namespace tenon::optim

#pragma GCC visibility pop
