#pragma once
// Values as Python prints them, for extra_repr().
#include <string>
#include <string_view>

#include <fmt/core.h>

namespace tenon::nn {

inline std::string_view repr(bool value) { return value ? "True" : "False"; }

/// 0.5, 1e-05, 1.0: fmt writes what Python does but for the ".0" of a whole number.
inline std::string repr(double value) {
  std::string text = fmt::format("{}", value);
  if (text.find_first_not_of("-0123456789") == text.npos) text += ".0";
  return text;
}

}  // namespace tenon::nn
