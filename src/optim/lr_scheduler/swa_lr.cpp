#include <tenon/optim/lr_scheduler/swa_lr.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "optim/lr_scheduler/anneal_strategy.h"
#include "optim/saved.h"

namespace tenon::optim {

SWALR::SWALR(Optimizer& optimizer, const PerGroup<double>& swa_lr, const SWALROptions& o)
    : LRScheduler("SWALR", optimizer, o.last_epoch),
      anneal_strategy_(o.anneal_strategy),
      anneal_epochs_(o.anneal_epochs) {
  check_anneal_strategy(anneal_strategy_, name());
  if (anneal_epochs_ < 0) fail(name(), "expected anneal_epochs ≥ 0, got {}", anneal_epochs_);
  const std::vector<double> rates = swa_lr.of(optimizer, "swa_lr", name());
  for (std::size_t i = 0; i < rates.size(); ++i) optimizer.group(i).extra().set("swa_lr", rates[i]);
  start();
}

double SWALR::annealed(int64_t steps) const {
  const double part =
      std::clamp(static_cast<double>(steps) / static_cast<double>(std::max<int64_t>(1, anneal_epochs_)), 0.0, 1.0);
  return anneal_strategy_ == "linear" ? part : (1 - std::cos(std::numbers::pi * part)) / 2;
}

std::vector<double> SWALR::get_lr() const {
  const int64_t step = std::max<int64_t>(step_count() - 1, anneal_epochs_ == 0 ? 1 : 0);
  const double before = annealed(step - 1), now = annealed(step);
  std::vector<double> rates = current_lr();
  for (std::size_t i = 0; i < rates.size(); ++i) {
    const auto last = with_numbers(optimizer().group(i).extra()["swa_lr"]).as<double>();
    const double first = before == 1 ? last : (rates[i] - before * last) / (1 - before);
    rates[i] = last * now + first * (1 - now);
  }
  return rates;
}

void SWALR::save(Dict& d) const {
  d.set("_anneal_strategy", anneal_strategy_);
  d.set("anneal_epochs", anneal_epochs_);
}

void SWALR::load(const Dict& d) {
  const auto& strategy = d["_anneal_strategy"].as<std::string>();
  const auto epochs = d["anneal_epochs"].as<int64_t>();
  check_anneal_strategy(strategy, name());
  if (epochs < 0) fail(name(), "expected anneal_epochs ≥ 0, got {}", epochs);
  anneal_strategy_ = strategy;
  anneal_epochs_ = epochs;
}

}  // namespace tenon::optim
