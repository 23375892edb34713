#pragma once
// Adam and AdamW. Source: torch.optim.Adam, torch.optim.AdamW.
#include <tenon/optim/optimizer.h>

#pragma GCC visibility push(default)

namespace tenon::optim {

/// AdamW is Adam with other defaults: weight decay that acts on the parameter itself instead of an L2 penalty.
template <template <class> class F, bool decoupled>
struct AdamFields {
  F<double> lr = initial<F>(1e-3);
  /// Decay of the two running averages.
  F<std::array<double, 2>> betas = initial<F>(std::array<double, 2>{0.9, 0.999});
  F<double> eps = initial<F>(1e-8);  ///< added to the denominator
  F<double> weight_decay = initial<F>(decoupled ? 1e-2 : 0.0);
  F<bool> amsgrad = initial<F>(false);  ///< divide by the largest second moment so far
  F<bool> maximize = initial<F>(false);
  F<bool> decoupled_weight_decay = initial<F>(decoupled);

  Fields fields() {
    return {{"lr", lr, at_least(0)},
            {"betas", betas, Range{0, 1, "[)"}},
            {"eps", eps, at_least(0)},
            {"weight_decay", weight_decay, at_least(0), Printed::whole},
            {"amsgrad", amsgrad},
            {"maximize", maximize},
            {"foreach", Carried::none},
            {"capturable", Carried::no},
            {"differentiable", Carried::no},
            {"fused", Carried::none},
            {"decoupled_weight_decay", decoupled_weight_decay}};
  }
};
template <template <class> class F>
using AdamFieldsOf = AdamFields<F, false>;
using AdamOptions = AdamFields<Plain, false>;
using AdamWOptions = AdamFields<Plain, true>;
using AdamOverrides = AdamFields<Override, false>;

/// `optim::Adam(model.parameters(), {.lr = 1e-4})`, or groups in braces with options of their own.
class Adam : public OptimizerOf<Adam, AdamFieldsOf> {
 public:
  static constexpr std::string_view class_name = "Adam";
  static constexpr Slot slots[] = {{.name = "step", .kind = SlotKind::step_count},
                                   {"exp_avg"},
                                   {"exp_avg_sq"},
                                   {"max_exp_avg_sq", [](auto& options, auto&) { return options.amsgrad; }}};
  using OptimizerOf::OptimizerOf;

 protected:
  Adam(std::string name, const std::vector<GroupOf>& groups, const AdamOptions& options)
      : OptimizerOf(std::move(name), groups, options) {}

 private:
  void update(const AdamOptions& options, std::span<const Step> steps) override;
};

class AdamW final : public Adam {
 public:
  using Options = AdamWOptions;
  explicit AdamW(const Parameters& parameters, const AdamWOptions& options = {})
      : AdamW(std::vector<GroupOf>{{parameters}}, options) {}
  explicit AdamW(const std::vector<GroupOf>& groups, const AdamWOptions& options = {});
};

}  // namespace tenon::optim

#pragma GCC visibility pop
