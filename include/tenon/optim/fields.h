#pragma once
// Fields: what an optimizer's options and a scheduler are saved and loaded by, each a name beside the member that it
// stands for. Named once, in one line; state dicts follow from it.
#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include <tenon/value.h>

#pragma GCC visibility push(default)

namespace tenon::optim {

/// What is written for a choice of PyTorch's that Tenon does not have. What a file holds there is not looked at.
enum class Carried { none, no };  // None, False

/// What a number must be: from low to high, with its ends or without, as the brackets say. NaN is in none.
struct Range {
  double low, high;
  std::string_view ends = "[]";
};
constexpr Range at_least(double low) { return {low, std::numeric_limits<double>::infinity(), "[)"}; }

/// How a number is printed: as Python's float, or a whole one without a point, where PyTorch's default is an int.
enum class Printed { as_float, whole };

namespace detail {

[[noreturn]] void fail_count(std::string_view whose, std::string_view name, std::size_t wanted, std::size_t found);
/// How many items a list or a tuple has; an error for anything else.
std::size_t item_count(const Value& list);

template <class T>
concept IsOptional = requires(T& x) {
  x.emplace();
  x.has_value();
};

template <class T>
void read(T& to, const Value& from, std::string_view name, std::string_view whose) {
  if constexpr (IsOptional<T>) {
    if (from.is_none()) to.reset();
    else read(to.emplace(), from, name, whose);
  } else if constexpr (requires { std::tuple_size<T>::value; }) {  // a std::array
    T all;
    if (const std::size_t found = item_count(from); found != all.size()) fail_count(whose, name, all.size(), found);
    for (std::size_t i = 0; i < all.size(); ++i) read(all[i], from[static_cast<int64_t>(i)], name, whose);
    to = all;
  } else {
    to = from.as<T>();
  }
}

}  // namespace detail

/// A member by its name in the state dict, and what it must be if it is a number, or each if it has several:
/// `{"lr", lr, at_least(0)}`, `{"betas", betas, Range{0, 1, "[)"}}`, `{"foreach", Carried::none}`. A bool, an integer,
/// a floating-point number, a std::string, a std::vector of numbers, or a std::optional (None where it is empty) or a
/// std::array (a tuple) of those; or something Carried. It refers to the member.
class Field {
 public:
  template <class T>
  Field(std::string_view name, T& member, std::optional<Range> range = {}, Printed printed = Printed::as_float)
      : name_(name),
        member_(&member),
        range_(range),
        printed_(printed),
        get_([](const void* m) { return Value(*static_cast<const T*>(m)); }),
        set_([](void* m, const Value& from, std::string_view key, std::string_view whose) {
          detail::read(*static_cast<T*>(m), from, key, whose);
        }) {
    static_assert(!std::is_const_v<T>, "a field is also loaded: the member must not be const");
  }
  Field(std::string_view name, Carried value) : name_(name), carried_(value) {}

  std::string_view name() const { return name_; }
  bool is_carried() const { return member_ == nullptr; }
  Value get() const { return member_ ? get_(member_) : carried_ == Carried::none ? Value() : Value(false); }
  /// Nothing where it is carried. An error where the value is of another type; it names the key of the Dict where the
  /// value stands.
  void set(const Value& value, std::string_view whose) const {
    if (member_) set_(member_, value, name_, whose);
  }
  /// As PyTorch prints it in an optimizer's group.
  std::string to_string() const;
  /// An error for a number that is out of range: "[SGD] expected lr ≥ 0, got -1".
  void check(std::string_view whose) const;

 private:
  std::string_view name_;
  void* member_ = nullptr;
  std::optional<Range> range_;
  Printed printed_ = Printed::as_float;
  Value (*get_)(const void*) = nullptr;
  void (*set_)(void*, const Value&, std::string_view, std::string_view) = nullptr;
  Carried carried_ = Carried::none;
};
/// In PyTorch's order.
using Fields = std::vector<Field>;

}  // namespace tenon::optim

#pragma GCC visibility pop
