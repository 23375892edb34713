#include <tenon/error.h>

#include <fmt/format.h>

namespace tenon {

Error::Error(std::string_view operation, std::string_view message)
    : std::runtime_error(fmt::format("[{}] {}", operation, message)), operation_(operation) {}

void Error::leaves_backward(std::string_view operation) noexcept {
  // What the backward pass itself refuses names the operation already.
  if (!text_.empty() || operation == operation_ || operation_ == "backward") return;
  try {
    text_ = fmt::format("backward of {}: {}", operation, what());
  } catch (...) {  // there is no memory to say more
  }
}

void detail::fail_formatted(std::string_view operation, fmt::string_view format, fmt::format_args arguments) {
  throw Error(operation, fmt::vformat(format, arguments));
}

}  // namespace tenon
