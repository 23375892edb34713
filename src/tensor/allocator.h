#pragma once
// Memory for tensors, headers and tape nodes: 64-byte aligned, kept for reuse by thread and size class.
#include <cstddef>

#include "base/internal_api.h"

namespace tenon::host {

/// At least n bytes, 64-byte aligned. An error where there is not so much; it does not count the `header` among them.
TENON_INTERNAL_API void* allocate(std::size_t n, std::size_t header = 0);
/// Gives back what allocate(n) returned; on any thread.
TENON_INTERNAL_API void deallocate(void* p, std::size_t n) noexcept;
/// Returns what this thread and the shared pool keep to the system.
TENON_INTERNAL_API void release_cached() noexcept;

}  // namespace tenon::host
