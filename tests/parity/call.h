#pragma once
// A call as rng.json writes it, `randint(-5, 2^40, {50})` or `dropout(ones(4,6).t(), p=0.5)`, taken apart.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tenon/shape.h>

namespace tenon::parity {

/// A number, a name, a list in braces ("{}"), or a call; a method's object is its first argument.
struct Call {
  std::string name;             ///< empty for a number
  double value = 0;             ///< of a number
  bool has_arguments = false;   ///< a call or a list, not just a name
  std::vector<Call> arguments;  ///< those without a name
  std::vector<Call> named;      ///< those that are given as key=…
  std::string key;              ///< of such an argument

  bool is(std::string_view n) const { return name == n && has_arguments; }
  /// Argument i; NotYet where there is none: then this is not the call that it looks like.
  const Call& argument(std::size_t i) const;
  const Call* find(std::string_view n) const;  ///< null where not given

  double number() const;  ///< its value; also of sqrt(…)
  int64_t integer() const;
  Shape shape() const;  ///< of {30,20}
};

/// One or more calls, whose results are put one after the other: `dropout(ones(3), p=0) then rand(2)`. What follows a
/// colon explains. NotYet where it cannot be read.
std::vector<Call> parse_calls(std::string_view text);

}  // namespace tenon::parity
