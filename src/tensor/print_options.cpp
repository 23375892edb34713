#include <tenon/print.h>

#include <mutex>

#include <tenon/error.h>

#include "base/fork.h"

namespace tenon {
namespace {

std::mutex mutex;
[[maybe_unused]] const bool is_held = hold_across_forks(ProcessLock::print, mutex);
PrintOptions current;

}  // namespace

PrintOptions get_printoptions() {
  const std::lock_guard lock(mutex);
  return current;
}

void set_printoptions(const PrintChanges& changes) {
  const std::lock_guard lock(mutex);
  PrintOptions next = current;
  if (changes.profile == "default") next = {};
  else if (changes.profile == "short") next = {.precision = 2, .edgeitems = 2};
  else if (changes.profile == "full") next = {.threshold = PrintOptions::unlimited};
  else if (!changes.profile.empty())
    fail("set_printoptions", "expected the profile \"default\", \"short\" or \"full\", got \"{}\"", changes.profile);
  const auto set = [](int64_t& option, const std::optional<int64_t>& value, const char* name) {
    if (!value) return;
    if (*value < 0) fail("set_printoptions", "expected {} of 0 or more, got {}", name, *value);
    option = *value;
  };
  set(next.precision, changes.precision, "a precision");
  set(next.threshold, changes.threshold, "a threshold");
  set(next.edgeitems, changes.edgeitems, "edgeitems");
  set(next.linewidth, changes.linewidth, "a linewidth");
  next.sci_mode = changes.sci_mode;
  current = next;
}

PrintOptionsGuard::~PrintOptionsGuard() {
  const std::lock_guard lock(mutex);
  current = before_;
}

}  // namespace tenon
