#include "call.h"

#include <cctype>
#include <charconv>
#include <cmath>

#include <fmt/core.h>

#include "bundle.h"

namespace tenon::parity {
namespace {

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text), rest_(text) {}

  std::vector<Call> calls() {
    take("then:");
    std::vector<Call> all{expression()};
    while (take("then") || take(",")) all.push_back(expression());
    take("concatenated as float64");  // how the results are put together shows in the type of the expected one
    if (take(":")) rest_ = {};
    skip_space();
    if (!rest_.empty()) not_understood();
    return all;
  }

 private:
  [[noreturn]] void not_understood() const { throw NotYet(fmt::format("nothing here replays '{}'", text_)); }

  void skip_space() {
    while (!rest_.empty() && rest_[0] == ' ') rest_.remove_prefix(1);
  }
  bool take(std::string_view token) {
    skip_space();
    if (!rest_.starts_with(token)) return false;
    rest_.remove_prefix(token.size());
    return true;
  }
  static bool starts_name(char c) { return std::isalpha(static_cast<unsigned char>(c)) || c == '_'; }
  static bool in_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.'; }

  std::string name() {
    std::size_t n = 0;
    while (n < rest_.size() && in_name(rest_[n])) ++n;
    std::string found(rest_.substr(0, n));
    rest_.remove_prefix(n);
    return found;
  }

  double number() {
    double x = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), x);
    if (error != std::errc()) not_understood();
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return take("^") ? std::pow(x, number()) : x;
  }

  // What stands between the brackets, up to and with the closing one.
  void arguments(Call& call, std::string_view closing) {
    call.has_arguments = true;
    if (take(closing)) return;
    do {
      Call one = expression();
      if (!one.has_arguments && take("=")) {
        call.named.push_back(expression());
        call.named.back().key = one.name;
      } else {
        call.arguments.push_back(std::move(one));
      }
    } while (take(","));
    if (!take(closing)) not_understood();
  }

  Call expression() {
    skip_space();
    Call call;
    if (take("{")) {
      call.name = "{}";
      arguments(call, "}");
    } else if (take("weights of ")) {
      call = expression();
      call.name = "weights of " + call.name;
    } else if (!rest_.empty() && starts_name(rest_[0])) {
      call.name = name();
      if (take("(")) arguments(call, ")");
    } else {
      call.value = number();
    }
    while (call.has_arguments && take(".")) {  // a method
      Call method;
      method.name = name();
      if (!take("(")) not_understood();
      method.arguments.push_back(std::move(call));
      arguments(method, ")");
      call = std::move(method);
    }
    return call;
  }

  std::string_view text_, rest_;
};

}  // namespace

const Call& Call::argument(std::size_t i) const {
  if (i >= arguments.size())
    throw NotYet(fmt::format("nothing here replays {} with {} arguments", name, arguments.size()));
  return arguments[i];
}

const Call* Call::find(std::string_view n) const {
  for (const Call& one : named)
    if (one.key == n) return &one;
  return nullptr;
}

double Call::number() const {
  if (name.empty()) return value;
  if (is("sqrt")) return std::sqrt(argument(0).number());
  throw NotYet(fmt::format("'{}' is no number", name));
}

int64_t Call::integer() const { return static_cast<int64_t>(number()); }

Shape Call::shape() const {
  if (name != "{}") throw NotYet(fmt::format("'{}' is no shape", name));
  Shape sizes;
  for (const Call& size : arguments) sizes.push_back(size.integer());
  return sizes;
}

std::vector<Call> parse_calls(std::string_view text) { return Parser(text).calls(); }

}  // namespace tenon::parity
