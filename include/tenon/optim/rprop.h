#pragma once
// Resilient backpropagation. Source: torch.optim.Rprop.
#include <tenon/creation.h>
#include <tenon/optim/optimizer.h>

#pragma GCC visibility push(default)

namespace tenon::optim {

template <template <class> class F>
struct RpropFields {
  F<double> lr = initial<F>(1e-2);                                           ///< the first step, for each element
  F<std::array<double, 2>> etas = initial<F>(std::array{0.5, 1.2});          ///< a step shrinks, or grows, by these
  F<std::array<double, 2>> step_sizes = initial<F>(std::array{1e-6, 50.0});  ///< the smallest and the largest step
  F<bool> maximize = initial<F>(false);

  Fields fields() {
    return {{"lr", lr, at_least(0)},    {"etas", etas},         {"step_sizes", step_sizes, {}, Printed::whole},
            {"foreach", Carried::none}, {"maximize", maximize}, {"differentiable", Carried::no},
            {"capturable", Carried::no}};
  }
};
using RpropOptions = RpropFields<Plain>;
void check(const RpropOptions& options, std::string_view optimizer);

/// `optim::Rprop(model.parameters())`: goes by the gradient's sign alone. Each element has a step of its own, which
/// grows while the sign stays the same and shrinks when it turns. For gradients of all the data, not of batches.
class Rprop final : public OptimizerOf<Rprop, RpropFields> {
 public:
  static constexpr std::string_view class_name = "Rprop";
  static constexpr Slot slots[] = {
      {.name = "step", .kind = SlotKind::step_count},
      {"prev"},
      {.name = "step_size", .initial = [](auto& o, auto& p) { return full_like(p, o.lr); }},
  };
  using OptimizerOf::OptimizerOf;

 private:
  void update(const RpropOptions& options, std::span<const Step> steps) override;
};

}  // namespace tenon::optim

#pragma GCC visibility pop
