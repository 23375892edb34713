#pragma once
// An intrusive, thread-safe reference count: one word in the object, one pointer in the handle.
#include <atomic>
#include <cstdint>
#include <utility>

namespace tenon {

template <class T>
class Ref;

/// Base of what a Ref points to. T::destroy(T*) is called when the last Ref goes.
class RefCounted {
 public:
  RefCounted() = default;
  RefCounted(const RefCounted&) = delete;
  RefCounted& operator=(const RefCounted&) = delete;

  uint32_t use_count() const { return count_.load(std::memory_order_acquire); }

  /// Takes a reference unless the count has already fallen to zero (for weak caches).
  bool try_retain() const {
    uint32_t n = count_.load(std::memory_order_relaxed);
    while (n != 0)
      if (count_.compare_exchange_weak(n, n + 1, std::memory_order_acquire, std::memory_order_relaxed)) return true;
    return false;
  }

 private:
  template <class>
  friend class Ref;
  void retain() const { count_.fetch_add(1, std::memory_order_relaxed); }
  bool release() const {  // true: that was the last one
    // A sole owner needs no read-modify-write: nobody else can reach the object. It must still be seen as zero by try_retain.
    if (count_.load(std::memory_order_acquire) == 1 && !weakly_reachable_) return true;
    return count_.fetch_sub(1, std::memory_order_acq_rel) == 1;
  }
  mutable std::atomic<uint32_t> count_{0};

 protected:
  bool weakly_reachable_ = false;  // set where a weak cache may call try_retain
};

/// A shared handle. Moving does not touch the count.
template <class T>
class Ref {
 public:
  Ref() = default;
  Ref(std::nullptr_t) {}
  explicit Ref(T* p) : p_(p) {
    if (p_) p_->retain();
  }
  Ref(const Ref& o) : p_(o.p_) {
    if (p_) p_->retain();
  }
  Ref(Ref&& o) noexcept : p_(std::exchange(o.p_, nullptr)) {}
  Ref& operator=(const Ref& o) {
    Ref(o).swap(*this);
    return *this;
  }
  Ref& operator=(Ref&& o) noexcept {
    Ref(std::move(o)).swap(*this);
    return *this;
  }
  ~Ref() { reset(); }

  /// Wraps a pointer whose reference the caller already holds (after try_retain).
  static Ref adopt(T* p) {
    Ref r;
    r.p_ = p;
    return r;
  }
  void reset() {
    if (T* p = std::exchange(p_, nullptr); p && p->release()) T::destroy(p);
  }
  void swap(Ref& o) noexcept { std::swap(p_, o.p_); }
  T* get() const { return p_; }
  T* operator->() const { return p_; }
  T& operator*() const { return *p_; }
  explicit operator bool() const { return p_ != nullptr; }
  bool operator==(const Ref& o) const { return p_ == o.p_; }
  bool operator==(std::nullptr_t) const { return p_ == nullptr; }

 private:
  T* p_ = nullptr;
};

}  // namespace tenon
