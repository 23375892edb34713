#pragma once
// Key: what a Dict finds its values by.
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <fmt/core.h>

#pragma GCC visibility push(default)

namespace tenon {

class Value;

/// A key of a Dict: mostly a string, or an integer (an optimizer numbers its parameters); anything that Python can
/// hash. Equality is Python's: 1, 1.0 and True are the same key. Prints as it is.
class Key {
 public:
  Key(const char* name) : key_(std::string(name)) {}
  Key(std::string_view name) : key_(std::string(name)) {}
  Key(std::string name) : key_(std::move(name)) {}
  template <std::integral T>
  requires(!std::same_as<T, bool> && !std::same_as<T, char>) Key(T number) : key_(static_cast<int64_t>(number)) {}
  /// None, a bool, a number, bytes, a tuple of such …; an error for a list, a dict, a set and a tensor.
  explicit Key(const Value& value);

  bool is_string() const { return key_.index() == 0; }
  bool is_integer() const { return key_.index() == 1; }
  const std::string& string() const&;  ///< an error for anything else
  std::string string() && { return std::as_const(*this).string(); }
  int64_t integer() const;        ///< an error for anything else
  Value value() const;            ///< the key as a value
  std::string to_string() const;  ///< a string without quotes, anything else as Python's repr
  std::string quoted() const;     ///< 'name' or 3, as messages write it
  bool operator==(const Key& o) const;
  std::size_t hash() const;

 private:
  std::variant<std::string, int64_t, std::shared_ptr<const Value>> key_;
};

}  // namespace tenon

template <>
struct fmt::formatter<tenon::Key> : tenon::detail::TextFormatter {
  auto format(const tenon::Key& k, fmt::format_context& c) const { return write(k.to_string(), c); }
};

#pragma GCC visibility pop
