#include "distributed/transfer.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>
#include <tenon/ops.h>

#include "distributed/communicator.h"

namespace tenon::distributed::detail {
namespace {

/// Up to so many processes each one sends to each other one by itself; more leave the way to MPI.
constexpr int64_t most_pairs = 32;

/// f(first byte, how many) for each piece of x that may be one message.
template <class F>
void for_each_piece(const Communicator& c, const Tensor& x, F f) {
  auto* const bytes = static_cast<std::byte*>(x.raw_data());
  const int64_t most = c.options().message_bytes / x.element_size() * x.element_size();
  for (int64_t at = 0; at < x.nbytes(); at += most) f(bytes + at, static_cast<int>(std::min(most, x.nbytes() - at)));
}

MPI_Datatype mpi_type(DType t) {
  switch (t) {
    case DType::boolean:
    case DType::uint8: return MPI_UINT8_T;
    case DType::int8: return MPI_INT8_T;
    case DType::int16: return MPI_INT16_T;
    case DType::int32: return MPI_INT32_T;
    case DType::int64: return MPI_INT64_T;
    case DType::float64: return MPI_DOUBLE;
    default: return MPI_FLOAT;
  }
}

/// Bools are 0 or 1: or is their greatest, and their least.
ReduceOp without_sums(DType t, ReduceOp op) {
  if (t != boolean) return op;
  return op == ReduceOp::sum ? ReduceOp::max : op == ReduceOp::product ? ReduceOp::min : op;
}

MPI_Op mpi_op(ReduceOp op) {
  switch (op) {
    case ReduceOp::min: return MPI_MIN;
    case ReduceOp::max: return MPI_MAX;
    case ReduceOp::product: return MPI_PROD;
    default: return MPI_SUM;
  }
}

void reduce_into(Tensor& sum, const Tensor& x, ReduceOp op) {
  switch (op) {
    case ReduceOp::min: sum = minimum(sum, x); return;
    case ReduceOp::max: sum = maximum(sum, x); return;
    case ReduceOp::product: sum.mul_(x); return;
    default: sum.add_(x);
  }
}

}  // namespace

Work start(const Group& group, const char* operation, bool async, std::string call, std::function<void()> job) {
  return group.communicator().run(operation, std::move(call), async, [job = std::move(job)] {
    job();
    return std::vector<Tensor>();
  });
}

// ---- reductions

void reduce_everywhere(Communicator& c, const Tensor& x, ReduceOp op) {
  if (c.size() == 1 || x.numel() == 0) return;
  // What is chosen must be the same in all processes: MPI does not bring different calls together.
  constexpr int64_t few_bytes = 4096;
  if (!is_half(x.dtype()) && (c.size() > most_pairs || x.nbytes() <= few_bytes)) {
    for_each_piece(c, x, [&](std::byte* begin, int bytes) {
      MPI_Request request = MPI_REQUEST_NULL;
      check_mpi(MPI_Iallreduce(MPI_IN_PLACE, begin, bytes / static_cast<int>(x.element_size()), mpi_type(x.dtype()),
                               mpi_op(without_sums(x.dtype(), op)), c.data(), &request),
                "all_reduce");
      finish({&request, 1}, "all_reduce");
    });
    if (op == ReduceOp::mean) x.div_(c.size());
    return;
  }
  // Each process adds up a part of its own, in the order of ranks, and sends it to all. Half types are rounded once.
  const Tensor all = x.view({-1});
  std::vector<Tensor> parts;
  for (int64_t r = 0; r < c.size(); ++r) {
    const int64_t begin = x.numel() * r / c.size(), end = x.numel() * (r + 1) / c.size();
    parts.push_back(all.narrow(0, begin, end - begin));
  }
  parts[static_cast<std::size_t>(c.rank())].copy_(reduce_to_each(c, parts, op));
  gather_everywhere(c, parts);
}

Tensor reduce_to_each(Communicator& c, const std::vector<Tensor>& xs, ReduceOp op) {
  const auto own = static_cast<std::size_t>(c.rank());
  std::vector<Tensor> theirs;
  theirs.reserve(xs.size());
  for (std::size_t r = 0; r < xs.size(); ++r) theirs.push_back(r == own ? xs[own] : xs[own].new_empty(xs[own].shape()));
  exchange_with_all(c, xs, theirs);
  const DType type = xs[own].dtype();
  const ReduceOp simple = without_sums(type, op);
  Tensor sum = is_half(type) ? theirs[0].to(float32) : theirs[0].clone();
  for (std::size_t r = 1; r < theirs.size(); ++r) reduce_into(sum, theirs[r].to(sum.dtype()), simple);
  if (op == ReduceOp::mean) sum.div_(c.size());
  return sum.to(type);
}

// ---- copies

void send_to_all(Communicator& c, const Tensor& x, int64_t source) {
  if (c.size() > most_pairs) {
    for_each_piece(c, x, [&](std::byte* begin, int bytes) {
      MPI_Request request = MPI_REQUEST_NULL;
      check_mpi(MPI_Ibcast(begin, bytes, MPI_BYTE, static_cast<int>(source), c.data(), &request), "broadcast");
      finish({&request, 1}, "broadcast");
    });
    return;
  }
  std::vector<Parcel> away;
  for (int64_t r = 0; c.rank() == source && r < c.size(); ++r)
    if (r != source) away.push_back({r, x});
  if (c.rank() == source) exchange(c, away, {});
  else exchange(c, {}, {{source, x}});
}

void gather_everywhere(Communicator& c, const std::vector<Tensor>& xs) {
  if (c.size() > most_pairs)
    for (std::size_t r = 0; r < xs.size(); ++r) send_to_all(c, xs[r], static_cast<int64_t>(r));
  else exchange_with_all(c, std::vector<Tensor>(xs.size(), xs[static_cast<std::size_t>(c.rank())]), xs);
}

void exchange_with_all(Communicator& c, const std::vector<Tensor>& away, const std::vector<Tensor>& in) {
  std::vector<Parcel> to, from;
  for (std::size_t r = 0; r < away.size(); ++r) {
    const auto rank = static_cast<int64_t>(r);
    if (rank == c.rank()) continue;
    to.push_back({rank, away[r]});
    from.push_back({rank, in[r]});
  }
  exchange(c, to, from);
}

void exchange(Communicator& c, const std::vector<Parcel>& away, const std::vector<Parcel>& in) {
  std::vector<MPI_Request> requests;
  const auto start = [&](const std::vector<Parcel>& parcels, auto begin_one) {
    for (const Parcel& p : parcels)
      for_each_piece(c, p.x, [&](std::byte* begin, int bytes) {
        MPI_Request request = MPI_REQUEST_NULL;
        check_mpi(begin_one(begin, bytes, static_cast<int>(p.rank), &request), "exchange");
        requests.push_back(request);
      });
  };
  start(in,
        [&](std::byte* p, int n, int from, MPI_Request* r) { return MPI_Irecv(p, n, MPI_BYTE, from, 0, c.data(), r); });
  start(away,
        [&](std::byte* p, int n, int to, MPI_Request* r) { return MPI_Isend(p, n, MPI_BYTE, to, 0, c.data(), r); });
  finish(requests, "exchange");
}

// ---- types and shapes

std::string text_of(const Tensor& x) { return fmt::format("{} {}", x.dtype(), x.shape().to_string()); }

void check_tensor(const char* operation, const Tensor& x) {
  if (!x.defined()) fail(operation, "expected a tensor, got an undefined one");
  if (x.device() != kCPU) fail(operation, "expected a tensor on the CPU, got one on {}", x.device());
}

std::vector<Tensor> on_the_tape(const std::vector<Tensor>& outputs) {
  std::vector<Tensor> recorded;
  for (const Tensor& y : outputs)
    if (y.defined() && y.requires_grad()) recorded.push_back(y);
  return recorded;
}

void check_rank(const char* operation, const char* what, int64_t rank, const Communicator& c) {
  if (rank < 0 || rank >= c.size()) fail(operation, "expected {} from 0 to {}, got {}", what, c.size() - 1, rank);
}

Description::Description(const char* operation, const Tensor& x) {
  if (x.dim() > static_cast<int64_t>(most_dims))
    fail(operation, "expected {} dimensions at most, got {}", most_dims, x.dim());
  numbers[0] = static_cast<int64_t>(x.dtype());
  numbers[1] = x.dim();
  std::copy(x.shape().begin(), x.shape().end(), numbers.begin() + 2);
}

Shape Description::shape() const {
  Shape shape;
  for (int64_t i = 0; i < numbers[1]; ++i) shape.push_back(numbers[static_cast<std::size_t>(i) + 2]);
  return shape;
}

namespace {
std::vector<Shape> shapes_of(const std::vector<Description>& all) {
  std::vector<Shape> shapes;
  shapes.reserve(all.size());
  for (const Description& d : all) shapes.push_back(d.shape());
  return shapes;
}
std::vector<Description> described(const char* operation, const std::vector<Tensor>& xs) {
  std::vector<Description> all;
  all.reserve(xs.size());
  for (const Tensor& x : xs) all.emplace_back(operation, x);
  return all;
}
}  // namespace

std::vector<Shape> shapes_of_all(Communicator& c, const Tensor& x) {
  const Description own("all_gather", x);
  if (c.size() == 1) return {x.shape()};
  std::vector<Description> all(c.ranks().size());
  constexpr int count = std::tuple_size_v<decltype(own.numbers)>;
  check_mpi(MPI_Allgather(own.numbers.data(), count, MPI_INT64_T, all.data(), count, MPI_INT64_T, c.data()),
            "all_gather");
  return shapes_of(all);
}

std::vector<Shape> shapes_from_each(Communicator& c, const std::vector<Tensor>& xs) {
  const std::vector<Description> own = described("all_to_all", xs);
  std::vector<Description> all(xs.size());
  if (c.size() == 1) return {xs[0].shape()};
  constexpr int count = std::tuple_size_v<decltype(Description::numbers)>;
  check_mpi(MPI_Alltoall(own.data(), count, MPI_INT64_T, all.data(), count, MPI_INT64_T, c.data()), "all_to_all");
  return shapes_of(all);
}

Tensor shape_from(Communicator& c, const std::vector<Tensor>& xs, int64_t source) {
  const std::vector<Description> all = described("scatter", xs);
  Description own = all.empty() ? Description() : all[static_cast<std::size_t>(c.rank())];
  constexpr int count = std::tuple_size_v<decltype(own.numbers)>;
  if (c.size() > 1)
    check_mpi(MPI_Scatter(all.data(), count, MPI_INT64_T, c.rank() == source ? MPI_IN_PLACE : own.numbers.data(), count,
                          MPI_INT64_T, static_cast<int>(source), c.data()),
              "scatter");
  return empty(own.shape(), {own.dtype()});
}

}  // namespace tenon::distributed::detail
