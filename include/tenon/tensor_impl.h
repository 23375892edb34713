#pragma once
// What a Tensor's handle points to. Users meet Tensor; this is public so that its accessors can be inlined.
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include <tenon/device.h>
#include <tenon/dtype.h>
#include <tenon/ref.h>
#include <tenon/shape.h>

namespace tenon {

class Node;
struct LeafGrad;

/// A block of memory, shared by a tensor and its views.
struct Storage : RefCounted {
  std::byte* data = nullptr;  ///< 64-byte aligned where the library allocated it; null on the meta device
  int64_t nbytes = 0;
  Device device;
  std::atomic<uint16_t> history{0};  ///< counts those that were recorded, so that a view taken before knows that it leads elsewhere
  std::atomic<uint32_t> version{0};  ///< counts changes in place, so that a saved tensor knows that it is stale
  std::function<void()> on_release;     ///< for memory of the caller's

  static void destroy(Storage* s);
};

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
  bool is_view = false;         ///< made by a view operation that the tape sees
  bool inference = false;       ///< made in inference mode: never to be recorded
  bool wrapped_number = false;  ///< stands for a plain number: lowest rank in type promotion
  uint16_t history = 0;         ///< of a view: its storage's, when it was taken
  uint32_t output_nr = 0;       ///< which output of grad_fn this is
  Ref<Node> grad_fn;
  std::unique_ptr<LeafGrad> leaf;  ///< a leaf's gradient and accumulator, once there is one

  TensorImpl();
  ~TensorImpl();
  static void destroy(TensorImpl* t);
  static void* operator new(std::size_t n);
  static void operator delete(void* p, std::size_t n);

  bool grad_fn_set() const { return grad_fn != nullptr; }
  bool on_tape() const { return requires_grad || grad_fn_set(); }
};

}  // namespace tenon
