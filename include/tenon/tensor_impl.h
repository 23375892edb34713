#pragma once
// What a Tensor's handle points to. Users meet Tensor; this is public so that its accessors can be inlined.
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include <tenon/device.h>
#include <tenon/dtype.h>
#include <tenon/ref.h>
#include <tenon/shape.h>

#pragma GCC visibility push(default)

namespace tenon {

class Node;
struct LeafGrad;

/// A block of memory, shared by a tensor and its views.
struct Storage : RefCounted {
  Device device;
  std::byte* data = nullptr;  ///< 64-byte aligned where the library allocated it; null on the meta device
  int64_t nbytes = 0;
  std::atomic<uint32_t> version{0};  ///< counts changes in place, so that a saved tensor knows that it is stale
  /// Counts those that were recorded, so that a view knows that its grad_fn is stale.
  std::atomic<uint32_t> history{0};
  std::unique_ptr<std::function<void()>> on_release;  ///< for memory of the caller's

  static void destroy(Storage* s);
};

/// How a view came to be, which decides whether it may be changed in place while that is recorded: PyTorch's
/// CreationMeta.
enum class ViewKind : uint8_t { plain, no_grad, inference, one_of_several };

/// A tensor: where its elements lie in a storage, and its place on the tape. Made from a thread's free list.
struct TensorImpl : RefCounted {
  Ref<Storage> storage;
  std::byte* data = nullptr;  ///< the first element
  int64_t offset = 0;         ///< of the first element in the storage, in elements
  int64_t numel = 0;
  Shape sizes, strides;
  DType dtype = DType::float32;
  Device device;
  bool contiguous = true;       ///< cached
  bool requires_grad = false;   ///< of a leaf; a tensor with a grad_fn requires it as well
  bool inference = false;       ///< made in inference mode: never to be recorded
  bool wrapped_number = false;  ///< stands for a plain number: lowest rank in type promotion
  ViewKind kind = ViewKind::plain;
  std::atomic<uint32_t> history{0};  ///< of a view: its storage's, when `grad_fn` was found
  uint32_t output_nr = 0;            ///< which output of grad_fn this is
  Ref<Node> grad_fn;                 ///< of a view only valid while it is not stale(): see current_grad_fn()
  TensorImpl* base = nullptr;        ///< of a view: the tensor that it shows; see show()
  std::shared_ptr<LeafGrad> leaf;    ///< the gradient of a leaf or of one that retains it, and the leaf's accumulator

  TensorImpl();
  ~TensorImpl();
  static void destroy(TensorImpl* t);
  static void* operator new(std::size_t n);
  static void operator delete(void* p, std::size_t n);

  /// Becomes a view of x, or of what x shows, on x's storage. It holds its base, and that holds the storage, so
  /// `storage` is not counted here: a view costs one count.
  void show(TensorImpl& x);
  /// Is no view any more, and holds the storage itself.
  void show_nothing();
  /// Takes another storage. Views of this tensor keep the one that they have.
  void replace_storage(Ref<Storage> other);

  /// A view whose base has got another place on the tape since.
  bool stale() const {
    return base && history.load(std::memory_order_acquire) != storage->history.load(std::memory_order_relaxed);
  }
  bool grad_fn_set() const { return stale() ? base->on_tape() : grad_fn != nullptr; }
  bool on_tape() const { return requires_grad || grad_fn_set(); }
  const Ref<Node>& current_grad_fn() {
    if (stale()) [[unlikely]]
      find_grad_fn();
    return grad_fn;
  }

 private:
  void find_grad_fn();
  std::unique_ptr<std::vector<Ref<Storage>>> former_;  ///< storages that were replaced while views showed them
};

}  // namespace tenon

#pragma GCC visibility pop
