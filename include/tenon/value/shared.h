#pragma once
// What a Value holds by reference: its copies are as good as deep, but what nobody changes is there once.
#include <atomic>
#include <concepts>
#include <cstdint>
#include <utility>

#pragma GCC visibility push(default)

namespace tenon::detail {

struct SharedNode {
  std::atomic<uint32_t> users{1};
  bool lent = false;           ///< somebody may hold a reference to change it by: it must not be shared from now on
  SharedNode* next = nullptr;  ///< among those that wait for their destruction

  SharedNode() = default;
  SharedNode(const SharedNode&) = delete;
  SharedNode& operator=(const SharedNode&) = delete;
  virtual ~SharedNode() = default;
  virtual SharedNode* copy() const = 0;
};

/// Refuses what is nested too deeply for functions that call themselves; each level of theirs holds one.
class Level {
 public:
  static constexpr int most = 1000;  ///< as many as Python's own recursion
  Level();
  ~Level();
  Level(const Level&) = delete;
  Level& operator=(const Level&) = delete;
};

/// Drops a reference. Destruction does not recurse, however deeply values are nested.
void drop(SharedNode* node) noexcept;
/// A reference more, or a copy of what was lent.
SharedNode* share(SharedNode* node);

/// A T by reference that behaves as a T by value.
template <class T>
class Shared {
 public:
  Shared(T value) : node_(new Node(std::move(value))) {}
  Shared(const Shared& o) : node_(share(o.node_)) {}
  Shared(Shared&& o) noexcept : node_(std::exchange(o.node_, nullptr)) {}
  Shared& operator=(const Shared& o) { return *this = Shared(o); }
  Shared& operator=(Shared&& o) noexcept {
    std::swap(node_, o.node_);
    return *this;
  }
  ~Shared() {
    if (node_) drop(node_);
  }

  const T& operator*() const { return static_cast<const Node*>(node_)->value; }
  const T* operator->() const { return &**this; }
  /// To be changed: nobody else sees it.
  T& lend() {
    if (node_->users.load(std::memory_order_acquire) > 1) *this = Shared(T(**this));
    node_->lent = true;
    return static_cast<Node*>(node_)->value;
  }
  /// Equal for handles of the same object.
  const void* identity() const { return node_; }

 private:
  struct Node final : SharedNode {
    explicit Node(T v) : value(std::move(v)) {}
    SharedNode* copy() const override {
      const Level level;
      return new Node(value);
    }
    T value;
  };
  SharedNode* node_;  // null only where it was moved from
};

}  // namespace tenon::detail

#pragma GCC visibility pop
