#include "values.h"

#include <set>

#include <fmt/format.h>

namespace tenon::parity {
namespace {

bool value_agrees(const Value& actual, const nlohmann::json& expected) {
  if (expected.is_null()) return actual.is_none();
  if (expected.is_boolean()) return actual.is<bool>() && actual.as<bool>() == expected.get<bool>();
  return expected.is_string() && actual.is<std::string>() && actual.as<std::string>() == expected.get<std::string>();
}

std::string keys_of(const Dict& dict) {
  std::set<std::string> keys;  // sorted, as those of nlohmann::json are
  for (const auto& [key, value] : dict) keys.insert(key.to_string());
  return fmt::format("{}", fmt::join(keys, ", "));
}
std::string keys_of(const nlohmann::json& object) {
  std::set<std::string> keys;
  for (const auto& [key, value] : object.items()) keys.insert(key);
  return fmt::format("{}", fmt::join(keys, ", "));
}

}  // namespace

void compare_value(Case& one, const std::string& what, const Value& actual, const nlohmann::json& expected,
                   const Bundle* bundle, const Tolerance& tolerance) {
  const auto differs = [&] {
    one.check(false, fmt::format("{}: {} instead of {}", what, actual.type_name(), expected.dump()));
  };
  if (expected.is_object() && expected.contains("tensor")) {
    if (!actual.is<Tensor>() || !bundle) return differs();
    one.compare(what, actual.as<Tensor>(), bundle->tensor(expected["tensor"].get<std::string>()), tolerance);
  } else if (expected.is_object()) {
    if (!actual.is<Dict>()) return differs();
    const auto& dict = actual.as<Dict>();
    if (const std::string keys = keys_of(dict); keys != keys_of(expected))
      return one.check(false, fmt::format("{}: keys {} instead of {}", what, keys, keys_of(expected)));
    for (const auto& [key, value] : dict)
      compare_value(one, what + "." + key.to_string(), value, expected[key.to_string()], bundle, tolerance);
  } else if (expected.is_array()) {
    if (!(actual.is<Value::List>() || actual.is<Tuple>()) || actual.size() != expected.size()) return differs();
    for (std::size_t i = 0; i < expected.size(); ++i)
      compare_value(one, fmt::format("{}[{}]", what, i), actual[i], expected[i], bundle, tolerance);
  } else if (expected.is_number()) {
    if (!actual.is<double>() && !actual.is<int64_t>()) return differs();
    one.compare(what, actual.as<double>(), expected.get<double>(), tolerance);
  } else {
    one.check(value_agrees(actual, expected), fmt::format("{}: {} instead of {}", what, actual, expected.dump()));
  }
}

}  // namespace tenon::parity
