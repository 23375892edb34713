// Registering hooks, and taking them away.
#include <tenon/nn/hooks.h>

#include <algorithm>
#include <mutex>
#include <utility>

#include <tenon/nn/hooked_call.h>
#include <tenon/nn/module_base.h>

#include "base/fork.h"
#include "nn/module_hooks.h"

namespace tenon::nn {
namespace detail {

std::atomic<bool> has_global_hooks{false};

namespace {

std::mutex changing;  // of any table
[[maybe_unused]] const bool is_held = hold_across_forks(ProcessLock::hooks, changing);
uint64_t last_id = 0;
thread_local bool without_global_hooks = false;

class GlobalHooks final : public Hooks {
  void changed() override { has_global_hooks = table_ != nullptr; }
};

const std::shared_ptr<GlobalHooks>& global_hooks() {
  static const auto hooks = std::make_shared<GlobalHooks>();
  return hooks;
}

std::byte* address(void* p) { return static_cast<std::byte*>(p); }

}  // namespace

void HookTable::count_kinds() {
  kinds = 0;
  for (std::size_t k = 0; k < std::size(lists); ++k)
    if (!lists[k].empty()) kinds |= 1U << k;
}

bool HookTable::is_lost(const HookEntry& entry) const {
  const std::lock_guard lock(changing);
  const HookTable* newest = this;
  while (newest->next) newest = newest->next.get();
  for (const HookList& list : newest->lists)
    for (const HookEntry& e : list)
      if (e.id == entry.id) return false;
  return true;
}

void Hooks::set(Ref<HookTable> fresh) {
  fresh->count_kinds();
  if (table_) {
    HookedCall::keep(table_);
    table_->next = fresh;
    table_->outdated = true;
  }
  table_ = fresh->empty() ? nullptr : std::move(fresh);
  changed();
}

HookHandle Hooks::add(HookKind kind, const Ref<Hook>& hook, bool prepend, bool always_call) {
  Ref<HookTable> old;  // goes after the lock: the hooks in it may hold anything
  const std::lock_guard lock(changing);
  old = table_;
  Ref<HookTable> fresh = make_ref<HookTable>();
  if (old) std::copy(std::begin(old->lists), std::end(old->lists), std::begin(fresh->lists));
  HookList& list = fresh->of(kind);
  const uint64_t id = ++last_id;
  list.insert(prepend ? list.begin() : list.end(), {hook, id, always_call});
  set(std::move(fresh));
  return {weak_from_this(), id};
}

void Hooks::remove_hook(uint64_t id) {
  Ref<HookTable> old;
  const std::lock_guard lock(changing);
  old = table_;
  if (!old) return;
  Ref<HookTable> fresh = make_ref<HookTable>();
  for (std::size_t k = 0; k < std::size(fresh->lists); ++k)
    std::copy_if(old->lists[k].begin(), old->lists[k].end(), std::back_inserter(fresh->lists[k]),
                 [id](const HookEntry& e) { return e.id != id; });
  set(std::move(fresh));
}

ModuleBase* ModuleHooks::module() const {
  return slot_ ? reinterpret_cast<ModuleBase*>(address(slot_) + module_offset_) : nullptr;
}

void ModuleHooks::belong_to(ModuleBase& module, HookSlot& slot) {
  slot_ = &slot;
  module_offset_ = address(&module) - address(&slot);
}

void ModuleHooks::changed() {
  if (table_ || !slot_) return;
  std::exchange(slot_, nullptr)->clear();  // calls are as fast as before
}

Ref<HookTable> global_hook_table() {
  if (!has_global_hooks || without_global_hooks) return {};
  const std::lock_guard lock(changing);
  return global_hooks()->table();
}

WithoutGlobalHooks::WithoutGlobalHooks() : before_(std::exchange(without_global_hooks, true)) {}
WithoutGlobalHooks::~WithoutGlobalHooks() { without_global_hooks = before_; }

ModuleHooks& HookSlot::made_for(ModuleBase& module) {
  if (!hooks_) {
    hooks_ = std::make_shared<ModuleHooks>();
    hooks_->belong_to(module, *this);
  }
  return *hooks_;
}

void HookSlot::copy_to(ModuleBase& copy) const {
  if (!hooks_ || !hooks_->table()) return;
  Ref<HookTable> table = make_ref<HookTable>();  // one of its own: what the original loses later is not lost here
  std::copy(std::begin(hooks_->table()->lists), std::end(hooks_->table()->lists), std::begin(table->lists));
  table->count_kinds();
  copy.tenon_state().hooks.made_for(copy).share(std::move(table));
}

void HookSlot::enter() noexcept { hooks_->move_to(this); }
void HookSlot::leave() noexcept { hooks_->move_to(nullptr); }

void replace(HookKind kind, Tensors shown, const TensorList& returned) {
  static constexpr const char* names[][2] = {
      {"forward pre-hook", "inputs"},
      {"forward hook", "outputs"},
      {"full backward pre-hook", "grad_output"},
      {"full backward hook", "grad_input"},
  };
  const auto& [hook, what] = names[static_cast<std::size_t>(kind)];
  if (returned.size() != shown.size())
    fail(hook, "returned an invalid number of {}, got {}, but expected {}", what, returned.size(), shown.size());
  std::copy(returned.begin(), returned.end(), shown.begin());
}

void replace(HookKind kind, Tensors shown, const Tensor& returned) {
  if (returned.defined()) replace(kind, shown, std::vector{returned});
}

}  // namespace detail

Tensor& Tensors::operator[](std::size_t i) const {
  if (i >= size_)
    fail("Tensors", "expected an index below {}, the number of tensors that this hook sees, got {}", size_, i);
  return *first_[i];
}

HookHandle register_module_forward_pre_hook(const ForwardPreHook& hook) {
  return detail::global_hooks()->add(HookKind::forward_pre, hook.hook(), false, false);
}
HookHandle register_module_forward_hook(const ForwardHook& hook, const GlobalForwardHookOptions& options) {
  return detail::global_hooks()->add(HookKind::forward, hook.hook(), false, options.always_call);
}
HookHandle register_module_full_backward_pre_hook(const FullBackwardPreHook& hook) {
  return detail::global_hooks()->add(HookKind::full_backward_pre, hook.hook(), false, false);
}
HookHandle register_module_full_backward_hook(const FullBackwardHook& hook) {
  return detail::global_hooks()->add(HookKind::full_backward, hook.hook(), false, false);
}

HookHandle ModuleBase::register_forward_pre_hook(const ForwardPreHook& hook, const HookOptions& options) {
  return tenon_state().hooks.made_for(*this).add(HookKind::forward_pre, hook.hook(), options.prepend, false);
}
HookHandle ModuleBase::register_forward_hook(const ForwardHook& hook, const ForwardHookOptions& options) {
  return tenon_state().hooks.made_for(*this).add(HookKind::forward, hook.hook(), options.prepend, options.always_call);
}
HookHandle ModuleBase::register_full_backward_pre_hook(const FullBackwardPreHook& hook, const HookOptions& options) {
  return tenon_state().hooks.made_for(*this).add(HookKind::full_backward_pre, hook.hook(), options.prepend, false);
}
HookHandle ModuleBase::register_full_backward_hook(const FullBackwardHook& hook, const HookOptions& options) {
  return tenon_state().hooks.made_for(*this).add(HookKind::full_backward, hook.hook(), options.prepend, false);
}

}  // namespace tenon::nn
