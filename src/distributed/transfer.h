#pragma once
// What collective operations are made of, between processes that all take part: tensors are contiguous and on the CPU.
#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <tenon/distributed/collectives.h>
#include <tenon/tensor.h>

namespace tenon::distributed::detail {

/// float32 (3, 4)
std::string text_of(const Tensor& x);
void check_tensor(const char* operation, const Tensor& x);
void check_rank(const char* operation, const char* what, int64_t rank, const Communicator& c);

/// Those of a forward's outputs that a backward pass may begin with.
std::vector<Tensor> on_the_tape(const std::vector<Tensor>& outputs);

/// A tensor's type and shape, as they are sent.
struct Description {
  static constexpr std::size_t most_dims = 30;
  Description() = default;
  Description(const char* operation, const Tensor& x);
  DType dtype() const { return static_cast<DType>(numbers[0]); }
  Shape shape() const;
  bool operator==(const Description&) const = default;

  std::array<int64_t, most_dims + 2> numbers{};  ///< the type, how many dimensions, sizes
};

/// `job`, on the group's own thread where it is asynchronous, once all processes have called the same
/// (Communicator::run).
Work start(const Group& group, const char* operation, bool async, std::string call, std::function<void()> job);

/// x becomes, everywhere, the reduction of all processes' x.
void reduce_everywhere(Communicator& c, const Tensor& x, ReduceOp op);
/// The reduction of what all processes have for this one in their xs.
Tensor reduce_to_each(Communicator& c, const std::vector<Tensor>& xs, ReduceOp op);
/// x of process `source` is copied into everybody's.
void send_to_all(Communicator& c, const Tensor& x, int64_t source);

/// xs[r], which process r has, is copied into everybody's.
void gather_everywhere(Communicator& c, const std::vector<Tensor>& xs);

/// A tensor on its way to another process, or from it.
struct Parcel {
  int64_t rank;
  Tensor x;
};
/// All parcels at once. What goes from one process to another has the same size on both sides.
void exchange(Communicator& c, const std::vector<Parcel>& away, const std::vector<Parcel>& in);

/// away[r] goes to process r, and in[r] comes from it, but for this process's own.
void exchange_with_all(Communicator& c, const std::vector<Tensor>& away, const std::vector<Tensor>& in);

/// Everybody's shape, by rank.
std::vector<Shape> shapes_of_all(Communicator& c, const Tensor& x);
/// The shapes of what each process has for this one in its xs.
std::vector<Shape> shapes_from_each(Communicator& c, const std::vector<Tensor>& xs);
/// An empty tensor like the one that process `source` has for this one among its xs.
Tensor shape_from(Communicator& c, const std::vector<Tensor>& xs, int64_t source);

}  // namespace tenon::distributed::detail
