#pragma once
// Stochastic gradient descent. Source: torch.optim.SGD.
#include <tenon/optim/optimizer.h>

#pragma GCC visibility push(default)

namespace tenon::optim {

template <template <class> class F>
struct SGDFields {
  F<double> lr = detail::initial<F>(1e-3);
  F<double> momentum = detail::initial<F>(0.0);      ///< how much of the last step's direction is kept
  F<double> dampening = detail::initial<F>(0.0);     ///< how much of the gradient momentum leaves out
  F<double> weight_decay = detail::initial<F>(0.0);  ///< an L2 penalty
  F<bool> nesterov = detail::initial<F>(false);      ///< looks ahead; needs momentum, and no dampening
  F<bool> maximize = detail::initial<F>(false);

  template <class V, class... S>
  static void visit(V&& v, S&... s) {
    v("lr", s.lr...);
    v("momentum", s.momentum...);
    v("dampening", s.dampening...);
    v("weight_decay", s.weight_decay...);
    v("nesterov", s.nesterov...);
    v("maximize", s.maximize...);
    v(detail::Foreign{"foreach"});
    v(detail::Foreign{"differentiable", false});
    v(detail::Foreign{"fused"});
  }
};
using SGDOptions = SGDFields<detail::Plain>;
using SGDOverrides = SGDFields<Override>;
void check(const SGDOptions& options, std::string_view optimizer);

/// `optim::SGD(model.parameters(), {.lr = 0.1, .momentum = 0.9})`, or groups in braces with options of their own.
class SGD final : public OptimizerWith<SGDOptions, SGDOverrides> {
 public:
  explicit SGD(const Parameters& parameters, const SGDOptions& options = {})
      : SGD(std::vector<GroupOf>{{parameters}}, options) {}
  explicit SGD(const std::vector<GroupOf>& groups, const SGDOptions& options = {});
  void step() override;
};

}  // namespace tenon::optim

#pragma GCC visibility pop
