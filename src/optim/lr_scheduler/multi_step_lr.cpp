#include <tenon/optim/lr_scheduler/multi_step_lr.h>

#include <cmath>

namespace tenon::optim {

MultiStepLR::MultiStepLR(Optimizer& optimizer, const std::vector<int64_t>& milestones, const MultiStepOptions& options)
    : LRScheduler("MultiStepLR", optimizer, options.last_epoch), gamma_(options.gamma) {
  for (const int64_t epoch : milestones) ++milestones_[epoch];
  start();
}

double MultiStepLR::next_lr(double lr, double) const {
  const auto here = milestones_.find(last_epoch());
  return here == milestones_.end() ? lr : lr * std::pow(gamma_, here->second);
}

std::optional<double> MultiStepLR::closed_form_lr(double base_lr) const {
  int64_t passed = 0;
  for (const auto& [epoch, times] : milestones_)
    if (epoch <= last_epoch()) passed += times;
  return base_lr * std::pow(gamma_, passed);
}

// PyTorch's is a Counter. One is written, as PyTorch needs its methods; a file's is read as a dict.
void MultiStepLR::save(Dict& d) const {
  Dict counts;
  for (const auto& [epoch, times] : milestones_) counts.set(epoch, times);
  Opaque counter;
  counter.module = "collections";
  counter.name = "Counter";
  counter.made = Opaque::Made::called;
  counter.arguments.emplace_back(std::move(counts));
  d.set("milestones", std::move(counter));
  d.set("gamma", gamma_);
}

void MultiStepLR::load(const Dict& d) {
  const Value& saved = d["milestones"];
  const bool is_counter = saved.is<Opaque>() && saved.as<Opaque>().arguments.size() == 1;
  std::map<int64_t, int64_t> milestones;
  for (const auto& [epoch, times] : (is_counter ? saved.as<Opaque>().arguments[0] : saved).as<Dict>())
    milestones[epoch.integer()] = times.as<int64_t>();
  gamma_ = d["gamma"].as<double>();
  milestones_ = std::move(milestones);
}

}  // namespace tenon::optim
