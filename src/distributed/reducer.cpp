#include "distributed/reducer.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include <fmt/format.h>
#include <tenon/error.h>
#include <tenon/grad_mode.h>
#include <tenon/graph.h>
#include <tenon/ops.h>

#include "distributed/transfer.h"

namespace tenon::distributed::detail {
namespace {

constexpr const char* operation = "DistributedDataParallel";

Tensor averaged(const GradBucket& bucket, const Group& group) {
  all_reduce(bucket.buffer, {.op = ReduceOp::mean, .group = group});
  return bucket.buffer;
}

Tensor averaged_as(DType type, const GradBucket& bucket, const Group& group) {
  const Tensor small = bucket.buffer.to(type);
  all_reduce(small, {.op = ReduceOp::mean, .group = group});
  return small.to(bucket.buffer.dtype());
}

}  // namespace

Reducer::Reducer(nn::ModuleBase& module, const DataParallelOptions& options, CommunicationHook hook)
    : options_(options), hook_(hook ? std::move(hook) : CommunicationHook(averaged)) {
  for (const auto& [path, parameter] : module.named_parameters())
    if (parameter.requires_grad()) places_.push_back({.parameter = parameter, .name = path});
  // Backward comes to the last layers first.
  std::vector<std::size_t> order(places_.size());
  std::iota(order.rbegin(), order.rend(), 0);
  make_buckets(order);
}

Reducer::~Reducer() {
  for (Place& p : places_) p.hook.remove();
}

void Reducer::listen() {
  for (std::size_t i = 0; i < places_.size(); ++i)
    places_[i].hook =
        places_[i].parameter.register_post_accumulate_grad_hook([self = weak_from_this(), i](const Tensor&) {
          if (const auto reducer = self.lock()) reducer->arrive(i);
        });
}

void Reducer::make_buckets(const std::vector<std::size_t>& order) {
  const NoGrad guard;
  constexpr double first_mb = 1;
  buckets_.clear();
  struct Open {
    DType dtype;
    std::size_t bucket;
    int64_t bytes;
  };
  std::vector<Open> open;  // one for each data type
  for (const std::size_t i : order) {
    const Tensor& p = places_[i].parameter;
    auto at = std::ranges::find(open, p.dtype(), &Open::dtype);
    if (at == open.end()) {
      at = open.insert(at, {p.dtype(), buckets_.size(), 0});
      buckets_.emplace_back();
    }
    places_[i].bucket = at->bucket;
    buckets_[at->bucket].places.push_back(i);
    at->bytes += p.nbytes();
    const double cap = at->bucket == 0 ? std::min(first_mb, options_.bucket_cap_mb) : options_.bucket_cap_mb;
    if (static_cast<double>(at->bytes) >= cap * (1 << 20)) open.erase(at);
  }
  for (Bucket& b : buckets_) {
    int64_t numel = 0;
    for (const std::size_t i : b.places) numel += places_[i].parameter.numel();
    b.buffer = zeros({numel}, {places_[b.places[0]].parameter.dtype()});
    int64_t begin = 0;
    for (const std::size_t i : b.places) {
      Place& p = places_[i];
      const Tensor before = p.view;
      p.view = b.buffer.narrow(0, begin, p.parameter.numel()).view(p.parameter.shape());
      begin += p.parameter.numel();
      if (before.defined() && p.parameter.grad().is_same(before)) {
        p.view.copy_(before);
        p.parameter.set_grad(p.view);
      }
    }
  }
  reset();
}

void Reducer::reset() {
  for (Place& p : places_) p.arrived = 0;
  for (Bucket& b : buckets_) {
    b.missing = static_cast<std::size_t>(
        std::ranges::count_if(b.places, [&](std::size_t i) { return places_[i].expected > 0; }));
    b.work = {};
  }
  next_ = 0;
}

void Reducer::before_forward() {
  if (order_.empty() || options_.find_unused_parameters) return;
  // Those without a gradient come last, where no other one waits for them.
  for (std::size_t i = 0; i < places_.size(); ++i)
    if (std::ranges::find(order_, i) == order_.end()) order_.push_back(i);
  std::vector<int64_t> numbers(order_.begin(), order_.end());
  const Tensor of_first = tensor(numbers);
  broadcast(of_first, 0, {.group = options_.group});
  std::vector<std::size_t> order;
  for (const int64_t i : of_first.to_vector<int64_t>()) order.push_back(static_cast<std::size_t>(i));
  order_.clear();
  make_buckets(order);
}

void Reducer::after_forward(const std::vector<Tensor>& outputs) {
  const std::vector<Tensor> recorded = on_the_tape(outputs);
  active_ = !recorded.empty();
  if (!active_) return;
  reset();
  autograd::register_multi_grad_hook(recorded, [self = weak_from_this()](const std::vector<Tensor>&) {
    if (const auto reducer = self.lock()) reducer->end_of_pass();
  });
}

// ---- a pass

void Reducer::arrive(std::size_t place) {
  if (!active_) return;
  const NoGrad guard;
  Place& p = places_[place];
  ++p.arrived;
  if (first_) {
    if (p.arrived == 1) order_.push_back(place);
    if (options_.static_graph) return;  // how often it comes is known when the pass ends
  }
  if (p.arrived < p.expected) return;
  if (p.arrived > p.expected)
    fail(operation,
         "{} has got a second gradient in one backward pass, after it was sent: set static_graph, or see to it "
         "that each forward is followed by one backward",
         p.name);
  settle(p);
  --buckets_[p.bucket].missing;
  launch_ready();
}

/// Its gradient lies in the bucket.
void Reducer::settle(Place& p) {
  const Tensor grad = p.parameter.grad();
  if (!grad.defined()) p.view.zero_();
  else if (!grad.is_same(p.view)) p.view.copy_(grad);
}

void Reducer::launch_ready() {
  while (next_ < buckets_.size() && buckets_[next_].missing == 0) launch(next_++);
}

void Reducer::launch(std::size_t bucket) {
  Bucket& b = buckets_[bucket];
  for (const std::size_t i : b.places)
    if (places_[i].arrived == 0) settle(places_[i]);
  GradBucket shown{b.buffer, static_cast<int64_t>(bucket), bucket + 1 == buckets_.size(), {}};
  for (const std::size_t i : b.places) shown.parameters.push_back(places_[i].parameter);
  // The last one has nothing to compute beside it.
  const bool async = bucket + 1 < buckets_.size();
  b.work = start(options_.group, operation, async,
                 fmt::format("bucket {} of {} {}", bucket, b.buffer.dtype(), b.buffer.numel()),
                 [hook = hook_, shown, group = options_.group] {
                   const Tensor mean = hook(shown, group);
                   if (!mean.is_same(shown.buffer)) shown.buffer.copy_(mean);
                 });
}

void Reducer::end_of_pass() {
  if (!std::exchange(active_, false)) return;
  const NoGrad guard;
  const bool learns = options_.static_graph && first_;
  if (learns)
    for (Place& p : places_) p.expected = p.arrived;
  if (!learns && !options_.find_unused_parameters) {
    std::vector<std::string> missing;
    for (const Place& p : places_)
      if (p.arrived < p.expected) missing.push_back(p.name);
    if (!missing.empty())
      fail(operation, "{} parameter{} got no gradient in this backward pass: {}{}; set find_unused_parameters",
           missing.size(), missing.size() > 1 ? "s" : "",
           fmt::join(missing.begin(),
                     missing.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(5, missing.size())), ", "),
           missing.size() > 5 ? ", …" : "");
  }
  if (learns)
    for (Place& p : places_)
      if (p.arrived > 0) settle(p);
  first_ = false;
  while (next_ < buckets_.size()) launch(next_++);
  for (const Bucket& b : buckets_) b.work.wait();
  const std::vector<bool> used = used_by_anyone();
  for (std::size_t i = 0; i < places_.size(); ++i) {
    Place& p = places_[i];
    if (!used[i]) continue;
    const Tensor grad = p.parameter.grad();
    if (options_.gradient_as_bucket_view || !grad.defined()) {
      if (!grad.is_same(p.view)) p.parameter.set_grad(options_.gradient_as_bucket_view ? p.view : p.view.clone());
    } else {
      grad.copy_(p.view);
    }
  }
}

