#pragma once
// Calling a module. What its forward() takes is known well enough that braces may be an argument: f(x, {.scale = 2}).
#include <concepts>
#include <cstddef>
#include <type_traits>
#include <utility>

#include <tenon/nn/hooked_call.h>

#pragma GCC visibility push(default)

namespace tenon::nn::detail {

template <std::size_t I, class... P>
struct NthType {};  // no `type` beyond the end: the overload of that many parameters drops out
template <std::size_t I, class First, class... Rest>
struct NthType<I, First, Rest...> : NthType<I - 1, Rest...> {};
template <class First, class... Rest>
struct NthType<0, First, Rest...> {
  using type = First;
};

// A forward() of more parameters is called as a generic one is: without braces.
inline constexpr std::size_t max_declared = 8;

template <class... P>
struct Parameters {
  static constexpr std::size_t count = sizeof...(P);
  template <std::size_t I>
  using Nth = typename NthType<I, P...>::type;
};

/// The parameters of a member function, from its pointer; nothing where there is none (overloaded or generic).
template <class Pointer>
struct Signature {};
template <class R, class C, class... P>
struct Signature<R (C::*)(P...)> : Parameters<P...> {};
template <class R, class C, class... P>
struct Signature<R (C::*)(P...) const> : Parameters<P...> {};
template <class R, class C, class... P>
struct Signature<R (C::*)(P...) noexcept> : Parameters<P...> {};
template <class R, class C, class... P>
struct Signature<R (C::*)(P...) const noexcept> : Parameters<P...> {};

/// What a call gives where forward gives an R. A reference to tensors may lead to what a hooked call keeps: it becomes
/// a value.
template <class R>
struct GivenFor {
  using T = std::remove_cvref_t<R>;
  static constexpr bool by_value = std::is_reference_v<R> && !std::is_same_v<R, std::add_lvalue_reference_t<T>> &&
                                   tenon::detail::has_tensors<T>() && std::copy_constructible<T>;
  using type = std::conditional_t<by_value, T, R>;
};
template <class R>
using Given = typename GivenFor<R>::type;

/// A variable of the caller's as one that is only read.
template <class A>
using Read = std::conditional_t<std::is_lvalue_reference_v<A>, const std::remove_reference_t<A>&, A>;

/// What is known of D::forward, and the way to it. Looked at only when a call is compiled: before, D is not complete.
/// TENON_MODULE makes it a friend, for forward need not be public.
template <class D>
struct Forward {
  template <class M>
  static auto pointer(int) -> std::type_identity<decltype(&M::forward)>;
  template <class M>
  static auto pointer(...) -> std::type_identity<void>;
  using Declared = Signature<typename decltype(pointer<D>(0))::type>;
  /// Whether forward is one function, so that its parameters' types are known.
  static constexpr bool declared = requires { requires Declared::count <= max_declared; };

  template <class M, class... A>
  static auto result(int) -> std::type_identity<decltype(std::declval<M&>().forward(std::declval<A>()...))>;
  template <class M, class... A>
  static void result(...);
  template <class... A>
  static constexpr bool takes = !std::is_void_v<decltype(result<D, A...>(0))>;
  /// What forward gives; M is D, or const D where the module that is called is const.
  template <class M, class... A>
  using Result = decltype(result<M, A...>(0));
  template <class... A>
  static constexpr bool takes_const = !std::is_void_v<Result<const D, A...>>;

  /// Where every call passes.
  template <class M, class... A>
  static auto run(M& module, A&&... arguments) -> Given<typename Result<M, A...>::type> {
    return run_shown(Types<A...>(), module, std::forward<A>(arguments)...);
  }

  /// The same where forward is overloaded or generic. Whether it only reads a variable of the caller's is not known
  /// then, but that it could.
  template <class M, class... A>
  static auto run_undeclared(M& module, A&&... arguments) -> Given<typename Result<M, A...>::type> {
    constexpr bool could_read = std::is_same_v<Result<M, A...>, Result<M, Read<A>...>>;
    using Shown = std::conditional_t<could_read, Types<Read<A>...>, Types<A...>>;
    return run_shown(Shown(), module, std::forward<A>(arguments)...);
  }

