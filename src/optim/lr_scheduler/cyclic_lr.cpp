#include <tenon/optim/lr_scheduler/cyclic_lr.h>

#include <cmath>
#include <utility>

#include "optim/lr_scheduler/momentum.h"

namespace tenon::optim {
namespace {

bool is_known(std::string_view mode) { return mode == "triangular" || mode == "triangular2" || mode == "exp_range"; }

}  // namespace

CyclicLR::CyclicLR(Optimizer& optimizer, const PerGroup<double>& base_lr, const PerGroup<double>& max_lr,
                   const CyclicOptions& o)
    : LRScheduler("CyclicLR", optimizer, o.last_epoch),
      max_lrs_(max_lr.of(optimizer, "max_lr", name())),
      mode_(o.mode),
      gamma_(o.gamma),
      scale_fn_(o.scale_fn),
      scale_mode_(o.scale_mode),
      cycle_momentum_(o.cycle_momentum) {
  const auto up = static_cast<double>(o.step_size_up),
             down = static_cast<double>(o.step_size_down.value_or(o.step_size_up));
  if (!(up > 0 && down >= 0)) fail(name(), "expected step_size_up > 0 and step_size_down ≥ 0, got {} and {}", up, down);
  total_size_ = up + down;
  step_ratio_ = up / total_size_;
  if (!is_known(mode_) && !scale_fn_)
    fail(name(), "expected the mode 'triangular', 'triangular2' or 'exp_range', or a scale_fn; got '{}'", mode_);
  if (!scale_fn_) scale_mode_ = mode_ == "exp_range" ? "iterations" : "cycle";
  const std::vector<double> base_lrs = base_lr.of(optimizer, "base_lr", name());
  if (cycle_momentum_) {
    use_beta1_ = uses_beta1(optimizer, name());
    base_momentums_ = o.base_momentum.of(optimizer, "base_momentum", name());
    max_momentums_ = o.max_momentum.of(optimizer, "max_momentum", name());
  }
  if (o.last_epoch == -1) {
    for (std::size_t i = 0; i < base_lrs.size(); ++i) optimizer.group(i).set_lr(base_lrs[i]);
    if (cycle_momentum_) begin_momentum(optimizer, base_momentums_, max_momentums_);
  }
  start();
  set_base_lrs(base_lrs);
}

double CyclicLR::scale(double x) const {
  if (scale_fn_) return scale_fn_(x);
  if (mode_ == "triangular2") return 1 / std::pow(2.0, x - 1);
  return mode_ == "exp_range" ? std::pow(gamma_, x) : 1;
}

std::vector<double> CyclicLR::get_lr() const {
  const auto step = static_cast<double>(last_epoch());
  const double cycle = std::floor(1 + step / total_size_), x = 1 + step / total_size_ - cycle;
  const double part = x <= step_ratio_ ? x / step_ratio_ : (x - 1) / (step_ratio_ - 1);
  const double scaled = scale(scale_mode_ == "cycle" ? cycle : step);
  std::vector<double> rates;
  for (std::size_t i = 0; i < max_lrs_.size(); ++i) {
    rates.push_back(base_lrs()[i] + (max_lrs_[i] - base_lrs()[i]) * part * scaled);
    if (cycle_momentum_)
      set_momentum(optimizer().group(i), max_momentums_[i] - (max_momentums_[i] - base_momentums_[i]) * part * scaled);
  }
  return rates;
}

Fields CyclicLR::fields() {
  Fields all{{"max_lrs", max_lrs_}, {"total_size", total_size_}, {"step_ratio", step_ratio_},        {"mode", mode_},
             {"gamma", gamma_},     {"scale_mode", scale_mode_}, {"cycle_momentum", cycle_momentum_}};
  if (!cycle_momentum_) return all;
  all.emplace_back("use_beta1", use_beta1_);
  all.emplace_back("base_momentums", base_momentums_);
  all.emplace_back("max_momentums", max_momentums_);
  return all;
}

Dict CyclicLR::state_dict() const {
  Dict d = LRScheduler::state_dict();
  d.set("_scale_fn_custom", Value());
  return d;
}

void CyclicLR::load(const Dict& d) {
  const bool before = std::exchange(cycle_momentum_, d["cycle_momentum"].as<bool>());  // which fields() goes by
  try {
    if (const auto& mode = d["mode"].as<std::string>(); !is_known(mode) && !scale_fn_)
      fail(name(), "the state dict has the mode '{}', for which the scheduler needs the scale_fn", mode);
    check_size(d, "max_lrs");
    if (cycle_momentum_) {
      uses_beta1(optimizer(), name());
      check_size(d, "base_momentums");
      check_size(d, "max_momentums");
    }
    LRScheduler::load(d);
  } catch (...) {
    cycle_momentum_ = before;
    throw;
  }
}

}  // namespace tenon::optim
