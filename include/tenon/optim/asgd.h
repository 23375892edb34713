#pragma once
// Averaged stochastic gradient descent. Source: torch.optim.ASGD.
#include <tenon/creation.h>
#include <tenon/optim/optimizer.h>

#pragma GCC visibility push(default)

namespace tenon::optim {

template <template <class> class F>
struct ASGDFields {
  F<double> lr = initial<F>(1e-2);
  F<double> lambd = initial<F>(1e-4);        ///< decay of the parameter
  F<double> alpha = initial<F>(0.75);        ///< how fast the rate falls: step t has lr / (1 + lambd · lr · t)^alpha
  F<double> t0 = initial<F>(1e6);            ///< the step from which on the parameter is averaged
  F<double> weight_decay = initial<F>(0.0);  ///< an L2 penalty
  F<bool> maximize = initial<F>(false);

  Fields fields() {
    return {{"lr", lr, at_least(0)},
            {"lambd", lambd, at_least(0)},
            {"alpha", alpha, at_least(0)},
            {"t0", t0},
            {"weight_decay", weight_decay, at_least(0), Printed::whole},
            {"foreach", Carried::none},
            {"maximize", maximize},
            {"differentiable", Carried::no},
            {"capturable", Carried::no}};
  }
};
using ASGDOptions = ASGDFields<Plain>;

/// `optim::ASGD(model.parameters(), {.lr = 1e-2})`: the average of the parameter over the steps is kept in the state,
/// as "ax".
class ASGD final : public OptimizerOf<ASGD, ASGDFields> {
 public:
  static constexpr std::string_view class_name = "ASGD";
  static constexpr Slot slots[] = {
      {.name = "step", .kind = SlotKind::step_count},
      {.name = "eta", .initial = [](auto& o, auto&) { return tensor(o.lr); }, .kind = SlotKind::number},
      {.name = "mu", .initial = [](auto&, auto&) { return ones({}); }, .kind = SlotKind::number},
      {"ax"}};
  using OptimizerOf::OptimizerOf;

 private:
  void update(const ASGDOptions& options, std::span<const Step> steps) override;
};

}  // namespace tenon::optim

#pragma GCC visibility pop
