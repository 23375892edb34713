#include <tenon/optim/fields.h>

#include <array>
#include <cmath>
#include <string>

#include <fmt/format.h>

#include <tenon/error.h>

namespace tenon::optim {
namespace {

bool contains(const Range& range, double x) {
  const bool low = range.ends[0] == '[' ? x >= range.low : x > range.low;
  return low && (range.ends[1] == ']' ? x <= range.high : x < range.high);
}

std::string text(const Range& range) {
  if (std::isinf(range.high)) return fmt::format("{} {}", range.ends[0] == '[' ? "≥" : ">", range.low);
  return fmt::format("in {}{}, {}{}", range.ends[0], range.low, range.high, range.ends[1]);
}

/// Python's str of it, whole numbers without a point.
Value whole(const Value& value) {
  if (value.is<double>()) {
    const auto x = value.as<double>();
    constexpr double exact = 1 << 30;
    return std::abs(x) <= exact && x == std::trunc(x) ? Value(static_cast<int64_t>(x)) : value;
  }
  if (!value.is<Tuple>()) return value;
  Tuple all = value.as<Tuple>();
  for (Value& item : all.items) item = whole(item);
  return all;
}

}  // namespace

std::string Field::to_string() const {
  const Value value = get();
  if (value.is<std::string>()) return value.as<std::string>();
  return (printed_ == Printed::whole ? whole(value) : value).to_string();
}

void Field::check(std::string_view whose) const {
  if (!range_) return;
  std::vector<double> numbers;
  const Value value = get();
  if (value.is<Tuple>() || value.is<Value::List>()) {
    for (std::size_t i = 0; i < value.size(); ++i)
      if (const Value& item = value[static_cast<int64_t>(i)]; !item.is_none()) numbers.push_back(item.as<double>());
  } else if (!value.is_none()) {
    numbers.push_back(value.as<double>());
  }
  for (const double x : numbers)
    if (!contains(*range_, x)) fail(whose, "expected {} {}, got {}", name_, text(*range_), fmt::join(numbers, " and "));
}

namespace detail {

void fail_count(std::string_view whose, std::string_view name, std::size_t wanted, std::size_t found) {
  constexpr std::array<std::string_view, 4> words{"no", "one", "two", "three"};
  if (wanted < words.size()) fail(whose, "expected {} numbers for '{}', found {}", words[wanted], name, found);
  fail(whose, "expected {} numbers for '{}', found {}", wanted, name, found);
}

std::size_t item_count(const Value& list) {
  if (list.is<Tuple>()) return list.size();
  return list.as<Value::List>().size();
}

}  // namespace detail
}  // namespace tenon::optim
