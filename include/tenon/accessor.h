#pragma once
// Elements by their indices, for loops of one's own.
#include <cstddef>
#include <cstdint>

#pragma GCC visibility push(default)

namespace tenon {

/// N dimensions of T with strides; a[i] is one dimension less, the last one an element. Nothing is checked.
template <class T, std::size_t N>
class Accessor {
  static_assert(N > 0, "a 0-dim tensor has no indices: use item()");

 public:
  Accessor(T* data, const int64_t* sizes, const int64_t* strides) : data_(data), sizes_(sizes), strides_(strides) {}

  decltype(auto) operator[](int64_t i) const {
    T* const at = data_ + i * strides_[0];
    if constexpr (N == 1) return *at;
    else return Accessor<T, N - 1>(at, sizes_ + 1, strides_ + 1);
  }
  int64_t size(std::size_t dim) const { return sizes_[dim]; }
  int64_t stride(std::size_t dim) const { return strides_[dim]; }
  T* data() const { return data_; }

 private:
  T* data_;
  const int64_t *sizes_, *strides_;
};

}  // namespace tenon

#pragma GCC visibility pop
