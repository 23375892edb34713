#pragma once
// An optimizer whose state is shared out among processes. Source: torch.distributed.optim.ZeroRedundancyOptimizer;
// "ZeRO: Memory Optimizations Toward Training Trillion Parameter Models", stage 1.
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include <tenon/distributed/world.h>
#include <tenon/grad_mode.h>
#include <tenon/optim/lbfgs.h>
#include <tenon/optim/optimizer.h>

#pragma GCC visibility push(default)

namespace tenon::distributed {

namespace detail {

/// Which process steps which parameter: the largest first, each to the one that has least.
std::vector<int64_t> owners_of(const std::vector<Tensor>& parameters, int64_t processes);

/// While it lives, this process's optimizer finds gradients of its own parameters only. Then every parameter becomes
/// its owner's.
class OwnStep {
 public:
  OwnStep(std::vector<Tensor> parameters, Group group);
  ~OwnStep();
  OwnStep(const OwnStep&) = delete;
  OwnStep& operator=(const OwnStep&) = delete;
  /// After the step.
  void spread() const;

 private:
  Group group_;
  std::vector<Tensor> parameters_, gradients_;
  std::vector<int64_t> owners_;
};

/// The states of all processes in one dict, at process `to`.
std::optional<Dict> whole_state(const Dict& own, int64_t to, const Group& group);
/// Such a dict with the states of this process's parameters alone.
Dict own_state(const Dict& whole, const std::vector<Tensor>& parameters, const Group& group);

}  // namespace detail

/// Steps as an `O` does, to the bit, where gradients are the same in every process (DistributedDataParallel). Each
/// process keeps the state of a part of the parameters and steps those; then the new parameters are sent around.
///
///   ZeroRedundancyOptimizer<optim::AdamW> optimizer(model.parameters(), {.lr = 1e-3});
///   optim::CosineAnnealingLR scheduler(optimizer.optimizer(), 100);
template <class O>
class ZeroRedundancyOptimizer {
  static_assert(!std::is_same_v<O, optim::LBFGS>, "LBFGS steps all parameters as one vector: it cannot be shared out");

 public:
  using Options = typename O::Options;
  using GroupOf = typename O::GroupOf;

  explicit ZeroRedundancyOptimizer(const optim::Parameters& parameters, const Options& options = {}, Group group = {})
      : group_(std::move(group)), optimizer_(parameters, options) {}
  explicit ZeroRedundancyOptimizer(const std::vector<GroupOf>& groups, const Options& options = {}, Group group = {})
      : group_(std::move(group)), optimizer_(groups, options) {}

  /// The optimizer itself, with all groups: for schedulers, hooks, and to look at options.
  O& optimizer() { return optimizer_; }
  const O& optimizer() const { return optimizer_; }

  Tensor step(const optim::Closure& closure = {}) {
    Tensor loss;
    if (closure) {
      const EnableGrad guard;
      loss = closure();
    }
    const detail::OwnStep own(parameters(), group_);
    optimizer_.step();
    own.spread();
    whole_.reset();
    return loss;
  }
  void zero_grad(bool set_to_none = true) { optimizer_.zero_grad(set_to_none); }
  void add_param_group(const GroupOf& group) { optimizer_.add_param_group(group); }

  /// Brings all states together at process `to`, whose state_dict() has them until the next step. Every process calls
  /// it.
  void consolidate_state_dict(int64_t to = 0) { whole_ = detail::whole_state(optimizer_.state_dict(), to, group_); }
  /// As `O` has it. An error where consolidate_state_dict() has not brought it here.
  Dict state_dict() const {
    if (!whole_)
      fail("state_dict", "call consolidate_state_dict() in every process first: it brings the states together");
    return *whole_;
  }
  /// One of `O`'s: each process takes its part.
  void load_state_dict(const Dict& state_dict) {
    optimizer_.load_state_dict(detail::own_state(state_dict, parameters(), group_));
  }
  void load_state_dict(const Value& state_dict) { load_state_dict(state_dict.as<Dict>()); }

 private:
  std::vector<Tensor> parameters() const {
    std::vector<Tensor> all;
    for (std::size_t i = 0; i < optimizer_.group_count(); ++i)
      for (const Tensor& p : std::as_const(optimizer_).group(i).parameters()) all.push_back(p);
    return all;
  }

  Group group_;
  O optimizer_;
  std::optional<Dict> whole_;
};

}  // namespace tenon::distributed

#pragma GCC visibility pop
