#pragma once
// What registering a hook gives back, for hooks on tensors, modules and optimizers alike.
#include <cstdint>
#include <memory>
#include <utility>

#pragma GCC visibility push(default)

namespace tenon {

namespace detail {
/// What keeps hooks and can drop one of them.
class HookOwner {
 public:
  virtual void remove_hook(uint64_t id) = 0;

 protected:
  ~HookOwner() = default;
};
}  // namespace detail

/// Takes a hook away again. It owns nothing: the hook stays when a handle is destroyed.
/// Source: torch.utils.hooks.RemovableHandle.
class HookHandle {
 public:
  HookHandle() = default;
  HookHandle(std::weak_ptr<detail::HookOwner> owner, uint64_t id) : owner_(std::move(owner)), id_(id) {}

  /// The hook is not called any more. May be called twice, from inside a hook, and when what was hooked has died.
  void remove() {
    if (const auto owner = std::exchange(owner_, {}).lock()) owner->remove_hook(id_);
  }

 private:
  std::weak_ptr<detail::HookOwner> owner_;
  uint64_t id_ = 0;
};

}  // namespace tenon

#pragma GCC visibility pop
