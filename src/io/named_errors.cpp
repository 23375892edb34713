#include "io/named_errors.h"

#include <new>
#include <stdexcept>
#include <system_error>

#include <tenon/error.h>

namespace tenon::io {

void throw_named(std::string_view operation, const std::string& file) {
  const std::string begin = file.empty() ? "" : file + ": ";
  try {
    throw;
  } catch (const Error& e) {
    std::string_view message = e.what();
    if (file.empty() || message.find(file) != message.npos) throw;
    message.remove_prefix(e.operation().size() + 3);  // "[operation] "
    fail(e.operation(), "{}{}", begin, message);
  } catch (const std::bad_alloc&) {
    fail(operation, "{}there is not enough memory", begin);
  } catch (const std::length_error&) {
    fail(operation, "{}it needs more memory than there can be", begin);
  } catch (const std::system_error& e) {  // std::filesystem's and streams', too
    fail(operation, "{}{}", begin, e.what());
  }
}

}  // namespace tenon::io
