#pragma once
// The library's locks while the process forks.
#include <cstdint>
#include <mutex>

namespace tenon {

/// The locks of which the process has one each, in the order in which one is taken inside another.
enum class ProcessLock : uint8_t {
  lapack,
  hooks,
  view,
  function_names,
  mapped_files,
  allowed,
  print,
  generator,
  memory
};

/// From now on fork() waits until nobody holds the lock: the child, which lacks the other threads, finds it free and
/// what it guards whole. Called for each while the library is loaded, for a mutex that lives as long as the process.
bool hold_across_forks(ProcessLock which, std::mutex& mutex);

/// For whoever takes one of these locks again and again, to hold it for long: lets a fork that waits for it go first.
void let_forks_pass();

}  // namespace tenon
