#pragma once
// An intrusive, thread-safe reference count: one word in the object, one pointer in the handle.
#include <atomic>
#include <cstdint>
#include <utility>

#pragma GCC visibility push(default)

namespace tenon {

template <class T>
class Ref;

/// Base of what a Ref points to. T::destroy(T*) is called when the last Ref goes. A new object has one reference, its
/// maker's: see make_ref. That spares each tensor and node a locked instruction.
class RefCounted {
 public:
  RefCounted() = default;
  RefCounted(const RefCounted&) = delete;
  RefCounted& operator=(const RefCounted&) = delete;

  uint32_t use_count() const { return static_cast<uint32_t>(count_.load(std::memory_order_acquire)); }

 protected:
  template <class>
  friend class Ref;
  /// What a reference adds to the count: 1, or, where it has to be told from others, 1 in both halves.
  static constexpr uint64_t plain = 1, special = (uint64_t{1} << 32) + 1;
  bool has_special() const { return count_.load(std::memory_order_acquire) >= special; }
  void retain(uint64_t kind = plain) const { count_.fetch_add(kind, std::memory_order_relaxed); }
  bool release(uint64_t kind = plain) const {  // true: that was the last one
    // Nobody else can reach the object then: no read-modify-write.
    if (count_.load(std::memory_order_acquire) == kind) return true;
    return count_.fetch_sub(kind, std::memory_order_acq_rel) == kind;
  }

 private:
  mutable std::atomic<uint64_t> count_{plain};
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

  /// Wraps a pointer whose reference the caller already holds.
  static Ref adopt(T* p) {
    Ref r;
    r.p_ = p;
    return r;
  }
  void reset() {
    if (T* p = std::exchange(p_, nullptr); p && p->release()) T::destroy(p);
  }
  /// Gives the reference to the caller, who has to adopt it again.
  [[nodiscard]] T* release() { return std::exchange(p_, nullptr); }
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

/// A new T, and the reference to it that its maker has.
template <class T, class... A>
Ref<T> make_ref(A&&... arguments) {
  return Ref<T>::adopt(new T(std::forward<A>(arguments)...));
}

}  // namespace tenon

#pragma GCC visibility pop
