#pragma once
// The library's one exception and the way it is thrown.
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>

namespace tenon {

/// What every failing call throws: `[operation] what was expected, what was given, what to do`.
class Error : public std::runtime_error {
 public:
  Error(std::string_view operation, std::string_view message);
  /// The name in brackets, for example "Linear" or "cross_entropy".
  const std::string& operation() const { return operation_; }

 private:
  std::string operation_;
};

namespace detail {
[[noreturn]] void fail_formatted(std::string_view operation, fmt::string_view format, fmt::format_args arguments);
}

/// Throws Error(operation, fmt::format(format, arguments...)).
template <class... A>
[[noreturn]] void fail(std::string_view operation, fmt::format_string<A...> format, A&&... arguments) {
  detail::fail_formatted(operation, format, fmt::make_format_args(arguments...));
}

}  // namespace tenon