 private:
  template <class...>
  struct Types {};

  /// Hooks are shown the arguments as Shown. They may change a module that its forward does not.
  template <class... Shown, class M, class... A>
  [[gnu::always_inline]] static auto run_shown(Types<Shown...>, M& module, A&&... arguments)
      -> Given<typename Result<M, A...>::type> {
    auto& called = const_cast<D&>(module);
    try {
      if (is_hooked(called.tenon_state_.hooks)) [[unlikely]]
        return call_hooked<Given<typename Result<M, A...>::type>, Shown...>(
            called, called.tenon_state_.hooks, &plain<M, Shown...>, static_cast<Shown&&>(arguments)...);
      return module.forward(std::forward<A>(arguments)...);
    } catch (Error& error) {
      error.leaves(called);
      throw;
    }
  }
  template <class M, class... A>
  static auto plain(ModuleBase& module, A&&... arguments) -> Given<typename Result<M, A...>::type> {
    return static_cast<M&>(module).forward(std::forward<A>(arguments)...);
  }
};

template <class M, std::size_t I>
using Argument = typename Forward<M>::Declared::template Nth<I>;
template <class M, std::size_t... I>
concept TakesDeclared = Forward<M>::declared && Forward<M>::template takes<Argument<M, I>...>;
template <class M, class... A>
concept TakesUndeclared = !Forward<M>::declared && Forward<M>::template takes<A...>;
template <class M, class... A>
concept TakesNot = !Forward<M>::template takes<A...>;

/// A const module's call; `run` where its forward is const, too.
template <bool forward_is_const>
decltype(auto) call_const(const auto& run) {
  static_assert(forward_is_const,
                "this module is const, and its forward() is not: write `forward(...) const` if it changes nothing, or "
                "call the module by a reference that is not const");
  if constexpr (forward_is_const) return run();
}

/// The call with as many arguments as there are I, of the types that D's one forward() declares. With fewer arguments
/// than parameters the rest are forward's defaults.
template <class D, class Indices>
struct DeclaredCall;
template <class D, std::size_t... I>
struct DeclaredCall<D, std::index_sequence<I...>> {
  template <TakesDeclared<I...> M = D>
  decltype(auto) operator()(Argument<M, I>... arguments) {
    return Forward<D>::run(static_cast<D&>(*this), std::forward<Argument<M, I>>(arguments)...);
  }
  template <TakesDeclared<I...> M = D>
  decltype(auto) operator()(Argument<M, I>... arguments) const {
    return call_const<Forward<M>::template takes_const<Argument<M, I>...>>([&]() -> decltype(auto) {
      return Forward<M>::run(static_cast<const M&>(*this), std::forward<Argument<M, I>>(arguments)...);
    });
  }
};

/// Calling a module: of three ways one fits.
template <class D, class Counts = std::make_index_sequence<max_declared + 1>>
struct Call;
template <class D, std::size_t... N>
struct Call<D, std::index_sequence<N...>> : DeclaredCall<D, std::make_index_sequence<N>>... {
  // forward is one function
  using DeclaredCall<D, std::make_index_sequence<N>>::operator()...;
  // forward is overloaded or generic
  template <class... A, TakesUndeclared<A...> M = D>
  decltype(auto) operator()(A&&... arguments) {
    return Forward<D>::run_undeclared(static_cast<D&>(*this), std::forward<A>(arguments)...);
  }
  template <class... A, TakesUndeclared<A...> M = D>
  decltype(auto) operator()(A&&... arguments) const {
    return call_const<Forward<M>::template takes_const<A...>>([&]() -> decltype(auto) {
      return Forward<M>::run_undeclared(static_cast<const M&>(*this), std::forward<A>(arguments)...);
    });
  }
  // the arguments do not fit
  template <class... A, TakesNot<A...> M = D>
  void operator()(A&&...) const {
    static_assert(Forward<M>::template takes<A...>, "this module's forward() does not take these arguments");
  }
};

}  // namespace tenon::nn::detail

#pragma GCC visibility pop