std::vector<bool> Reducer::used_by_anyone() const {
  std::vector<bool> used;
  std::vector<int32_t> here;
  for (const Place& p : places_) {
    used.push_back(p.expected > 0);
    here.push_back(p.arrived > 0);
  }
  if (!options_.find_unused_parameters || options_.static_graph || places_.empty()) return used;
  const Tensor anywhere = tensor(here);
  all_reduce(anywhere, {.op = ReduceOp::max, .group = options_.group});
  const auto all = anywhere.to_vector<int32_t>();
  for (std::size_t i = 0; i < used.size(); ++i) used[i] = all[i] != 0;
  return used;
}

// ---- the model's side

void DataParallelState::set_hook(CommunicationHook hook) {
  if (reducer_) fail("register_comm_hook", "the model has been called already");
  hook_ = std::move(hook);
}

void DataParallelState::begin(nn::ModuleBase& module) const {
  if (options_.bucket_cap_mb <= 0) fail(operation, "expected bucket_cap_mb > 0, got {}", options_.bucket_cap_mb);
  const NoGrad guard;
  const CollectiveOptions with{.group = options_.group};
  std::string what;
  std::vector<Tensor> all;
  for (const auto& [path, parameter] : module.named_parameters()) {
    what += fmt::format(", {} {}", path, text_of(parameter));
    all.push_back(parameter);
  }
  for (const auto& [path, buffer] : module.named_buffers()) {
    what += fmt::format(", {} {}", path, text_of(buffer));
    all.push_back(buffer);
  }
  if (all.empty()) fail(operation, "{} has no parameters", module.type_name());
  start(options_.group, operation, false, fmt::format("{} of {}{}", operation, module.type_name(), what), [] {});
  for (const Tensor& x : all) broadcast(x, 0, with);
}

void DataParallelState::before_forward(nn::ModuleBase& module) {
  const NoGrad guard;
  if (options_.group.size() == 1 && !hook_) return;  // nothing is sent: the model is called as it is
  if (!reducer_) {
    reducer_ = std::make_shared<Reducer>(module, options_, hook_);
    reducer_->listen();
  }
  if (!sync_ || !module.training()) return;
  reducer_->before_forward();
  if (options_.broadcast_buffers)
    for (const nn::Buffer& b : module.buffers()) broadcast(b, 0, {.group = options_.group});
}

void DataParallelState::after_forward(const std::vector<Tensor>& outputs) {
  if (reducer_) reducer_->after_forward(sync_ ? outputs : std::vector<Tensor>());
}

}  // namespace tenon::distributed::detail

namespace tenon::distributed {

Tensor bf16_compress_hook(const GradBucket& bucket, const Group& group) {
  return detail::averaged_as(bfloat16, bucket, group);
}
Tensor fp16_compress_hook(const GradBucket& bucket, const Group& group) {
  return detail::averaged_as(float16, bucket, group);
}

}  // namespace tenon::distributed
