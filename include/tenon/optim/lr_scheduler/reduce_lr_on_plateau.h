#pragma once
#include <limits>

#include <tenon/optim/lr_scheduler/lr_scheduler.h>
#include <tenon/optim/lr_scheduler/per_group.h>

#pragma GCC visibility push(default)

namespace tenon::optim {

struct ReduceLROnPlateauOptions {
  std::string mode = "min";            ///< "min": lower is better; "max"
  double factor = 0.1;                 ///< below 1
  int64_t patience = 10;               ///< so many epochs may be no better
  double threshold = 1e-4;             ///< what is no better than the best by so much counts as no better
  std::string threshold_mode = "rel";  ///< "rel": of the best; "abs"
  int64_t cooldown = 0;                ///< epochs after a reduction that count as no worse
  PerGroup<double> min_lr = 0.0;
  double eps = 1e-8;  ///< a rate that would change by no more stays
};

/// factor times the rates where a metric has become no better for more than `patience` epochs. Source:
/// torch.optim.lr_scheduler.ReduceLROnPlateau.
class ReduceLROnPlateau final : public LRScheduler {
 public:
  explicit ReduceLROnPlateau(Optimizer& optimizer, const ReduceLROnPlateauOptions& options = {});

  void step(double metric);
  void step(const Tensor& metric) { step(metric.item<double>()); }
  void step() override;  ///< an error: there is no metric
  Dict state_dict() const override;
  using LRScheduler::load_state_dict;
  void load_state_dict(const Dict& state_dict) override;

 private:
  Fields fields() override;
  bool is_better(double metric) const;
  void reduce();

  double factor_;
  std::optional<double> default_min_lr_;
  std::vector<double> min_lrs_;
  int64_t patience_, cooldown_;
  double eps_, mode_worse_;
  std::string mode_;
  double threshold_;
  std::string threshold_mode_;
  double best_;
  int64_t cooldown_counter_ = 0, num_bad_epochs_ = 0;
};

}  // namespace tenon::optim

#pragma GCC visibility pop
