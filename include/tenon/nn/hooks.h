#pragma once
// Hooks: functions that are called with what goes into a module and what comes out of it, forwards and backwards.
//
//   auto handle = model.encoder.register_forward_hook([&](nn::ModuleBase&, nn::Tensors inputs, nn::Tensors outputs) {
//     activations["encoder"] = outputs[0].detach();
//   });
//   handle.remove();
//
// A hook replaces a tensor by assigning to it (outputs[0] = …), or by returning a Tensor or a std::vector<Tensor>.
#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include <tenon/hook.h>
#include <tenon/ref.h>
#include <tenon/tensor_list.h>

#pragma GCC visibility push(default)

namespace tenon::nn {

class ModuleBase;

/// What a hook sees: one tensor for each argument, result or gradient, in order. One that is no tensor has an undefined
/// tensor in its place, which cannot be replaced; one that holds tensors (a vector, a struct) shows each of them.
/// Good only while the hook runs.
class Tensors {
 public:
  class iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = Tensor;
    using difference_type = std::ptrdiff_t;
    using pointer = Tensor*;
    using reference = Tensor&;

    iterator() = default;
    explicit iterator(Tensor* const* at) : at_(at) {}
    Tensor& operator*() const { return **at_; }
    Tensor* operator->() const { return *at_; }
    iterator& operator++() {
      ++at_;
      return *this;
    }
    iterator operator++(int) { return iterator(at_++); }
    bool operator==(const iterator&) const = default;

   private:
    Tensor* const* at_ = nullptr;
  };

  Tensors() = default;
  Tensors(Tensor* const* first, std::size_t size) : first_(first), size_(size) {}

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  /// An error where there are not so many.
  Tensor& operator[](std::size_t i) const;
  iterator begin() const { return iterator(first_); }
  iterator end() const { return iterator(first_ + size_); }

 private:
  Tensor* const* first_ = nullptr;
  std::size_t size_ = 0;
};

enum class HookKind : uint8_t { forward_pre, forward, full_backward_pre, full_backward };

namespace detail {

/// A function that is a hook, of any kind.
struct Hook : RefCounted {
  virtual ~Hook() = default;
  virtual void call(ModuleBase& module, Tensors first, Tensors second) = 0;
  static void destroy(Hook* hook) { delete hook; }
};

/// Puts what a hook of this kind returned in the place of what it was shown. An undefined tensor changes nothing.
void replace(HookKind kind, Tensors shown, const Tensor& returned);
void replace(HookKind kind, Tensors shown, const TensorList& returned);

/// Whether a hook is called with two lists. A forward hook replaces what is in the second, the others what is in the
/// first.
template <HookKind K>
inline constexpr bool shows_two = K == HookKind::forward || K == HookKind::full_backward;

template <HookKind K, class F>
decltype(auto) call_hook(F& f, ModuleBase& module, Tensors first, Tensors second) {
  if constexpr (shows_two<K>) return std::invoke(f, module, first, second);
  else return std::invoke(f, module, first);
}

template <HookKind K, class F>
struct HookOf final : Hook {
  F f;
  explicit HookOf(F function) : f(std::move(function)) {}
  void call(ModuleBase& module, Tensors first, Tensors second) override {
    using Returned = std::remove_cvref_t<decltype(call_hook<K>(f, module, first, second))>;
    static_assert(
        std::is_void_v<Returned> || std::is_base_of_v<Tensor, Returned> || std::is_convertible_v<Returned, TensorList>,
        "a hook returns nothing, a Tensor, or a std::vector<Tensor>");
    if constexpr (std::is_void_v<Returned>) call_hook<K>(f, module, first, second);
    else replace(K, K == HookKind::forward ? second : first, call_hook<K>(f, module, first, second));
  }
};

}  // namespace detail

/// Any function that can be a hook of this kind.
template <HookKind K>
class HookFunction {
 public:
  template <class F>
  requires(!std::same_as<std::remove_cvref_t<F>, HookFunction>) HookFunction(F&& f) {
    using U = std::decay_t<F>;
    if constexpr (detail::shows_two<K>)
      static_assert(std::is_invocable_v<U&, ModuleBase&, Tensors, Tensors>,
                    "this hook is called with (nn::ModuleBase&, nn::Tensors, nn::Tensors)");
    else
      static_assert(std::is_invocable_v<U&, ModuleBase&, Tensors>,
                    "this hook is called with (nn::ModuleBase&, nn::Tensors)");
    hook_ = Ref<detail::Hook>::adopt(new detail::HookOf<K, U>(std::forward<F>(f)));
  }
  const Ref<detail::Hook>& hook() const { return hook_; }

 private:
  Ref<detail::Hook> hook_;
};

/// Before forward: (module, inputs). What is replaced is what later hooks and forward see.
using ForwardPreHook = HookFunction<HookKind::forward_pre>;
/// After forward: (module, inputs, outputs). What is replaced among the outputs is what the caller gets.
using ForwardHook = HookFunction<HookKind::forward>;
/// Before the backward pass of the module: (module, grad_output), which may be replaced.
using FullBackwardPreHook = HookFunction<HookKind::full_backward_pre>;
/// After that: (module, grad_input, grad_output). grad_input may be replaced; it is undefined where no input requires
/// grad.
using FullBackwardHook = HookFunction<HookKind::full_backward>;

struct HookOptions {
  bool prepend = false;  ///< before the module's other hooks of this kind
};
struct ForwardHookOptions {
  bool prepend = false;
  bool always_call = false;  ///< also when a hook or forward throws; then without outputs, if forward did
};
struct GlobalForwardHookOptions {
  bool always_call = false;
};

/// Hooks on every module there is, called before a module's own. Source: torch.nn.modules.module.register_module_*.
HookHandle register_module_forward_pre_hook(const ForwardPreHook& hook);
HookHandle register_module_forward_hook(const ForwardHook& hook, const GlobalForwardHookOptions& options = {});
HookHandle register_module_full_backward_pre_hook(const FullBackwardPreHook& hook);
HookHandle register_module_full_backward_hook(const FullBackwardHook& hook);

namespace detail {

class ModuleHooks;

/// Where a module keeps its hooks; null while it has none. It tells them where the module is, however that moves.
class HookSlot {
 public:
  HookSlot() = default;
  HookSlot(HookSlot&& o) noexcept { take(o); }
  HookSlot& operator=(HookSlot&& o) noexcept {
    if (this == &o) return *this;
    if (hooks_) leave();
    take(o);
    return *this;
  }
  ~HookSlot() {
    if (hooks_) leave();
  }

  explicit operator bool() const { return hooks_ != nullptr; }
  const std::shared_ptr<ModuleHooks>& hooks() const { return hooks_; }
  /// The module's hooks, made where there are none.
  ModuleHooks& made_for(ModuleBase& module);
  void clear() { hooks_.reset(); }
  /// Gives a module's copy the same hooks. The handles remove them from the first module only.
  void copy_to(ModuleBase& copy) const;

 private:
  void take(HookSlot& o) noexcept {
    hooks_ = std::move(o.hooks_);
    if (hooks_) enter();
  }
  void enter() noexcept;
  void leave() noexcept;

  std::shared_ptr<ModuleHooks> hooks_;
};

extern std::atomic<bool> has_global_hooks;

/// Whether a call of the module has hooks to run.
inline bool is_hooked(const HookSlot& slot) { return slot || has_global_hooks.load(std::memory_order_relaxed); }

}  // namespace detail
}  // namespace tenon::nn

#pragma GCC visibility pop
