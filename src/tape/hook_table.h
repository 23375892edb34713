#pragma once
// The hooks of one kind on one tensor.
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include <tenon/hook.h>

namespace tenon {

/// In the order in which they run. What is running is a snapshot: a hook may add and remove hooks.
template <class F>
class HookTable final : public detail::HookOwner {
 public:
  struct Entry {
    uint64_t id;
    F hook;
  };
  using Snapshot = std::shared_ptr<const std::vector<Entry>>;

  uint64_t add(F hook) {
    const std::lock_guard lock(mutex_);
    auto fresh = std::make_shared<std::vector<Entry>>(*entries_);
    fresh->push_back({++last_id_, std::move(hook)});
    entries_ = std::move(fresh);
    return last_id_;
  }
  void remove_hook(uint64_t id) override {
    Snapshot before;  // freed after the lock: a hook may own what has hooks
    const std::lock_guard lock(mutex_);
    before = entries_;
    auto fresh = std::make_shared<std::vector<Entry>>(*entries_);
    std::erase_if(*fresh, [&](const Entry& e) { return e.id == id; });
    entries_ = std::move(fresh);
  }
  Snapshot snapshot() const {
    const std::lock_guard lock(mutex_);
    return entries_;
  }

 private:
  mutable std::mutex mutex_;
  Snapshot entries_ = std::make_shared<std::vector<Entry>>();
  uint64_t last_id_ = 0;
};

/// Adds to a table that is there only once something was hooked.
template <class F>
HookHandle add_hook(std::shared_ptr<HookTable<F>>& table, F hook) {
  if (!table) table = std::make_shared<HookTable<F>>();
  const uint64_t id = table->add(std::move(hook));
  return {table, id};
}

}  // namespace tenon
