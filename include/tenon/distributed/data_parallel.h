#pragma once
// One model in every process, each with a part of the batch: gradients are averaged while backward goes on.
// Source: torch.nn.parallel.DistributedDataParallel.
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <tenon/distributed/collectives.h>
#include <tenon/nn/module.h>
#include <tenon/tensors_in.h>

#pragma GCC visibility push(default)

namespace tenon::distributed {

struct DataParallelOptions {
  Group group = {};
  /// Buffers (a running mean) are rank 0's before each forward in training.
  bool broadcast_buffers = true;
  /// A bucket's size in MiB; the first one has 1 MiB, so that sending begins early.
  double bucket_cap_mb = 25;
  /// Parameters may get no gradient in a pass, other ones in each process. What nobody has used keeps its gradient.
  bool find_unused_parameters = false;
  /// Gradients stay in the buckets: a parameter's grad() is a view of its bucket. false: they are copied back.
  bool gradient_as_bucket_view = true;
  /// The same parameters get gradients in every pass, as often as in the first one: some none, some (in checkpointed
  /// parts) several.
  bool static_graph = false;
};

/// The gradients of some parameters, one after the other, as they are sent.
struct GradBucket {
  Tensor buffer;                          ///< (n): this process's sums, to be averaged
  int64_t index = 0;                      ///< from 0 on, in the order in which they are sent
  bool is_last = false;                   ///< of the pass
  std::vector<nn::Parameter> parameters;  ///< in the order of their gradients
};
/// Gives the average over all processes in place of bucket.buffer, of its shape and type; may use the group's
/// collective operations. Runs on the group's own thread, buckets in order.
using CommunicationHook = std::function<Tensor(const GradBucket& bucket, const Group& group)>;

namespace detail {
class Reducer;

/// A wrapped model's way to its Reducer, which is made with the first forward: a copy of the model makes its own.
class DataParallelState {
 public:
  explicit DataParallelState(const DataParallelOptions& options) : options_(options) {}
  DataParallelState(const DataParallelState& o) : options_(o.options_), sync_(o.sync_), hook_(o.hook_) {}
  DataParallelState(DataParallelState&&) noexcept = default;
  DataParallelState& operator=(const DataParallelState&) = delete;
  DataParallelState& operator=(DataParallelState&&) = default;
  ~DataParallelState() = default;

  const DataParallelOptions& options() const { return options_; }
  bool sync() const { return sync_; }
  void set_sync(bool sync) { sync_ = sync; }
  void set_hook(CommunicationHook hook);
  /// Everybody's parameters and buffers become rank 0's; an error where their names, shapes or types differ.
  void begin(nn::ModuleBase& module) const;
  void before_forward(nn::ModuleBase& module);
  void after_forward(const std::vector<Tensor>& outputs);

 private:
  DataParallelOptions options_;
  bool sync_ = true;
  CommunicationHook hook_;
  std::shared_ptr<Reducer> reducer_;
};

struct TensorsOf {
  std::vector<Tensor> tensors;
  void add(const Tensor& x) { tensors.push_back(x); }
  void add_absent() {}
};
}  // namespace detail

/// A model whose gradients are the average over all processes. It is called as the model is, and holds it as `module`,
/// so that its names and keys begin with "module.". Every process makes it, of the same class; weights are rank 0's
/// from then on. Gradients travel in buckets as soon as they are there, and have arrived when backward() returns; then
/// every process steps its own optimizer, with the same result.
///
///   distributed::init();
///   distributed::DistributedDataParallel model(MLP(784, 256, 10));
///
/// Each forward whose result requires grad is followed by one backward.
template <class M>
class DistributedDataParallel : public nn::Module<DistributedDataParallel<M>> {
 public:
  M module;

  explicit DistributedDataParallel(M model, const DataParallelOptions& options = {})
      : module(std::move(model)), state_(detail::DataParallelState(options)) {
    state_.begin(module);
  }

  /// While it lives, gradients are not averaged but only added up here, forward and backward alike.
  class [[nodiscard]] NoSync {
   public:
    explicit NoSync(detail::DataParallelState& state) : state_(state), before_(state.sync()) { state.set_sync(false); }
    ~NoSync() { state_.set_sync(before_); }
    NoSync(const NoSync&) = delete;
    NoSync& operator=(const NoSync&) = delete;

   private:
    detail::DataParallelState& state_;
    bool before_;
  };
  NoSync no_sync() { return NoSync(state_); }

  /// In place of the average. Before the first forward.
  void register_comm_hook(CommunicationHook hook) { state_.set_hook(std::move(hook)); }

  template <class... A>
  requires(nn::detail::Forward<M>::template takes<A...>) decltype(auto) forward(A&&... arguments) {
    state_.before_forward(module);
    decltype(auto) y = module(std::forward<A>(arguments)...);
    detail::TensorsOf outputs;
    tenon::detail::add_results(outputs, y);
    state_.after_forward(outputs.tensors);
    return y;
  }

 private:
  nn::Untracked<detail::DataParallelState> state_;

  TENON_MODULE(DistributedDataParallel, module, state_)
};

/// Communication hooks: gradients travel as bfloat16 or float16, in half the time, and are added up in float32. Source:
/// torch.distributed.algorithms.ddp_comm_hooks.default_hooks.
Tensor bf16_compress_hook(const GradBucket& bucket, const Group& group);
Tensor fp16_compress_hook(const GradBucket& bucket, const Group& group);

}  // namespace tenon::distributed

#pragma GCC visibility pop
