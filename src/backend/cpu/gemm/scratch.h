#pragma once
// Memory for the time of a product.
#include <cstdint>

#include "tensor/allocator.h"

namespace tenon::backend::cpu {

/// Of n elements (none is no error), 64-byte aligned, not initialised.
template <class T>
class Scratch {
 public:
  explicit Scratch(int64_t n) : bytes_(static_cast<std::size_t>(n) * sizeof(T)) {
    if (n > 0) data_ = static_cast<T*>(host::allocate(bytes_));
  }
  ~Scratch() {
    if (data_) host::deallocate(data_, bytes_);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  T* get() const { return data_; }

 private:
  std::size_t bytes_;
  T* data_ = nullptr;
};

}  // namespace tenon::backend::cpu
