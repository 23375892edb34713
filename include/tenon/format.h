#pragma once
// How Tenon's types are printed: by {fmt}, with the width and alignment that a string has, and by std::cout.
#include <algorithm>
#include <iosfwd>
#include <string>
#include <string_view>

#include <fmt/core.h>

#pragma GCC visibility push(default)

namespace tenon::detail {

/// The text as {:spec} formats a string. An error for what no string can be formatted with.
std::string formatted(std::string_view text, std::string_view spec);
std::ostream& put(std::ostream& out, std::string_view text);

/// The base of a formatter of what is a text. The text is copied by hand: clang++ does not find fmt::format_to in the
/// library that g++ made.
class TextFormatter {
 public:
  constexpr auto parse(fmt::format_parse_context& c) {
    const auto end = std::find(c.begin(), c.end(), '}');
    spec_ = std::string_view(c.begin(), static_cast<std::size_t>(end - c.begin()));
    return end;
  }

 protected:
  auto write(std::string_view text, fmt::format_context& c) const {
    if (spec_.empty()) return std::copy(text.begin(), text.end(), c.out());
    const std::string wide = formatted(text, spec_);
    return std::copy(wide.begin(), wide.end(), c.out());
  }

  std::string_view spec_;
};

/// Whether std::cout prints a T as {} does.
template <class T>
inline constexpr bool streams = false;

}  // namespace tenon::detail

namespace tenon {

template <class T>
requires(detail::streams<T>) std::ostream& operator<<(std::ostream& out, const T& x) {
  return detail::put(out, fmt::format("{}", x));
}

}  // namespace tenon

#pragma GCC visibility pop
