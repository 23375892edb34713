#pragma once
// Room that a kernel needs beside its tensors.
#include <cstddef>
#include <memory>
#include <new>
#include <vector>

#include <tenon/error.h>

namespace tenon::backend::cpu {

/// What it throws where there is no memory is an Error, as a tensor's is.
template <class T>
struct WorkspaceAllocator {
  using value_type = T;

  WorkspaceAllocator() = default;
  template <class U>
  WorkspaceAllocator(const WorkspaceAllocator<U>&) {}
  T* allocate(std::size_t n) {
    try {
      return std::allocator<T>().allocate(n);
    } catch (const std::bad_alloc&) {
      fail("Tensor", "there is not enough memory for {} elements of {} bytes to compute with", n, sizeof(T));
    }
  }
  void deallocate(T* p, std::size_t n) noexcept { std::allocator<T>().deallocate(p, n); }
  bool operator==(const WorkspaceAllocator&) const = default;
};

template <class T>
using Workspace = std::vector<T, WorkspaceAllocator<T>>;

}  // namespace tenon::backend::cpu
