#pragma once
// How the items of a batch become the batch. Source: torch.utils.data.default_collate.
#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <tenon/creation.h>
#include <tenon/nn/packed_sequence.h>
#include <tenon/value.h>

#pragma GCC visibility push(default)

namespace tenon::data {

namespace detail {

/// Tensors of one shape and type, one behind the other: (B, …).
Tensor stacked(const std::vector<Tensor>& items);
/// Dicts with the same keys, of tensors, numbers and texts.
Dict stacked_dicts(const std::vector<Dict>& items);

struct AnyTensor {
  operator Tensor() const { return {}; }  // NOLINT: it stands for a member
};
/// How many members a struct has that is made of tensors; 0 for what is no such struct.
template <class T, class... A>
consteval std::size_t tensor_members() {
  if constexpr (!std::is_aggregate_v<T>) return 0;
  else if constexpr (sizeof...(A) < 8 && requires { T{A{}..., AnyTensor{}}; })
    return tensor_members<T, A..., AnyTensor>();
  else return sizeof...(A);
}
template <class T>
auto members(T& x) {
  constexpr std::size_t n = tensor_members<std::remove_const_t<T>>();
  static_assert(n > 0, "a struct of at most 8 tensors");
  if constexpr (n == 1) {
    auto& [a] = x;
    return std::tie(a);
  } else if constexpr (n == 2) {
    auto& [a, b] = x;
    return std::tie(a, b);
  } else if constexpr (n == 3) {
    auto& [a, b, c] = x;
    return std::tie(a, b, c);
  } else if constexpr (n == 4) {
    auto& [a, b, c, d] = x;
    return std::tie(a, b, c, d);
  } else if constexpr (n == 5) {
    auto& [a, b, c, d, e] = x;
    return std::tie(a, b, c, d, e);
  } else if constexpr (n == 6) {
    auto& [a, b, c, d, e, f] = x;
    return std::tie(a, b, c, d, e, f);
  } else if constexpr (n == 7) {
    auto& [a, b, c, d, e, f, g] = x;
    return std::tie(a, b, c, d, e, f, g);
  } else {
    auto& [a, b, c, d, e, f, g, h] = x;
    return std::tie(a, b, c, d, e, f, g, h);
  }
}

/// What numbers become as tensors, as in Python: integers int64, float float32, double float64.
template <class T>
using stored_t = std::conditional_t<std::same_as<T, bool> || std::floating_point<T>, T, int64_t>;

template <class T>
inline constexpr bool is_tuple = false;
template <class... T>
inline constexpr bool is_tuple<std::tuple<T...>> = true;
template <class A, class B>
inline constexpr bool is_tuple<std::pair<A, B>> = true;
template <class T>
inline constexpr bool is_array = false;
template <class T, std::size_t n>
inline constexpr bool is_array<std::array<T, n>> = true;

}  // namespace detail

/// Of items that are
///   tensors of one shape and type: a tensor (B, …); numbers: a tensor (B), of int64, bool, float32 or float64;
///   tuples, pairs: a tuple of what their parts become; std::array of tensors: such an array;
///   a struct of at most 8 tensors: such a struct; a Dict: a Dict; anything else: a vector of them.
/// `tensors` makes one of several tensors; an error of it says which shapes there were.
template <class TensorsToOne, class Item>
auto collate_by(const TensorsToOne& tensors, std::vector<Item> items) {
  const auto part = [&](auto get) {
    std::vector<std::remove_cvref_t<decltype(get(items[0]))>> parts;
    parts.reserve(items.size());
    for (auto&& item : items) parts.push_back(std::move(get(item)));
    return collate_by(tensors, std::move(parts));
  };
  if constexpr (std::convertible_to<Item, Tensor> && !std::is_arithmetic_v<Item>) {
    return tensors(std::vector<Tensor>(items.begin(), items.end()));
  } else if constexpr (std::is_arithmetic_v<Item>) {
    using Stored = detail::stored_t<Item>;
    const Tensor numbers = empty({static_cast<int64_t>(items.size())}, {dtype_of<Stored>(), kCPU});
    std::ranges::copy(items, numbers.template span<Stored>().begin());
    return numbers;
  } else if constexpr (std::same_as<Item, Dict>) {
    return detail::stacked_dicts(items);
  } else if constexpr (detail::is_tuple<Item>) {
    return [&]<std::size_t... k>(std::index_sequence<k...>) {
      return std::tuple{part([](Item & item) -> auto& { return std::get<k>(item); })...};
    }
    (std::make_index_sequence<std::tuple_size_v<Item>>());
  } else if constexpr (detail::is_array<Item>) {
    return [&]<std::size_t... k>(std::index_sequence<k...>) {
      return std::array{part([](Item & item) -> auto& { return item[k]; })...};
    }
    (std::make_index_sequence<std::tuple_size_v<Item>>());
  } else if constexpr (detail::tensor_members<Item>() > 0) {
    return [&]<std::size_t... k>(std::index_sequence<k...>) {
      return Item{part([](Item & item) -> auto& { return std::get<k>(detail::members(item)); })...};
    }
    (std::make_index_sequence<detail::tensor_members<Item>()>());
  } else {
    return items;
  }
}

/// What a DataLoader does unless told otherwise.
struct DefaultCollate {
  template <class Item>
  auto operator()(std::vector<Item> items) const {
    return collate_by(detail::stacked, std::move(items));
  }
};

/// The same for sequences of several lengths: tensors (length, *) are padded to the longest of the batch, (B, T, *).
struct PadCollate {
  double padding_value = 0;
  nn::utils::rnn::PaddingSide padding_side = nn::utils::rnn::PaddingSide::right;

  template <class Item>
  auto operator()(std::vector<Item> items) const {
    return collate_by([this](const std::vector<Tensor>& tensors) { return padded(tensors); }, std::move(items));
  }

 private:
  Tensor padded(const std::vector<Tensor>& tensors) const;
};

}  // namespace tenon::data

#pragma GCC visibility pop
