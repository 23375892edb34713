#pragma once
// Operations that all processes of a group take part in. Source: torch.distributed.
//
// Every process calls the same operations in the same order. Where types, shapes or operations differ, each of them
// throws an error that names two processes and what they have called; one that waits longer than the timeout says who
// has not come, and the group cannot be used any more. Tensors lie on the CPU, in any layout, and may be empty; nothing
// is recorded. With async_op = true a call returns at once: until its wait() the tensors belong to it.
#include <cstdint>
#include <memory>
#include <vector>

#include <tenon/distributed/world.h>
#include <tenon/tensor.h>

#pragma GCC visibility push(default)

namespace tenon::distributed {

namespace detail {
struct WorkState;
}

/// An operation that may still be going on. Source: torch.distributed.Work.
class Work {
 public:
  Work() = default;  ///< nothing: it is completed
  bool is_completed() const;
  /// Until it is over; throws what went wrong in it.
  void wait() const;
  /// What came of it, after wait(): the tensor that was changed in place, or those that were received.
  std::vector<Tensor> result() const;

  // ---- for the library itself
  explicit Work(std::shared_ptr<detail::WorkState> state) : state_(std::move(state)) {}

 private:
  std::shared_ptr<detail::WorkState> state_;
};

/// How elements of several processes become one. `mean` is of floating-point numbers only; of bools `sum` and `max` are
/// or, `product` and `min` are and.
enum class ReduceOp : uint8_t { sum, mean, min, max, product };

struct ReduceOptions {
  ReduceOp op = ReduceOp::sum;
  Group group = {};
  bool async_op = false;
};
struct CollectiveOptions {
  Group group = {};
  bool async_op = false;
};

/// Each process's x becomes the reduction of all, the same to the bit everywhere. float16 and bfloat16 are added up in
/// float32, in the order of ranks, and rounded once. Source: torch.distributed.all_reduce.
Work all_reduce(const Tensor& x, const ReduceOptions& options = {});
/// x of process `source` (its number in the group) is copied into everybody's. Source: torch.distributed.broadcast.
Work broadcast(const Tensor& x, int64_t source = 0, const CollectiveOptions& options = {});
/// Everybody's x, in the order of ranks; shapes may differ. Source: torch.distributed.all_gather.
Work all_gather(const Tensor& x, const CollectiveOptions& options = {});
/// As all_gather, at process `destination` alone: the others' result is empty. Source: torch.distributed.gather.
Work gather(const Tensor& x, int64_t destination = 0, const CollectiveOptions& options = {});
/// Each process gets one of the tensors that process `source` gives, one for each rank; the others give none. Shapes
/// may differ. Source: torch.distributed.scatter.
Work scatter(const std::vector<Tensor>& xs, int64_t source = 0, const CollectiveOptions& options = {});
/// Everybody gives a tensor for each rank; process r gets the reduction of all r-th ones. Source:
/// torch.distributed.reduce_scatter.
Work reduce_scatter(const std::vector<Tensor>& xs, const ReduceOptions& options = {});
/// Everybody gives a tensor for each rank; process r gets all r-th ones, in the order of ranks. Shapes may differ.
/// Source: torch.distributed.all_to_all.
Work all_to_all(const std::vector<Tensor>& xs, const CollectiveOptions& options = {});
/// Returns when everybody has come. Source: torch.distributed.barrier.
Work barrier(const CollectiveOptions& options = {});

struct MessageOptions {
  Group group = {};
  int64_t tag = 0;  ///< from 0 on: a message is received by the same
  bool async_op = false;
};
/// x goes to process `destination`, which calls recv(). Source: torch.distributed.send.
Work send(const Tensor& x, int64_t destination, const MessageOptions& options = {});
/// x becomes what process `source` sends, which must be of its type and shape. Source: torch.distributed.recv.
Work recv(const Tensor& x, int64_t source, const MessageOptions& options = {});

}  // namespace tenon::distributed

#pragma GCC visibility pop
