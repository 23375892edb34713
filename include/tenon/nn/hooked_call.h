#pragma once
// A call that has hooks to run: finding the tensors among forward's arguments and results, whatever their types.
#include <concepts>
#include <cstddef>
#include <type_traits>
#include <utility>

#include <tenon/nn/hooks.h>
#include <tenon/small_vector.h>
#include <tenon/tensor.h>
#include <tenon/tensors_in.h>

#pragma GCC visibility push(default)

namespace tenon::nn::detail {

struct HookTable;
class BackwardHooks;

/// The tensors of a call: one place for each argument or result.
class TensorSlots {
 public:
  void add(Tensor& t) { slots_.push_back(&t); }
  void clear() { slots_.clear(); }
  void add_absent() { slots_.push_back(&absent_); }  ///< in the place of what is no tensor
  Tensors view() const { return {slots_.data(), slots_.size()}; }
  bool is_absent(std::size_t i) const { return slots_[i] == &absent_; }
  /// An error where a hook has put a tensor in the place of something else.
  void check_absent(const ModuleBase& module) const;

 private:
  SmallVector<Tensor*, 6> slots_;
  Tensor absent_;
};

/// One call of a module that has hooks, step by step.
class HookedCall {
 public:
  HookedCall(ModuleBase& module, const HookSlot& hooks);
  ~HookedCall();
  HookedCall(const HookedCall&) = delete;
  HookedCall& operator=(const HookedCall&) = delete;

  TensorSlots inputs, outputs;

  /// Forward is called.
  void before() {
    if (kinds_ & ~(1U << static_cast<unsigned>(HookKind::forward))) run_before();
  }
  void after();   ///< it has been called
  void failed();  ///< runs the hooks that are always called and have not been: something was thrown

  /// The calls that this thread is in keep a table that is about to be replaced. So no call has to keep the usual one.
  static void keep(const Ref<HookTable>& table);

 private:
  bool has(HookKind kind) const { return kinds_ >> static_cast<unsigned>(kind) & 1U; }
  void take_global_hooks();
  void run_before();

  ModuleBase& module_;
  HookedCall* outer_;
  const HookTable* tables_[2] = {};  ///< of all modules, of this one
  Ref<HookTable> kept_[2];
  Ref<BackwardHooks> backward_;
  std::size_t forward_hooks_done_ = 0;
  unsigned kinds_ = 0;  ///< a bit for each kind of hooks that there are
};

/// What becomes of an argument that holds tensors in a hooked call. One that forward reads is copied, so that replacing
/// a tensor in it does not change the caller's variable; one that forward takes over is copied to it, so that later
/// hooks see it still. One that forward changes is the caller's own. What cannot be copied is not shown.
template <class A, class T = std::remove_cvref_t<A>>
struct Kept {
  static constexpr bool shown = tenon::detail::has_tensors<T>();
  static constexpr bool is_changed = std::is_lvalue_reference_v<A> && !std::is_const_v<std::remove_reference_t<A>>;
  static constexpr bool is_copied = shown && !is_changed && std::copy_constructible<T>;
  static constexpr bool is_taken = is_copied && !std::is_lvalue_reference_v<A>;
  /// Whether forward cannot change where the tensors stand, as it can in a list.
  static constexpr bool stays = !shown || std::is_base_of_v<Tensor, T>;
  using type = std::conditional_t<is_copied && !is_taken, T, A&&>;
  using passed = std::conditional_t<is_taken, T, A&&>;

  static void show(TensorSlots& slots, std::remove_reference_t<A>& argument) {
    if constexpr (shown && (is_copied || is_changed)) tenon::detail::add_tensors(slots, const_cast<T&>(argument));
    else slots.add_absent();
  }
};

template <class R, class... A>
[[gnu::always_inline]] inline R run_hooked(ModuleBase& module, const HookSlot& hooks, R (*forward)(ModuleBase&, A&&...),
                                           typename Kept<A>::type... arguments) {
  HookedCall call(module, hooks);
  const auto show_inputs = [&] { (Kept<A>::show(call.inputs, arguments), ...); };
  const auto show_inputs_again = [&] {
    if constexpr ((Kept<A>::stays && ...)) return;
    call.inputs.clear();
    show_inputs();
  };
  show_inputs();
  call.before();
  const auto guarded = [&]() -> R {
    try {
      return forward(module, static_cast<typename Kept<A>::passed>(arguments)...);
    } catch (...) {
      show_inputs_again();
      call.failed();
      throw;
    }
  };
  const auto finish = [&] {
    show_inputs_again();
    call.after();
  };
  if constexpr (std::is_void_v<R>) {
    guarded();
    finish();
  } else {
    std::conditional_t<std::is_reference_v<R>, R, std::remove_const_t<R>> result = guarded();
    tenon::detail::add_results(call.outputs, result);
    finish();
    if constexpr (std::is_reference_v<R>) return static_cast<R>(result);
    else return result;
  }
}

/// Where every call of a module with hooks passes. Apart from the class of the module, so that most modules share one.
template <class R, class... A>
R call_hooked(ModuleBase& module, const HookSlot& hooks, R (*forward)(ModuleBase&, A&&...), A&&... arguments) {
  return run_hooked<R, A...>(module, hooks, forward, std::forward<A>(arguments)...);
}

extern template Tensor call_hooked<Tensor, const Tensor&>(ModuleBase&, const HookSlot&,
                                                          Tensor (*)(ModuleBase&, const Tensor&), const Tensor&);
extern template Tensor call_hooked<Tensor, Tensor>(ModuleBase&, const HookSlot&, Tensor (*)(ModuleBase&, Tensor&&),
                                                   Tensor&&);

}  // namespace tenon::nn::detail

#pragma GCC visibility pop
