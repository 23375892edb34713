#pragma once
#include <concepts>
#include <memory>

#include <tenon/optim/lr_scheduler/lr_scheduler.h>

#pragma GCC visibility push(default)

namespace tenon::optim {

/// A scheduler that another one steps: `warmup`, which must outlive that one, or a pointer, which it then shares.
class SteppedLR {
 public:
  SteppedLR(LRScheduler& scheduler) : scheduler_(std::shared_ptr<void>(), &scheduler) {}
  template <std::derived_from<LRScheduler> S>
  SteppedLR(std::shared_ptr<S> scheduler) : scheduler_(std::move(scheduler)) {}
  template <std::derived_from<LRScheduler> S>
  SteppedLR(std::unique_ptr<S> scheduler) : scheduler_(std::move(scheduler)) {}

  LRScheduler* get() const { return scheduler_.get(); }
  LRScheduler* operator->() const { return scheduler_.get(); }

 private:
  std::shared_ptr<LRScheduler> scheduler_;
};

/// What SequentialLR and ChainedScheduler share.
class CompositeLR : public LRScheduler {
 public:
  Dict state_dict() const override;
  using LRScheduler::load_state_dict;
  /// Of all of its schedulers; what one refuses none takes.
  void load_state_dict(const Dict& state_dict) override;

 protected:
  CompositeLR(std::string_view name, Optimizer& optimizer, std::vector<SteppedLR> schedulers);
  const std::vector<SteppedLR>& schedulers() const { return schedulers_; }
  static Optimizer& optimizer_of(const std::vector<SteppedLR>& schedulers, std::string_view whose);

 private:
  void undo_first_step() final;
  void begin_here() final;

  std::vector<SteppedLR> schedulers_;
};

/// One scheduler after the other: the next begins at each milestone, with the rates that the optimizer began with.
/// `SequentialLR scheduler(optimizer, {warmup, cosine}, {10});` Source: torch.optim.lr_scheduler.SequentialLR.
class SequentialLR final : public CompositeLR {
 public:
  SequentialLR(Optimizer& optimizer, std::vector<SteppedLR> schedulers, std::vector<int64_t> milestones,
               int64_t last_epoch = -1);
  void step() override;

 private:
  Fields fields() override {
    return {{"_milestones", milestones_}, {"last_epoch", last_epoch_}, {"_last_lr", last_lr_}};
  }
  void load(const Dict& state_dict) override;
  /// Whose turn it is at an epoch.
  std::size_t turn(int64_t epoch) const;

  std::vector<int64_t> milestones_;
};

/// Several schedulers at once, each of which goes on from the rates that the one before has set: chainable ones
/// multiply. `ChainedScheduler scheduler({warmup, decay});` Source: torch.optim.lr_scheduler.ChainedScheduler.
class ChainedScheduler final : public CompositeLR {
 public:
  explicit ChainedScheduler(std::vector<SteppedLR> schedulers);
  void step() override;

 private:
  Fields fields() override { return {{"_last_lr", last_lr_}}; }
};

}  // namespace tenon::optim

#pragma GCC visibility pop
