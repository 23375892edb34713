#pragma once
// Stochastic gradient descent. Source: torch.optim.SGD.
#include <tenon/optim/optimizer.h>

#pragma GCC visibility push(default)

namespace tenon::optim {

template <template <class> class F>
struct SGDFields {
  F<double> lr = initial<F>(1e-3);
  F<double> momentum = initial<F>(0.0);      ///< how much of the last step's direction is kept
  F<double> dampening = initial<F>(0.0);     ///< how much of the gradient momentum leaves out
  F<double> weight_decay = initial<F>(0.0);  ///< an L2 penalty
  F<bool> nesterov = initial<F>(false);      ///< looks ahead; needs momentum, and no dampening
  F<bool> maximize = initial<F>(false);

  Fields fields() {
    return {{"lr", lr, at_least(0)},
            {"momentum", momentum, at_least(0), Printed::whole},
            {"dampening", dampening, {}, Printed::whole},
            {"weight_decay", weight_decay, at_least(0), Printed::whole},
            {"nesterov", nesterov},
            {"maximize", maximize},
            {"foreach", Carried::none},
            {"differentiable", Carried::no},
            {"fused", Carried::none}};
  }
};
using SGDOptions = SGDFields<Plain>;
using SGDOverrides = SGDFields<Override>;
void check(const SGDOptions& options, std::string_view optimizer);

/// `optim::SGD(model.parameters(), {.lr = 0.1, .momentum = 0.9})`, or groups in braces with options of their own.
class SGD final : public OptimizerOf<SGD, SGDFields> {
 public:
  static constexpr std::string_view class_name = "SGD";
  static constexpr Slot slots[] = {
      {"momentum_buffer", [](const SGDOptions&, const Tensor&) { return false; }}};  // made by update()
  using OptimizerOf::OptimizerOf;

 private:
  void update(const SGDOptions& options, std::span<const Step> steps) override;
};

}  // namespace tenon::optim

#pragma GCC visibility pop
