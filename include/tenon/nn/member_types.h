#pragma once
// Which types lead to parameters, buffers or modules.
#include <concepts>
#include <type_traits>

#include <tenon/nn/module_base.h>

#pragma GCC visibility push(default)

namespace tenon::nn::detail {

template <class>
inline constexpr bool never = false;

template <class U>
concept MapLike = requires(U& u) {
  typename U::mapped_type;
  u.begin();
};
template <class U>
concept RangeLike = requires(U& u) {
  typename U::value_type;
  requires !std::same_as<typename U::value_type, U>;
  u.begin();
};
template <class U>
concept MaybeLike = requires(U& u) {  // a smart pointer, an optional
  static_cast<bool>(u);
  u.reset();
  *u;
};
/// A container of the library's own. For clone() it has `U tenon_clone(Cloner&)`, too.
template <class U>
concept SelfVisiting = requires(U& u, Visitor& v) {
  u.tenon_visit(v);
};

template <class U>
concept SharingModule = requires(U& u) {  // nn::Shared
  u.tenon_pointer();
};

template <class U>
struct is_untracked : std::false_type {};
template <class T>
struct is_untracked<Untracked<T>> : std::true_type {
  using type = T;
};
template <class U>
inline constexpr bool is_untracked_module = false;
template <std::derived_from<ModuleBase> T>
inline constexpr bool is_untracked_module<Untracked<T>> = true;

template <class U>
constexpr bool leads_to_state();

template <class U>
struct arguments_lead_to_state : std::false_type {};
template <template <class...> class C, class... A>
struct arguments_lead_to_state<C<A...>> : std::bool_constant<(leads_to_state<A>() || ...)> {};

/// Whether a U is, holds, points to, or may hide a tensor or a module.
template <class U>
constexpr bool leads_to_state() {
  if constexpr (std::is_pointer_v<U>) return leads_to_state<std::remove_cv_t<std::remove_pointer_t<U>>>();
  else if constexpr (std::is_array_v<U>) return leads_to_state<std::remove_all_extents_t<U>>();
  else if constexpr (!std::is_class_v<U> || !requires { sizeof(U); } || is_untracked<U>::value) return false;
  else if constexpr (std::derived_from<U, ModuleBase> || std::derived_from<U, Tensor> || SelfVisiting<U>) return true;
  else if constexpr (RangeLike<U>) return leads_to_state<typename U::value_type>();
  else return arguments_lead_to_state<U>::value;
}

}  // namespace tenon::nn::detail

#pragma GCC visibility pop
