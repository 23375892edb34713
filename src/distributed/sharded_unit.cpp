#include "distributed/sharded_unit.h"

#include <algorithm>
#include <deque>
#include <mutex>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>
#include <tenon/error.h>
#include <tenon/grad_mode.h>
#include <tenon/graph.h>
#include <tenon/nn/module.h>
#include <tenon/ops.h>

#include "distributed/transfer.h"

namespace tenon::distributed::detail {
namespace {

constexpr const char* operation = "fully_shard";

/// How many rows each process keeps, but for the last ones, which keep what is left.
int64_t rows_each(const Shape& shape, int64_t processes) {
  return shape.empty() ? 1 : (shape[0] + processes - 1) / processes;
}

/// The rows of process r of a whole parameter. A number without dimensions is rank 0's.
Tensor rows_for(const Tensor& whole, int64_t r, int64_t processes) {
  if (whole.dim() == 0) return whole.view({1}).narrow(0, 0, r == 0 ? 1 : 0);
  const int64_t each = rows_each(whole.shape(), processes), begin = std::min(whole.size(0), r * each);
  return whole.narrow(0, begin, std::min(each, whole.size(0) - begin));
}

/// A process's units by their parameters.
struct Registry {
  std::mutex mutex;
  std::unordered_map<const TensorImpl*, std::weak_ptr<ShardedUnit>> units;
};
Registry& registry() {
  static Registry r;
  return r;
}

/// What goes on in this thread's outermost forward, and in the backward pass after it.
struct Course {
  int depth = 0;
  std::weak_ptr<ShardedUnit> last_forward, last_backward;
  std::vector<std::weak_ptr<ShardedUnit>> used;
  std::deque<Work> reducing;  ///< each holds its unit's whole gradients: few at a time
};
thread_local Course course;

}  // namespace

ShardedUnit::ShardedUnit(nn::ModuleBase& module, const FullyShardOptions& options) : options_(options) {
  const NoGrad guard;
  const Group& group = options_.group;
  std::string what;
  for (const auto& [path, parameter] : module.named_parameters()) {
    if (of(parameter)) continue;
    items_.push_back({.parameter = parameter, .name = path, .shape = parameter.shape()});
    what += fmt::format(", {} {} {}", path, parameter.dtype(), parameter.shape().to_string());
  }
  start(group, operation, false, fmt::format("{}({}{})", operation, module.type_name(), what), [] {});
  for (Item& item : items_) {
    broadcast(item.parameter, 0, {.group = group});
    item.rows = rows_for(item.parameter.detach().contiguous(), group.rank(), group.size()).clone();
  }
  for (const nn::Buffer& b : module.buffers()) broadcast(b, 0, {.group = group});
  part();
}

ShardedUnit::~ShardedUnit() {
  Registry& r = registry();
  const std::lock_guard lock(r.mutex);
  for (Item& item : items_) {
    item.hook.remove();
    r.units.erase(item.parameter.impl());
  }
}

void ShardedUnit::listen(nn::ModuleBase& module) {
  {
    Registry& r = registry();
    const std::lock_guard lock(r.mutex);
    for (const Item& item : items_) r.units[item.parameter.impl()] = weak_from_this();
  }
  // The module's hooks own the unit; those of its parameters only know it.
  for (std::size_t i = 0; i < items_.size(); ++i)
    if (items_[i].parameter.requires_grad())
      items_[i].hook =
          items_[i].parameter.register_post_accumulate_grad_hook([self = weak_from_this(), i](const Tensor&) {
            if (const auto unit = self.lock()) unit->arrive(unit->items_[i]);
          });
  const auto self = shared_from_this();
  module.register_forward_pre_hook([self](nn::ModuleBase&, nn::Tensors) { self->before_forward(); }, {.prepend = true});
  module.register_forward_hook(
      [self](nn::ModuleBase&, nn::Tensors, nn::Tensors outputs) {
        self->after_forward(std::vector<Tensor>(outputs.begin(), outputs.end()));
      },
      {.always_call = true});
  module.register_full_backward_pre_hook([self](nn::ModuleBase&, nn::Tensors) { self->before_backward(); });
}

std::shared_ptr<ShardedUnit> ShardedUnit::of(const Tensor& parameter) {
  Registry& r = registry();
  const std::lock_guard lock(r.mutex);
  const auto at = r.units.find(parameter.impl());
  return at == r.units.end() ? nullptr : at->second.lock();
}

Tensor ShardedUnit::rows_of(const Tensor& whole) const {
  return rows_for(whole.contiguous(), options_.group.rank(), options_.group.size());
}

Tensor ShardedUnit::whole(const Tensor& parameter) const {
  const NoGrad guard;
  const auto at = std::ranges::find_if(items_, [&](const Item& i) { return i.parameter.is_same(parameter); });
  Tensor all = empty(at->shape, {at->rows.dtype()});
  const Item& item = *at;
  start(options_.group, operation, false, fmt::format("{}: the whole {}", operation, item.name),
        [&] { gather_rows(options_.group, all, item.rows, rows_each(item.shape, options_.group.size())); });
  return all;
}

// ---- whole and in parts

void ShardedUnit::start_gathering() {
  if (whole_ || !gathering_.empty()) return;
  const NoGrad guard;
  for (const Item& item : items_) gathering_.push_back(empty(item.shape, {item.rows.dtype()}));
  std::vector<Tensor> rows;
  std::vector<int64_t> each;
  for (const Item& item : items_) {
    rows.push_back(item.rows);
    each.push_back(rows_each(item.shape, options_.group.size()));
  }
  work_ = start(options_.group, operation, true, fmt::format("{}: {} to come together", operation, items_.front().name),
                [group = options_.group, whole = gathering_, rows, each] {
                  for (std::size_t i = 0; i < rows.size(); ++i) gather_rows(group, whole[i], rows[i], each[i]);
                });
}

void ShardedUnit::gather() {
  if (whole_ || items_.empty()) return;
  const NoGrad guard;
  start_gathering();
  work_.wait();
  for (std::size_t i = 0; i < items_.size(); ++i) {
    Item& item = items_[i];
    item.gradient = item.parameter.grad();
    item.parameter.set_grad({});
    item.parameter.set_data(gathering_[i]);
    // What is saved for backward meanwhile is still good when the same numbers have come together again.
    constexpr uint32_t beyond_counting = 1U << 30;
    item.parameter.impl()->storage->version.store(beyond_counting + item.rows.version(), std::memory_order_relaxed);
  }
  gathering_.clear();
  whole_ = true;
  course.used.push_back(weak_from_this());
}

void ShardedUnit::part() {
  const NoGrad guard;
  if (!gathering_.empty()) work_.wait();
  gathering_.clear();
  for (Item& item : items_) {
    item.parameter.set_grad({});
    const uint32_t version = item.rows.version();
    item.parameter.set_data(item.rows);
    item.rows.impl()->storage->version.store(version, std::memory_order_relaxed);  // their numbers are the same
    if (item.gradient.defined()) item.parameter.set_grad(item.gradient);
  }
  whole_ = false;
}

// ---- the course of a step

void ShardedUnit::before_forward() {
  if (course.depth++ == 0) {
    course.last_forward.reset();
    course.last_backward.reset();
    course.used.clear();
  }
  if (items_.empty()) return;
  gather();
  if (const auto last = course.last_forward.lock()) last->next_forward_ = weak_from_this();
  course.last_forward = weak_from_this();
  if (const auto next = next_forward_.lock(); next && next.get() != this) next->start_gathering();
}

void ShardedUnit::after_forward(const std::vector<Tensor>& outputs) {
  const bool outermost = --course.depth == 0, recorded = is_grad_enabled();
  if (!recorded || (options_.reshard_after_forward && !outermost)) {
    if (!items_.empty()) part();
  }
  if (!outermost) return;
  std::vector<Tensor> to_differentiate;
  for (const Tensor& y : outputs)
    if (y.defined() && y.requires_grad()) to_differentiate.push_back(y);
  const auto units = std::exchange(course.used, {});
  const auto finish_all = [units] {
    for (const auto& one : units)
      if (const auto unit = one.lock()) unit->finish();
  };
  if (to_differentiate.empty()) return finish_all();
  for (const auto& one : units)
    if (const auto unit = one.lock()) {
      unit->reduced_ = false;
      for (Item& item : unit->items_) item.arrived = false;
    }
  autograd::register_multi_grad_hook(to_differentiate, [finish_all](const std::vector<Tensor>&) { finish_all(); });
}

void ShardedUnit::before_backward() {
  if (items_.empty()) return;
  gather();
  if (const auto last = course.last_backward.lock()) last->next_backward_ = weak_from_this();
  course.last_backward = weak_from_this();
  if (const auto next = next_backward_.lock(); next && next.get() != this) next->start_gathering();
}

void ShardedUnit::arrive(Item& item) {
  if (!whole_) return;  // of rows: set by the user, or outside of a pass
  item.arrived = true;
  const bool all = std::ranges::all_of(items_, [](const Item& i) { return i.arrived || !i.parameter.requires_grad(); });
  if (all && !reduced_) reduce();
}

/// This process's rows of everybody's gradients; then the parameters part.
void ShardedUnit::reduce() {
  const NoGrad guard;
  reduced_ = true;
  const Group& group = options_.group;
  std::vector<std::vector<Tensor>> parts;
  std::vector<Tensor> results;
  for (Item& item : items_) {
    if (!item.parameter.requires_grad()) continue;
    const Tensor given = item.parameter.grad();
    const Tensor whole = given.defined() ? given.contiguous() : zeros(item.shape, {item.rows.dtype()});
    std::vector<Tensor> rows;
    for (int64_t r = 0; r < group.size(); ++r) rows.push_back(rows_for(whole, r, group.size()));
    parts.push_back(std::move(rows));
    results.push_back(item.rows.new_empty(item.rows.shape()));
  }
  std::size_t at = 0;
  std::vector<Tensor> before;
  for (Item& item : items_) {
    if (!item.parameter.requires_grad()) continue;
    before.push_back(item.gradient);
    item.gradient = results[at++];
  }
  for (Item& item : items_) item.parameter.set_grad({});
  constexpr std::size_t most_reducing = 2;
  for (; course.reducing.size() >= most_reducing; course.reducing.pop_front()) course.reducing.front().wait();
  reducing_ = start(group, operation, true, fmt::format("{}: gradients of {}", operation, items_.front().name),
                    [group, parts = std::move(parts), results, before] {
                      for (std::size_t i = 0; i < parts.size(); ++i) {
                        results[i].copy_(reduce_to_each(group.communicator(), parts[i], ReduceOp::mean));
                        if (before[i].defined()) results[i].add_(before[i]);
                      }
                    });
  course.reducing.push_back(reducing_);
  part();
}

void ShardedUnit::finish() {
  if (!reduced_ && std::ranges::any_of(items_, &Item::arrived)) reduce();
  reduced_ = true;
  if (whole_ || !gathering_.empty()) part();
  reducing_.wait();
  reducing_ = {};
}

}  // namespace tenon::distributed::detail
