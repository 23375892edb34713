#pragma once
// Adadelta. Source: torch.optim.Adadelta.
#include <tenon/optim/optimizer.h>

#pragma GCC visibility push(default)

namespace tenon::optim {

template <template <class> class F>
struct AdadeltaFields {
  F<double> lr = initial<F>(1.0);
  F<double> rho = initial<F>(0.9);           ///< how much of the averages of squares is kept in a step
  F<double> eps = initial<F>(1e-6);          ///< added to both averages
  F<double> weight_decay = initial<F>(0.0);  ///< an L2 penalty
  F<bool> maximize = initial<F>(false);

  Fields fields() {
    return {{"lr", lr, at_least(0)},    {"rho", rho, Range{0, 1}},
            {"eps", eps, at_least(0)},  {"weight_decay", weight_decay, at_least(0), Printed::whole},
            {"maximize", maximize},     {"capturable", Carried::no},
            {"foreach", Carried::none}, {"differentiable", Carried::no}};
  }
};
using AdadeltaOptions = AdadeltaFields<Plain>;

/// `optim::Adadelta(model.parameters())`: steps as large as those before, by the gradient's size.
class Adadelta final : public OptimizerOf<Adadelta, AdadeltaFields> {
 public:
  static constexpr std::string_view class_name = "Adadelta";
  static constexpr Slot slots[] = {{.name = "step", .kind = SlotKind::step_count}, {"square_avg"}, {"acc_delta"}};
  using OptimizerOf::OptimizerOf;

 private:
  void update(const AdadeltaOptions& options, std::span<const Step> steps) override;
};

}  // namespace tenon::optim

#pragma GCC visibility pop
