#pragma once
// Which tensors a value of any type holds: a tensor, a standard container, a pair or tuple, an optional, a struct.
#include <concepts>
#include <cstddef>
#include <type_traits>
#include <utility>

#include <tenon/tensor.h>

#pragma GCC visibility push(default)

namespace tenon {
namespace nn {
class ModuleBase;
}

namespace detail {

// ---------------------------------------------------------------- the members of a struct, without their names
struct AnyValue {
  template <class T>
  operator T() const;
};
template <class T>
struct AnyBaseOf {
  template <class B>
  requires(std::is_base_of_v<B, T> && !std::is_same_v<B, T>) operator B() const;
};

/// How many members an aggregate has, up to 12; 0 where that cannot be told: it has a base, or a member that can
/// neither be made from {} nor be looked at in another way.
template <class T>
constexpr std::size_t member_count() {
// clang-format off
#define TENON_COUNT(n, ...)                                     \
  if constexpr (requires { T{__VA_ARGS__}; }) {                 \
    if constexpr (requires { T{__VA_ARGS__, AnyValue()}; }) return 0; \
    else return n;                                              \
  } else
  if constexpr (std::is_empty_v<T> || requires { T{AnyBaseOf<T>()}; }) return 0;
  else if constexpr (requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}}; }) return 0;
  else
    TENON_COUNT(12, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {})
    TENON_COUNT(11, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {})
    TENON_COUNT(10, {}, {}, {}, {}, {}, {}, {}, {}, {}, {})
    TENON_COUNT(9, {}, {}, {}, {}, {}, {}, {}, {}, {})
    TENON_COUNT(8, {}, {}, {}, {}, {}, {}, {}, {})
    TENON_COUNT(7, {}, {}, {}, {}, {}, {}, {})
    TENON_COUNT(6, {}, {}, {}, {}, {}, {})
    TENON_COUNT(5, {}, {}, {}, {}, {})
    TENON_COUNT(4, {}, {}, {}, {})
    TENON_COUNT(3, {}, {}, {})
    TENON_COUNT(2, {}, {})
    TENON_COUNT(1, {})
    return 0;
#undef TENON_COUNT
  // clang-format on
}

template <class T>
concept ShowsTensors = requires(T& value) {
  value.tenon_tensors([](auto&...) {});
};
template <class T>
concept TupleLike = requires {
  std::tuple_size<T>::value;
};
template <class T>
concept Struct =
    std::is_class_v<T> && std::is_aggregate_v<T> && !TupleLike<T> && !ShowsTensors<T> && (member_count<T>() > 0);

template <class T, class F, std::size_t... I>
decltype(auto) with_elements(T& value, F&& f, std::index_sequence<I...>) {
  using std::get;
  return f(get<I>(value)...);
}

/// f(members…) of a tuple, a pair, an array, a struct, or a class that shows its tensors itself:
/// `template <class F> decltype(auto) tenon_tensors(F&& f) { return f(hidden, cell); }`.
template <class T, class F>
decltype(auto) with_members(T& value, F&& f) {
  if constexpr (ShowsTensors<T>) {
    return value.tenon_tensors(std::forward<F>(f));
  } else if constexpr (TupleLike<T>) {
    return with_elements(value, f, std::make_index_sequence<std::tuple_size<T>::value>());
  } else {
    constexpr std::size_t n = member_count<T>();
#define TENON_MEMBERS(n_, ...)   \
  if constexpr (n == n_) {       \
    auto& [__VA_ARGS__] = value; \
    return f(__VA_ARGS__);       \
  } else
    TENON_MEMBERS(1, a)
    TENON_MEMBERS(2, a, b)
    TENON_MEMBERS(3, a, b, c)
    TENON_MEMBERS(4, a, b, c, d)
    TENON_MEMBERS(5, a, b, c, d, e)
    TENON_MEMBERS(6, a, b, c, d, e, g)
    TENON_MEMBERS(7, a, b, c, d, e, g, h)
    TENON_MEMBERS(8, a, b, c, d, e, g, h, i)
    TENON_MEMBERS(9, a, b, c, d, e, g, h, i, j)
    TENON_MEMBERS(10, a, b, c, d, e, g, h, i, j, k)
    TENON_MEMBERS(11, a, b, c, d, e, g, h, i, j, k, l) {
      auto& [a, b, c, d, e, g, h, i, j, k, l, m] = value;
      return f(a, b, c, d, e, g, h, i, j, k, l, m);
    }
#undef TENON_MEMBERS
  }
}

// ---------------------------------------------------------------- types that hold tensors
template <class T>
concept Compound = ShowsTensors<T> || TupleLike<T> || Struct<T>;
template <class T>
concept Iterable = requires(T& value) {
  typename T::value_type;
  requires !std::is_same_v<typename T::value_type, T>;
  value.begin() != value.end();
};
template <class T>
concept Optional = requires(T& value) {
  { value.has_value() } -> std::same_as<bool>;
  *value;
};

template <class T, class... Outer>
constexpr bool has_tensors();

template <class... Outer>
struct AnyHasTensors {
  template <class... M>
  std::bool_constant<(has_tensors<M, Outer...>() || ...)> operator()(M&...) const {
    return {};
  }
};

/// Whether a T may hold tensors that can be replaced. Outer: the types it is looked at within (a type may hold itself).
template <class T, class... Outer>
constexpr bool has_tensors() {
  if constexpr (std::is_array_v<T>) return has_tensors<std::remove_extent_t<T>, Outer...>();
  else if constexpr (std::is_const_v<T> || !std::is_class_v<T> || (std::is_same_v<T, Outer> || ...)) return false;
  else if constexpr (std::is_base_of_v<Tensor, T>) return true;
  else if constexpr (std::is_base_of_v<nn::ModuleBase, T>) return false;
  else if constexpr (Compound<T>)
    return decltype(with_members(std::declval<T&>(), AnyHasTensors<T, Outer...>()))::value;
  else if constexpr (Iterable<T>)
    return has_tensors<std::remove_reference_t<decltype(*std::declval<T&>().begin())>, T, Outer...>();
  else if constexpr (Optional<T>)
    return has_tensors<std::remove_reference_t<decltype(*std::declval<T&>())>, T, Outer...>();
  else return false;
}

// ---------------------------------------------------------------- the tensors themselves
/// Adds each tensor that the value holds.
template <class Slots, class T>
void add_tensors(Slots& slots, T& value) {
  if constexpr (!has_tensors<T>()) return;
  else if constexpr (std::is_base_of_v<Tensor, T>) slots.add(value);
  else if constexpr (Compound<T>) with_members(value, [&](auto&... member) { (add_tensors(slots, member), ...); });
  else if constexpr (Iterable<T> || std::is_array_v<T>)
    for (auto& element : value) add_tensors(slots, element);
  else if (value.has_value()) add_tensors(slots, *value);
}

/// One argument or result: its tensors, or an empty place.
template <class Slots, class T>
void add_element(Slots& slots, T& value) {
  if constexpr (has_tensors<T>()) add_tensors(slots, value);
  else slots.add_absent();
}

/// All results: the members of a pair, a tuple or a struct are results by themselves.
template <class Slots, class T>
void add_results(Slots& slots, T& value) {
  if constexpr (Compound<T>) with_members(value, [&](auto&... member) { (add_element(slots, member), ...); });
  else add_element(slots, value);
}

}  // namespace detail
}  // namespace tenon

#pragma GCC visibility pop
