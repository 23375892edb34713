#include <tenon/optim/lr_scheduler/sequential_lr.h>

#include <algorithm>

#include <tenon/optim/lr_scheduler/reduce_lr_on_plateau.h>

#include "optim/saved.h"

namespace tenon::optim {

// ---------------------------------------------------------------- what both share
Optimizer& CompositeLR::optimizer_of(const std::vector<SteppedLR>& schedulers, std::string_view whose) {
  if (schedulers.empty() || !schedulers[0].get()) fail(whose, "expected at least one scheduler, got none");
  return schedulers[0]->optimizer();
}

CompositeLR::CompositeLR(std::string_view name, Optimizer& optimizer, std::vector<SteppedLR> schedulers)
    : LRScheduler(name, optimizer), schedulers_(std::move(schedulers)) {
  optimizer_of(schedulers_, name);
  for (std::size_t i = 0; i < schedulers_.size(); ++i) {
    const LRScheduler* const one = schedulers_[i].get();
    if (!one) fail(name, "the scheduler at index {} is a null pointer", i);
    if (dynamic_cast<const ReduceLROnPlateau*>(one))
      fail(name, "the scheduler at index {} is ReduceLROnPlateau, which needs a metric at each step: step it by itself",
           i);
    if (&one->optimizer() != &optimizer)
      fail(name, "the scheduler at index {}, {}, is of another optimizer", i, one->name());
  }
}

Dict CompositeLR::state_dict() const {
  Dict d;
  save(d);
  Value::List all;
  for (const SteppedLR& one : schedulers_) all.push_back(one->state_dict());
  d.set("_schedulers", std::move(all));
  return d;
}

void CompositeLR::load_state_dict(const Dict& saved) {
  if (!saved.contains("_schedulers"))
    fail(name(), "expected a state dict with '_schedulers'; {}", what_else(saved, "_schedulers"));
  Dict d = saved;
  for (auto& [key, value] : d) value = with_numbers(value);
  check_kind(d);
  const auto& all = d["_schedulers"].as<Value::List>();
  if (all.size() != schedulers_.size())
    fail(name(), "the state dict is of {} schedulers, there are {}", all.size(), schedulers_.size());
  std::vector<Dict> before;
  for (const SteppedLR& one : schedulers_) before.push_back(one->state_dict());
  std::size_t loaded = 0;
  try {
    for (; loaded < all.size(); ++loaded) schedulers_[loaded]->load_state_dict(all[loaded].as<Dict>());
    load(d);
  } catch (...) {
    for (std::size_t i = 0; i < loaded; ++i) schedulers_[i]->load_state_dict(before[i]);
    throw;
  }
}

void CompositeLR::undo_first_step() {
  for (const SteppedLR& one : schedulers_) one->undo_first_step();
}

void CompositeLR::begin_here() { fail(name(), "it steps others, and cannot begin at a milestone"); }

// ---------------------------------------------------------------- one after the other
SequentialLR::SequentialLR(Optimizer& optimizer, std::vector<SteppedLR> schedulers, std::vector<int64_t> milestones,
                           int64_t last_epoch)
    : CompositeLR("SequentialLR", optimizer, std::move(schedulers)), milestones_(std::move(milestones)) {
  const std::size_t n = this->schedulers().size();
  if (milestones_.size() + 1 != n)
    fail(name(), "expected a milestone between each two of {} schedulers, that is {}; got {}", n, n - 1,
         milestones_.size());
  if (!std::ranges::is_sorted(milestones_)) fail(name(), "expected milestones one after the other");
  for (std::size_t i = 1; i < n; ++i)
    if (dynamic_cast<const CompositeLR*>(this->schedulers()[i].get()))
      fail(name(), "the scheduler at index {}, {}, steps others: it can only come first", i,
           this->schedulers()[i]->name());
  last_epoch_ = last_epoch + 1;
  set_lr(base_lrs());
  for (const SteppedLR& one : this->schedulers()) one->undo_first_step();
  this->schedulers()[turn(0)]->first_step();
  last_lr_ = current_lr();
}

std::size_t SequentialLR::turn(int64_t epoch) const {
  return static_cast<std::size_t>(std::ranges::upper_bound(milestones_, epoch) - milestones_.begin());
}

void SequentialLR::step() {
  const std::size_t now = turn(++last_epoch_);
  const SteppedLR& scheduler = schedulers()[now];
  if (now > 0 && milestones_[now - 1] == last_epoch_) scheduler->begin_here();
  else scheduler->step();
  last_lr_ = scheduler->get_last_lr();
}

void SequentialLR::load(const Dict& d) {
  const auto milestones = d["_milestones"].as<std::vector<int64_t>>();
  if (milestones.size() != milestones_.size() || !std::ranges::is_sorted(milestones))
    fail(name(), "expected {} milestones in the state dict, one after the other; found {}", milestones_.size(),
         d["_milestones"]);
  CompositeLR::load(d);
}

// ---------------------------------------------------------------- all at once
ChainedScheduler::ChainedScheduler(std::vector<SteppedLR> schedulers)
    : CompositeLR("ChainedScheduler", optimizer_of(schedulers, "ChainedScheduler"), schedulers) {
  last_lr_ = current_lr();
}

void ChainedScheduler::step() {
  for (const SteppedLR& one : schedulers()) one->step();
  last_lr_ = current_lr();
}

}  // namespace tenon::optim
