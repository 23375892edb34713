#include "distributed/sharded_unit.h"

#include <algorithm>
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

/// Where the rows begin that process r keeps: as many as the others, but for the last ones, which keep what is left.
int64_t first_row(int64_t rows, int64_t r, int64_t processes) {
  return std::min(rows, r * ((rows + processes - 1) / processes));
}

/// Those rows of a whole parameter. A number without dimensions is rank 0's.
Tensor rows_for(const Tensor& whole, int64_t r, int64_t processes) {
  const Tensor rows = whole.dim() == 0 ? whole.view({1}) : whole;
  const int64_t begin = first_row(rows.size(0), r, processes);
  return rows.narrow(0, begin, first_row(rows.size(0), r + 1, processes) - begin);
}
std::vector<Tensor> rows_for_each(const Tensor& whole, int64_t processes) {
  std::vector<Tensor> all;
  all.reserve(static_cast<std::size_t>(processes));
  for (int64_t r = 0; r < processes; ++r) all.push_back(rows_for(whole, r, processes));
  return all;
}

/// The rows that each process keeps come together in `whole`, everywhere.
void gather_rows(const Group& group, const Tensor& whole, const Tensor& own) {
  const std::vector<Tensor> parts = rows_for_each(whole, group.size());
  parts[static_cast<std::size_t>(group.rank())].copy_(own);
  gather_everywhere(group.communicator(), parts);
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
  Work reducing;  ///< of the last unit, whose whole gradients it holds: one at a time
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
    what += fmt::format(", {} {}", path, text_of(parameter));
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

const ShardedUnit::Item& ShardedUnit::item_of(const Tensor& parameter) const {
  return *std::ranges::find_if(items_, [&](const Item& i) { return i.parameter.is_same(parameter); });
}

ShardedUnit::Placement ShardedUnit::placement(const Tensor& parameter) const {
  const Item& item = item_of(parameter);
  const int64_t rows = item.shape.empty() ? 1 : item.shape[0];
  return {.whole = item.shape, .begin = first_row(rows, options_.group.rank(), options_.group.size())};
}

Tensor ShardedUnit::whole(const Tensor& parameter) const {
  const NoGrad guard;
  const Item& item = item_of(parameter);
  Tensor all = empty(item.shape, {item.rows.dtype()});
  start(options_.group, operation, false, fmt::format("{}: the whole {}", operation, item.name),
        [&] { gather_rows(options_.group, all, item.rows); });
  return all;
}

// ---- whole and in parts

void ShardedUnit::start_gathering() {
  if (whole_ || !gathering_.empty()) return;
  const NoGrad guard;
  for (const Item& item : items_) gathering_.push_back(empty(item.shape, {item.rows.dtype()}));
  std::vector<Tensor> rows;
  rows.reserve(items_.size());
  for (const Item& item : items_) rows.push_back(item.rows);
  work_ = start(options_.group, operation, true, fmt::format("{}: {} to come together", operation, items_.front().name),
                [group = options_.group, whole = gathering_, rows] {
                  for (std::size_t i = 0; i < rows.size(); ++i) gather_rows(group, whole[i], rows[i]);
                });
  course.used.push_back(weak_from_this());
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
}

void ShardedUnit::part() {
  const NoGrad guard;
  if (!gathering_.empty()) work_.wait();
  gathering_.clear();  // of one that was asked for ahead, and not used
  if (!whole_) return;
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
  const bool outermost = --course.depth == 0;
  if (!is_grad_enabled() || (options_.reshard_after_forward && !outermost)) part();
  if (!outermost) return;
  const std::vector<Tensor> recorded_outputs = on_the_tape(outputs);
  const auto units = std::exchange(course.used, {});
  const auto finish_all = [units] {
    for (const auto& one : units)
      if (const auto unit = one.lock()) unit->finish();
  };
  if (recorded_outputs.empty()) return finish_all();
  for (const auto& one : units)
    if (const auto unit = one.lock()) {
      unit->reduced_ = false;
      for (Item& item : unit->items_) item.arrived = false;
    }
  autograd::register_multi_grad_hook(recorded_outputs, [finish_all](const std::vector<Tensor>&) { finish_all(); });
}

void ShardedUnit::before_backward() {
  if (items_.empty()) return;
  gather();
  if (const auto last = course.last_backward.lock()) last->next_backward_ = weak_from_this();
  course.last_backward = weak_from_this();
  // One that this pass leaves out would keep what it has now beyond the next step.
  if (const auto next = next_backward_.lock(); next && !next->reduced_) next->start_gathering();
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
    parts.push_back(rows_for_each(whole, group.size()));
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
  std::exchange(course.reducing, {}).wait();
  course.reducing = start(group, operation, true, fmt::format("{}: gradients of {}", operation, items_.front().name),
                          [group, parts = std::move(parts), results, before] {
                            for (std::size_t i = 0; i < parts.size(); ++i) {
                              results[i].copy_(reduce_to_each(group.communicator(), parts[i], ReduceOp::mean));
                              if (before[i].defined()) results[i].add_(before[i]);
                            }
                          });
  part();
}

void ShardedUnit::finish() {
  if (!reduced_ && std::ranges::any_of(items_, &Item::arrived)) reduce();
  reduced_ = true;
  part();
  std::exchange(course.reducing, {}).wait();
}

}  // namespace tenon::distributed::detail
