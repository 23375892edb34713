#pragma once
// The library's one exception and the way it is thrown.
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#pragma GCC visibility push(default)

namespace tenon {

namespace nn {
class ModuleBase;
}

/// What every failing call throws: `[operation] what was expected, what was given, what to do`. Where it left a module
/// below the one that was called, that one's path and class come first: `layers.2.norm (LayerNorm): expected …`.
class Error : public std::runtime_error {
 public:
  Error(std::string_view operation, std::string_view message);
  const char* what() const noexcept override { return text_.empty() ? std::runtime_error::what() : text_.c_str(); }
  /// The name in brackets, for example "Linear" or "cross_entropy".
  const std::string& operation() const { return operation_; }
  /// The path of the module whose forward failed, from the one that was called; empty where that one failed itself.
  const std::string& module_path() const { return path_; }

  // ---- for the library itself
  /// It leaves the forward of `module`.
  void leaves(nn::ModuleBase& module) noexcept;
  /// It leaves the backward of an operation: the first one is named.
  void leaves_backward(std::string_view operation) noexcept;

 private:
  std::string operation_, path_, text_;
  const nn::ModuleBase* module_ = nullptr;  ///< the last one that it left: only an address
  std::string class_;                       ///< of the module at path_
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

#pragma GCC visibility pop
