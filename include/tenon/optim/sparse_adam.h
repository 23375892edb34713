#pragma once
// Adam for the rows that have a gradient. Source: torch.optim.SparseAdam.
#include <tenon/optim/optimizer.h>

#pragma GCC visibility push(default)

namespace tenon::optim {

template <template <class> class F>
struct SparseAdamFields {
  F<double> lr = initial<F>(1e-3);
  F<std::array<double, 2>> betas = initial<F>(std::array{0.9, 0.999});  ///< decay of the two running averages
  F<double> eps = initial<F>(1e-8);                                     ///< added to the denominator
  F<bool> maximize = initial<F>(false);

  Fields fields() {
    return {{"lr", lr, Range{0, std::numeric_limits<double>::infinity(), "()"}},
            {"betas", betas, Range{0, 1, "[)"}},
            {"eps", eps, Range{0, std::numeric_limits<double>::infinity(), "()"}},
            {"maximize", maximize}};
  }
};
using SparseAdamOptions = SparseAdamFields<Plain>;

/// `optim::SparseAdam(embedding.parameters(), {.lr = 1e-3})`: rows whose gradient is zero, those that were not looked
/// up, stay as they are, and so do their averages. Gradients are dense here: that a row was not looked up is seen by
/// its zeros.
class SparseAdam final : public OptimizerOf<SparseAdam, SparseAdamFields> {
 public:
  static constexpr std::string_view class_name = "SparseAdam";
  static constexpr Slot slots[] = {{.name = "step", .kind = SlotKind::step_count}, {"exp_avg"}, {"exp_avg_sq"}};
  using OptimizerOf::OptimizerOf;

 private:
  void update(const SparseAdamOptions& options, std::span<const Step> steps) override;
};

}  // namespace tenon::optim

#pragma GCC visibility pop
