#include <tenon/optim/lr_scheduler/one_cycle_lr.h>

#include <cmath>
#include <numbers>

#include "optim/lr_scheduler/anneal_strategy.h"
#include "optim/lr_scheduler/momentum.h"
#include "optim/saved.h"

namespace tenon::optim {

int64_t OneCycleLR::total_steps_of(const OneCycleOptions& o, std::string_view whose) {
  const auto positive = [&](std::string_view what, int64_t n) {
    if (n < 1) fail(whose, "expected {} ≥ 1, got {}", what, n);
    return n;
  };
  if (o.total_steps) return positive("total_steps", *o.total_steps);
  if (!o.epochs || !o.steps_per_epoch) fail(whose, "expected either total_steps, or epochs and steps_per_epoch");
  return positive("epochs", *o.epochs) * positive("steps_per_epoch", *o.steps_per_epoch);
}

OneCycleLR::OneCycleLR(Optimizer& optimizer, const PerGroup<double>& max_lr, const OneCycleOptions& o)
    : LRScheduler("OneCycleLR", optimizer, o.last_epoch),
      total_steps_(total_steps_of(o, name())),
      anneal_strategy_(o.anneal_strategy),
      cycle_momentum_(o.cycle_momentum) {
  if (!(o.pct_start >= 0 && o.pct_start <= 1)) fail(name(), "expected pct_start in [0, 1], got {}", o.pct_start);
  check_anneal_strategy(anneal_strategy_, name());
  const auto total = static_cast<double>(total_steps_);
  const double top = o.pct_start * total - 1;
  if (top == 0) fail(name(), "the rate would go up in no step: pct_start · total_steps is 1; it must be more, or less");
  phases_.push_back({top, "initial_lr", "max_lr", "max_momentum", "base_momentum"});
  if (o.three_phase)
    phases_.push_back({2 * o.pct_start * total - 2, "max_lr", "initial_lr", "base_momentum", "max_momentum"});
  phases_.push_back({total - 1, o.three_phase ? "initial_lr" : "max_lr", "min_lr",
                     o.three_phase ? "max_momentum" : "base_momentum", "max_momentum"});
  const std::vector<double> max_lrs = max_lr.of(optimizer, "max_lr", name());
  std::vector<double> base_momentums, max_momentums;
  if (cycle_momentum_) {
    use_beta1_ = uses_beta1(optimizer, name());
    base_momentums = o.base_momentum.of(optimizer, "base_momentum", name());
    max_momentums = o.max_momentum.of(optimizer, "max_momentum", name());
  }
  if (o.last_epoch == -1) {
    for (std::size_t i = 0; i < max_lrs.size(); ++i) {
      Dict& entries = optimizer.group(i).extra();
      const double first = max_lrs[i] / o.div_factor;
      entries.set("initial_lr", first);
      entries.set("max_lr", max_lrs[i]);
      entries.set("min_lr", first / o.final_div_factor);
    }
    if (cycle_momentum_) begin_momentum(optimizer, base_momentums, max_momentums);
  }
  start();
}

double OneCycleLR::annealed(const ParamGroup& group, const std::string& start, const std::string& end,
                            double part) const {
  const auto from = with_numbers(group.extra()[start]).as<double>(), to = with_numbers(group.extra()[end]).as<double>();
  if (anneal_strategy_ == "linear") return (to - from) * part + from;
  return to + (from - to) / 2 * (std::cos(std::numbers::pi * part) + 1);
}

std::vector<double> OneCycleLR::get_lr() const {
  if (last_epoch() > total_steps_) fail(name(), "this is step {} of {}: the cycle is over", last_epoch(), total_steps_);
  const auto step = static_cast<double>(last_epoch());
  std::size_t here = 0;
  double start = 0;
  for (; here + 1 < phases_.size() && step > phases_[here].end_step; ++here) start = phases_[here].end_step;
  const Phase& phase = phases_[here];
  if (phase.end_step == start) fail(name(), "step {} is in a phase without length: pct_start is too large", step);
  const double part = (step - start) / (phase.end_step - start);
  std::vector<double> rates;
  for (std::size_t i = 0; i < optimizer().group_count(); ++i) {
    ParamGroup& group = optimizer().group(i);
    rates.push_back(annealed(group, phase.start_lr, phase.end_lr, part));
    if (cycle_momentum_) set_momentum(group, annealed(group, phase.start_momentum, phase.end_momentum, part));
  }
  return rates;
}

void OneCycleLR::save(Dict& d) const {
  Value::List phases;
  for (const auto& [end_step, start_lr, end_lr, start_momentum, end_momentum] : phases_)
    phases.push_back(Dict{{"end_step", end_step},
                          {"start_lr", start_lr},
                          {"end_lr", end_lr},
                          {"start_momentum", start_momentum},
                          {"end_momentum", end_momentum}});
  d.set("total_steps", total_steps_);
  d.set("_schedule_phases", std::move(phases));
  d.set("_anneal_func_type", anneal_strategy_);
  d.set("cycle_momentum", cycle_momentum_);
  if (cycle_momentum_) d.set("use_beta1", use_beta1_);
}

void OneCycleLR::load(const Dict& d) {
  const auto total_steps = d["total_steps"].as<int64_t>();
  std::vector<Phase> phases;
  for (const Value& saved : d["_schedule_phases"].as<Value::List>()) {
    const auto text = [&](const char* key) { return saved[key].as<std::string>(); };
    phases.push_back({saved["end_step"].as<double>(), text("start_lr"), text("end_lr"), text("start_momentum"),
                      text("end_momentum")});
  }
  if (phases.empty()) fail(name(), "the state dict has no phases");
  const auto& strategy = d["_anneal_func_type"].as<std::string>();
  check_anneal_strategy(strategy, name());
  const bool cycles = d["cycle_momentum"].as<bool>(), use_beta1 = cycles && uses_beta1(optimizer(), name());
  total_steps_ = total_steps;
  phases_ = std::move(phases);
  anneal_strategy_ = strategy;
  cycle_momentum_ = cycles;
  use_beta1_ = use_beta1;
}

}  // namespace tenon::optim
