#pragma once
// Adam and AdamW. Source: torch.optim.Adam, torch.optim.AdamW.
#include <tenon/optim/optimizer.h>

#pragma GCC visibility push(default)

namespace tenon::optim {

/// AdamW is Adam with other defaults: weight decay that acts on the parameter itself instead of an L2 penalty.
template <template <class> class F, bool decoupled>
struct AdamFields {
  F<double> lr = detail::initial<F>(1e-3);
  /// Decay of the two running averages.
  F<std::array<double, 2>> betas = detail::initial<F>(std::array<double, 2>{0.9, 0.999});
  F<double> eps = detail::initial<F>(1e-8);  ///< added to the denominator
  F<double> weight_decay = detail::initial<F>(decoupled ? 1e-2 : 0.0);
  F<bool> amsgrad = detail::initial<F>(false);  ///< divide by the largest second moment so far
  F<bool> maximize = detail::initial<F>(false);
  F<bool> decoupled_weight_decay = detail::initial<F>(decoupled);

  template <class V, class... S>
  static void visit(V&& v, S&... s) {
    v("lr", s.lr...);
    v("betas", s.betas...);
    v("eps", s.eps...);
    v("weight_decay", s.weight_decay...);
    v("amsgrad", s.amsgrad...);
    v("maximize", s.maximize...);
    v(detail::Foreign{"foreach"});
    v(detail::Foreign{"capturable", false});
    v(detail::Foreign{"differentiable", false});
    v(detail::Foreign{"fused"});
    v("decoupled_weight_decay", s.decoupled_weight_decay...);
  }
};
using AdamOptions = AdamFields<detail::Plain, false>;
using AdamWOptions = AdamFields<detail::Plain, true>;
using AdamOverrides = AdamFields<Override, false>;
void check(const AdamOptions& options, std::string_view optimizer);

/// `optim::Adam(model.parameters(), {.lr = 1e-4})`, or groups in braces with options of their own.
class Adam : public OptimizerWith<AdamOptions, AdamOverrides> {
 public:
  explicit Adam(const Parameters& parameters, const AdamOptions& options = {})
      : Adam(std::vector<GroupOf>{{parameters}}, options) {}
  explicit Adam(const std::vector<GroupOf>& groups, const AdamOptions& options = {}) : Adam("Adam", groups, options) {}
  void step() override;

 protected:
  Adam(std::string name, const std::vector<GroupOf>& groups, const AdamOptions& options);
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
