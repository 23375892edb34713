#pragma once
// L-BFGS. Source: torch.optim.LBFGS.
#include <tenon/optim/optimizer.h>

#pragma GCC visibility push(default)

namespace tenon::optim {

template <template <class> class F>
struct LBFGSFields {
  F<double> lr = initial<F>(1.0);
  F<int64_t> max_iter = initial<F>(int64_t{20});                              ///< iterations in a step
  F<std::optional<int64_t>> max_eval = initial<F>(std::optional<int64_t>());  ///< calls of the closure; 5/4 · max_iter
  F<double> tolerance_grad = initial<F>(1e-7);    ///< ends a step where no gradient is larger
  F<double> tolerance_change = initial<F>(1e-9);  ///< ends it where the loss or the parameters change no more
  F<int64_t> history_size = initial<F>(int64_t{100});
  F<std::optional<std::string>> line_search_fn = initial<F>(std::optional<std::string>());  ///< "strong_wolfe"
  F<bool> maximize = initial<F>(false);

  Fields fields() {
    return {{"lr", lr, at_least(0), Printed::whole},
            {"max_iter", max_iter},
            {"max_eval", max_eval},
            {"tolerance_grad", tolerance_grad},
            {"tolerance_change", tolerance_change},
            {"history_size", history_size},
            {"line_search_fn", line_search_fn},
            {"maximize", maximize}};
  }
};
using LBFGSOptions = LBFGSFields<Plain>;
void check(const LBFGSOptions& options, std::string_view optimizer);

/// `optim::LBFGS(model.parameters(), {.line_search_fn = "strong_wolfe"})`: several iterations a step, each of which
/// calls the closure that step() must be given; steps are made of the gradients' changes in the iterations before. For
/// gradients of all the data, not of batches. There is one group. It keeps up to 2 · history_size times the parameters.
class LBFGS final : public OptimizerOf<LBFGS, LBFGSFields> {
 public:
  static constexpr std::string_view class_name = "LBFGS";
  explicit LBFGS(const Parameters& parameters, const LBFGSOptions& options = {})
      : LBFGS(std::vector<GroupOf>{{parameters}}, options) {}
  explicit LBFGS(const std::vector<GroupOf>& groups, const LBFGSOptions& options = {});

  /// What is kept stands with the first parameter, as PyTorch's does.
  Dict state_dict() const override;
  using Optimizer::load_state_dict;
  void load_state_dict(const Dict& state_dict) override;

 private:
  /// Vectors of all parameters' elements, one parameter after the other, and numbers of the same type.
  struct State {
    int64_t func_evals = 0, n_iter = 0;
    Tensor d;  ///< the direction, and how far it was gone
    double t = 0;
    std::vector<Tensor> old_dirs, old_stps, ro;  ///< changes of the gradient, steps, and 1 / their products
    Tensor H_diag;                               ///< 1 where undefined
    Tensor prev_flat_grad;
    double prev_loss = 0;
  };

  void update(const LBFGSOptions&, std::span<const Step>) override {}  // take_step() does it all
  Tensor take_step(const Closure& closure) override;

  void check_groups() const;
  Tensor gradient() const;
  void move(double t, const Tensor& d) const;
  double loss_of(const Tensor& computed) const;
  void remember(const Tensor& gradient);
  Tensor direction(const Tensor& gradient) const;
  void follow_parameters(const Tensor& gradient);
  State read(const Dict& saved) const;

  State state_;
};

}  // namespace tenon::optim

#pragma GCC visibility pop
