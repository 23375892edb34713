#pragma once
// Errors of files: always the library's own, and with the file's name.
#include <string>
#include <string_view>
#include <utility>

#include "base/internal_api.h"

namespace tenon::io {

/// To be called while an exception is handled. Throws it again as an Error that names the file: an Error that did not,
/// too little memory, what the standard library's files and streams throw. What user code threw stays what it was.
TENON_INTERNAL_API [[noreturn]] void throw_named(std::string_view operation, const std::string& file);

/// What f() returns; see above for what it throws. `file` is empty where there is none.
template <class F>
decltype(auto) with_named_errors(std::string_view operation, const std::string& file, F&& f) {
  try {
    return std::forward<F>(f)();
  } catch (...) {
    throw_named(operation, file);
  }
}

}  // namespace tenon::io
