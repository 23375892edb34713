#include <tenon/optim/lr_scheduler/reduce_lr_on_plateau.h>

#include <algorithm>

#include "optim/saved.h"

namespace tenon::optim {
namespace {

/// What any metric is better than.
double worst(std::string_view mode) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  return mode == "min" ? infinity : -infinity;
}

void check_modes(std::string_view mode, std::string_view threshold_mode, std::string_view whose) {
  if (mode != "min" && mode != "max") fail(whose, "expected the mode 'min' or 'max', got '{}'", mode);
  if (threshold_mode != "rel" && threshold_mode != "abs")
    fail(whose, "expected the threshold_mode 'rel' or 'abs', got '{}'", threshold_mode);
}

}  // namespace

ReduceLROnPlateau::ReduceLROnPlateau(Optimizer& optimizer, const ReduceLROnPlateauOptions& o)
    : LRScheduler("ReduceLROnPlateau", optimizer),
      factor_(o.factor),
      min_lrs_(o.min_lr.of(optimizer, "min_lr", name())),
      patience_(o.patience),
      cooldown_(o.cooldown),
      eps_(o.eps),
      mode_worse_(worst(o.mode)),
      mode_(o.mode),
      threshold_(o.threshold),
      threshold_mode_(o.threshold_mode),
      best_(mode_worse_) {
  if (o.min_lr.is_one()) default_min_lr_ = min_lrs_.at(0);
  check_modes(mode_, threshold_mode_, name());
  check_fields();
  last_epoch_ = 0;
  last_lr_ = current_lr();
}

Fields ReduceLROnPlateau::fields() {
  return {{"factor", factor_, Range{-std::numeric_limits<double>::infinity(), 1, "()"}},
          {"default_min_lr", default_min_lr_},
          {"min_lrs", min_lrs_},
          {"patience", patience_},
          {"cooldown", cooldown_},
          {"eps", eps_},
          {"last_epoch", last_epoch_},
          {"_last_lr", last_lr_},
          {"mode_worse", mode_worse_},
          {"mode", mode_},
          {"threshold", threshold_},
          {"threshold_mode", threshold_mode_},
          {"best", best_},
          {"cooldown_counter", cooldown_counter_},
          {"num_bad_epochs", num_bad_epochs_}};
}

void ReduceLROnPlateau::step() { fail(name(), "expected the metric that it goes by: step(loss)"); }

bool ReduceLROnPlateau::is_better(double metric) const {
  const bool is_relative = threshold_mode_ == "rel";
  if (mode_ == "min") return metric < (is_relative ? best_ * (1 - threshold_) : best_ - threshold_);
  return metric > (is_relative ? best_ * (threshold_ + 1) : best_ + threshold_);
}

void ReduceLROnPlateau::step(double metric) {
  ++last_epoch_;
  if (is_better(metric)) {
    best_ = metric;
    num_bad_epochs_ = 0;
  } else {
    ++num_bad_epochs_;
  }
  if (cooldown_counter_ > 0) {
    --cooldown_counter_;
    num_bad_epochs_ = 0;
  }
  if (num_bad_epochs_ > patience_) {
    reduce();
    cooldown_counter_ = cooldown_;
    num_bad_epochs_ = 0;
  }
  last_lr_ = current_lr();
}

void ReduceLROnPlateau::reduce() {
  const std::size_t groups = optimizer().group_count();
  if (groups != min_lrs_.size()) {
    if (!default_min_lr_)
      fail(name(), "there is a min_lr for each of {} parameter groups, and the optimizer has {} now", min_lrs_.size(),
           groups);
    min_lrs_.assign(groups, *default_min_lr_);
  }
  for (std::size_t i = 0; i < groups; ++i) {
    const double before = optimizer().group(i).lr(), lr = std::max(before * factor_, min_lrs_[i]);
    if (before - lr > eps_) optimizer().group(i).set_lr(lr);
  }
}

Dict ReduceLROnPlateau::state_dict() const {
  Dict d;
  save(d);
  return d;
}

void ReduceLROnPlateau::load_state_dict(const Dict& saved) {
  if (const auto other = what_else(saved, "last_epoch"); !other.empty())
    fail(name(), "expected a scheduler's state dict, which has 'last_epoch'; {}", other);
  Dict d = saved;
  for (auto& [key, value] : d) value = with_numbers(value);
  check_kind(d);
  check_modes(d["mode"].as<std::string>(), d["threshold_mode"].as<std::string>(), name());
  load(d);
  mode_worse_ = worst(mode_);
}

}  // namespace tenon::optim
