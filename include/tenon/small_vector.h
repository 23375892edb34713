#pragma once
// A vector whose first N elements lie inside it, so that shapes and edge lists need no allocation.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

#pragma GCC visibility push(default)

namespace tenon {

template <class T, std::size_t N>
class SmallVector {
 public:
  using value_type = T;
  using iterator = T*;
  using const_iterator = const T*;

  SmallVector() = default;
  explicit SmallVector(std::size_t n, const T& value = T()) { resize(n, value); }
  SmallVector(std::initializer_list<T> l) : SmallVector(l.begin(), l.end()) {}
  template <std::forward_iterator I>
  SmallVector(I first, I last) {
    const auto n = static_cast<std::size_t>(std::distance(first, last));
    reserve(n);
    std::uninitialized_copy(first, last, data_);
    size_ = static_cast<uint32_t>(n);
  }
  SmallVector(const SmallVector& o) { copy(o); }
  SmallVector(SmallVector&& o) noexcept { take(o); }
  SmallVector& operator=(const SmallVector& o) {
    if (this != &o) {
      clear();
      copy(o);
    }
    return *this;
  }
  SmallVector& operator=(SmallVector&& o) noexcept {
    if (this != &o) {
      discard();
      take(o);
    }
    return *this;
  }
  ~SmallVector() { discard(); }

  T* begin() { return data_; }
  T* end() { return data_ + size_; }
  const T* begin() const { return data_; }
  const T* end() const { return data_ + size_; }
  T* data() { return data_; }
  const T* data() const { return data_; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T& operator[](std::size_t i) { return data_[i]; }
  const T& operator[](std::size_t i) const { return data_[i]; }
  T& back() { return data_[size_ - 1]; }
  const T& back() const { return data_[size_ - 1]; }

  void reserve(std::size_t n) {
    if (n > capacity_) grow(n);
  }
  template <class... A>
  T& emplace_back(A&&... a) {
    if (size_ == capacity_) {
      T value(std::forward<A>(a)...);  // made first: an argument may be an element of this vector
      grow(std::size_t{2} * capacity_);
      return *::new (static_cast<void*>(data_ + size_++)) T(std::move(value));
    }
    return *::new (static_cast<void*>(data_ + size_++)) T(std::forward<A>(a)...);
  }
  void push_back(const T& x) { emplace_back(x); }
  void push_back(T&& x) { emplace_back(std::move(x)); }
  void pop_back() { data_[--size_].~T(); }
  void resize(std::size_t n, const T& value = T()) {
    if (n > capacity_) {
      // It may be an element of this vector. NOLINTNEXTLINE(performance-unnecessary-copy-initialization)
      const T copy(value);
      grow(n);
      std::uninitialized_fill(data_ + size_, data_ + n, copy);
    } else {
      while (size_ > n) pop_back();
      std::uninitialized_fill(data_ + size_, data_ + n, value);
    }
    size_ = static_cast<uint32_t>(n);
  }
  void clear() {
    std::destroy_n(data_, size_);
    size_ = 0;
  }
  void insert(std::size_t at, const T& x) {
    push_back(x);
    std::rotate(begin() + at, end() - 1, end());
  }
  void erase(std::size_t at) {
    std::move(begin() + at + 1, end(), begin() + at);
    pop_back();
  }
  bool operator==(const SmallVector& o) const { return std::equal(begin(), end(), o.begin(), o.end()); }

 private:
  T* inline_data() { return reinterpret_cast<T*>(inline_); }
  bool on_heap() { return data_ != inline_data(); }
  [[gnu::noinline]] void grow(std::size_t n) {  // rare: kept out of the callers' way
    T* fresh = std::allocator<T>().allocate(n);
    std::uninitialized_move_n(data_, size_, fresh);
    std::destroy_n(data_, size_);
    if (on_heap()) std::allocator<T>().deallocate(data_, capacity_);
    data_ = fresh;
    capacity_ = static_cast<uint32_t>(n);
  }
  void discard() {
    clear();
    if (on_heap()) std::allocator<T>().deallocate(data_, capacity_);
    data_ = inline_data();
    capacity_ = N;
  }
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // g++ 14 does not see that what o.size_ counts was written
#endif
  void copy(const SmallVector& o) {  // this is empty
    if constexpr (std::is_trivially_copyable_v<T> && N >= 4) {
      if (o.size_ <= 4) {
        // One by one: often they have just been written so, and a wider load would have to wait for those writes.
        switch (o.size_) {
          case 4: ::new (static_cast<void*>(data_ + 3)) T(o.data_[3]); [[fallthrough]];
          case 3: ::new (static_cast<void*>(data_ + 2)) T(o.data_[2]); [[fallthrough]];
          case 2: ::new (static_cast<void*>(data_ + 1)) T(o.data_[1]); [[fallthrough]];
          case 1: ::new (static_cast<void*>(data_)) T(o.data_[0]); [[fallthrough]];
          default: break;
        }
        size_ = o.size_;
        return;
      }
    }
    reserve(o.size_);
    std::uninitialized_copy(o.begin(), o.end(), data_);
    size_ = o.size_;
  }
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif
  void take(SmallVector& o) noexcept {  // this is empty and inline
    if (o.on_heap()) {
      data_ = std::exchange(o.data_, o.inline_data());
      size_ = std::exchange(o.size_, 0);
      capacity_ = std::exchange(o.capacity_, static_cast<uint32_t>(N));
    } else {
      std::uninitialized_move_n(o.data_, o.size_, data_);
      size_ = o.size_;
      o.clear();
    }
  }

  T* data_ = inline_data();
  uint32_t size_ = 0;
  uint32_t capacity_ = N;
  alignas(T) std::byte inline_[N * sizeof(T)];
};

}  // namespace tenon

#pragma GCC visibility pop
