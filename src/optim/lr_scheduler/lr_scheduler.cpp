#include <tenon/optim/lr_scheduler/lr_scheduler.h>

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "optim/saved.h"

namespace tenon::optim {

LRScheduler::LRScheduler(std::string_view name, Optimizer& optimizer, int64_t last_epoch)
    : last_epoch_(last_epoch), name_(name), optimizer_(optimizer) {
  if (last_epoch < -1) fail(name_, "expected last_epoch ≥ -1, got {}", last_epoch);
  for (std::size_t i = 0; i < optimizer.group_count() && last_epoch != -1; ++i)
    if (!optimizer.group(i).extra().contains("initial_lr"))
      fail(name_, "group {} has no 'initial_lr': to go on from epoch {}, load the optimizer's state dict first", i,
           last_epoch);
  base_lrs_ = initial_lrs();
}

/// The rates that the first scheduler found.
std::vector<double> LRScheduler::initial_lrs() const {
  std::vector<double> rates;
  for (std::size_t i = 0; i < optimizer_.group_count(); ++i) {
    const ParamGroup& group = optimizer_.group(i);
    const Value* initial = group.extra().find("initial_lr");
    rates.push_back(initial ? with_numbers(*initial).as<double>() : group.lr());
  }
  return rates;
}

void LRScheduler::check_fields() {
  for (const Field& field : fields()) field.check(name_);
}

void LRScheduler::start() {
  check_fields();
  base_lrs_ = initial_lrs();
  for (std::size_t i = 0; i < base_lrs_.size(); ++i) optimizer_.group(i).extra().set("initial_lr", base_lrs_[i]);
  first_step();
}

void LRScheduler::first_step() {
  step_count_ = 0;
  starting_ = true;
  step();
  starting_ = false;
}

void LRScheduler::begin_here() {
  last_epoch_ = 0;
  std::vector<double> rates;
  for (const double base_lr : base_lrs_)
    if (const auto rate = closed_form_lr(base_lr)) rates.push_back(*rate);
  set_lr(rates.empty() ? get_lr() : rates);
}

void LRScheduler::step() {
  if (optimizer_.group_count() != base_lrs_.size())
    fail(name_, "the optimizer has {} parameter groups, it had {} when the scheduler was made",
         optimizer_.group_count(), base_lrs_.size());
  ++step_count_;
  ++last_epoch_;
  set_lr(get_lr());
}

double LRScheduler::next_lr(double, double) const {
  fail(name_, "the class defines neither next_lr(lr, base_lr) nor get_lr()");
}

std::optional<double> LRScheduler::closed_form_lr(double) const { return {}; }

std::vector<double> LRScheduler::get_lr() const {
  std::vector<double> rates = current_lr();
  for (std::size_t i = 0; i < rates.size(); ++i) rates[i] = next_lr(rates[i], base_lrs_[i]);
  return rates;
}

void LRScheduler::set_lr(std::vector<double> rates) {
  for (std::size_t i = 0; i < rates.size(); ++i) optimizer_.group(i).set_lr(rates[i]);
  last_lr_ = std::move(rates);
}

std::vector<double> LRScheduler::current_lr() const {
  std::vector<double> rates;
  for (std::size_t i = 0; i < optimizer_.group_count(); ++i) rates.push_back(optimizer_.group(i).lr());
  return rates;
}

Dict LRScheduler::state_dict() const {
  Dict d;
  save(d);
  d.set("base_lrs", base_lrs_);
  d.set("last_epoch", last_epoch_);
  d.set("_step_count", step_count_);
  d.set("_is_initial", false);
  d.set("_get_lr_called_within_step", false);
  d.set("_last_lr", last_lr_);
  return d;
}

void LRScheduler::load_state_dict(const Dict& saved) {
  constexpr std::string_view common[] = {"base_lrs", "last_epoch", "_step_count", "_last_lr"};
  if (std::ranges::none_of(common, [&](std::string_view key) { return saved.contains(key); }))
    fail(name_, "expected a scheduler's state dict, which has 'last_epoch'; {}", what_else(saved, "last_epoch"));
  for (const std::string_view key : common)
    if (!saved.contains(key)) fail(name_, "the state dict is not whole: it has no {}", Key(key).quoted());
  Dict state_dict = saved;
  for (auto& [key, value] : state_dict) value = with_numbers(value);
  check_kind(state_dict);
  auto base_lrs = state_dict["base_lrs"].as<std::vector<double>>();
  auto last_lr = state_dict["_last_lr"].as<std::vector<double>>();
  const auto last_epoch = state_dict["last_epoch"].as<int64_t>(), step_count = state_dict["_step_count"].as<int64_t>();
  if (base_lrs.size() != base_lrs_.size() || last_lr.size() != base_lrs_.size())
    fail(name_, "the state dict is for {} parameter groups, the optimizer has {}", base_lrs.size(), base_lrs_.size());
  load(state_dict);
  base_lrs_ = std::move(base_lrs);
  last_lr_ = std::move(last_lr);
  last_epoch_ = last_epoch;
  step_count_ = step_count;
}

void LRScheduler::save(Dict& d) const {
  for (const Field& field : const_cast<LRScheduler*>(this)->fields())  // which are only read
    d.set(field.name(), field.get());
}

void LRScheduler::load(const Dict& d) {
  const Fields all = fields();
  std::vector<Value> before;
  for (const Field& field : all) before.push_back(field.get());
  try {
    for (const Field& field : all)
      if (!field.is_carried()) field.set(d[field.name()], name_);
    check_fields();
  } catch (...) {
    for (std::size_t i = 0; i < all.size(); ++i) all[i].set(before[i], name_);
    throw;
  }
}

void LRScheduler::check_size(const Dict& d, std::string_view key) const {
  if (const std::size_t n = d[Key(key)].as<std::vector<double>>().size(); n != base_lrs_.size())
    fail(name_, "the state dict has {} numbers in '{}', for as many parameter groups; the optimizer has {}", n, key,
         base_lrs_.size());
}

/// It lacks what only this one has.
void LRScheduler::check_kind(const Dict& state_dict) const {
  Dict own;
  save(own);
  std::vector<std::string> missing, found;
  for (const auto& [key, value] : own)
    if (!state_dict.contains(key)) missing.push_back(key.quoted());
  if (missing.empty()) return;
  for (const auto& [key, value] : state_dict)
    if (!own.contains(key) && key.is_string() && !key.string().starts_with('_') && key.string() != "last_epoch" &&
        key.string() != "base_lrs")
      found.push_back(key.quoted());
  fail(name_, "the state dict is another scheduler's: it has no {}{}; make that scheduler, or begin this one anew",
       fmt::join(missing, ", "), found.empty() ? "" : fmt::format(", but {}", fmt::join(found, ", ")));
}

}  // namespace tenon::optim
