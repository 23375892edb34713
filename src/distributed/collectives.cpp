// Each collective operation: what is said of the call so that processes can compare it, and what MPI is asked for.
#include <tenon/distributed/collectives.h>

#include <array>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <tenon/ops.h>

#include "distributed/communicator.h"
#include "distributed/transfer.h"

namespace tenon::distributed {
namespace {

using detail::check_rank;
using detail::check_tensor;
using detail::Communicator;
using detail::text_of;

constexpr std::array op_names{"sum", "mean", "min", "max", "product"};
const char* name_of(ReduceOp op) { return op_names[static_cast<std::size_t>(op)]; }

void check_reducible(const char* operation, const Tensor& x, ReduceOp op) {
  if (is_carried(x.dtype()) || x.is_complex()) fail(operation, "expected numbers to compute with, got {}", x.dtype());
  if (op == ReduceOp::mean && !x.is_floating_point())
    fail(operation, "the mean is of floating-point numbers, got {}", x.dtype());
}

/// One for each process, of one type.
void check_list(const char* operation, const std::vector<Tensor>& xs, const Communicator& c) {
  if (static_cast<int64_t>(xs.size()) != c.size())
    fail(operation, "expected a tensor for each of {} processes, got {}", c.size(), xs.size());
  for (const Tensor& x : xs) {
    check_tensor(operation, x);
    if (x.dtype() != xs[0].dtype()) fail(operation, "expected one data type, got {} and {}", xs[0].dtype(), x.dtype());
  }
}

/// x's memory where its elements lie in order, else a copy's.
Tensor flat(const Tensor& x) { return x.detach().contiguous(); }
std::vector<Tensor> flat(const std::vector<Tensor>& xs) {
  std::vector<Tensor> all;
  all.reserve(xs.size());
  for (const Tensor& x : xs) all.push_back(flat(x));
  return all;
}

/// y's elements into x, which y may be itself.
void put_back(const Tensor& x, const Tensor& y) {
  if (y.shares_storage_with(x)) x.impl()->storage->version.fetch_add(1, std::memory_order_relaxed);
  else x.detach().copy_(y.view(x.shape()));
}

}  // namespace

// ---- Work

bool Work::is_completed() const {
  if (!state_) return true;
  const std::lock_guard lock(state_->mutex);
  if (!state_->done && state_->look) state_->look(*state_, false);
  return state_->done;
}
void Work::wait() const {
  if (!state_) return;
  std::unique_lock lock(state_->mutex);
  if (!state_->done && state_->look) state_->look(*state_, true);
  if (!state_->done) {
    const detail::Waiting mark;
    state_->over.wait(lock, [&] { return state_->done; });
  }
  if (state_->error) std::rethrow_exception(state_->error);
}
std::vector<Tensor> Work::result() const {
  wait();
  return state_ ? state_->result : std::vector<Tensor>();
}

// ---- reductions

Work all_reduce(const Tensor& x, const ReduceOptions& o) {
  check_tensor("all_reduce", x);
  check_reducible("all_reduce", x, o.op);
  Communicator& c = o.group.communicator();
  return c.run("all_reduce", fmt::format("all_reduce({}, {})", name_of(o.op), text_of(x)), o.async_op,
               [x, &c, op = o.op] {
                 const Tensor y = flat(x);
                 detail::reduce_everywhere(c, y, op);
                 put_back(x, y);
                 return std::vector{x};
               });
}

Work reduce_scatter(const std::vector<Tensor>& xs, const ReduceOptions& o) {
  Communicator& c = o.group.communicator();
  check_list("reduce_scatter", xs, c);
  check_reducible("reduce_scatter", xs[0], o.op);
  std::string shapes;
  for (const Tensor& x : xs) shapes += fmt::format("{}{}", shapes.empty() ? "" : ", ", x.shape().to_string());
  return c.run("reduce_scatter", fmt::format("reduce_scatter({}, {} {})", name_of(o.op), xs[0].dtype(), shapes),
               o.async_op, [xs, &c, op = o.op] { return std::vector{detail::reduce_to_each(c, flat(xs), op)}; });
}

// ---- copies

Work broadcast(const Tensor& x, int64_t source, const CollectiveOptions& o) {
  check_tensor("broadcast", x);
  Communicator& c = o.group.communicator();
  check_rank("broadcast", "source", source, c);
  return c.run("broadcast", fmt::format("broadcast({}, source = {})", text_of(x), source), o.async_op, [x, source, &c] {
    const Tensor y = flat(x);
    detail::send_to_all(c, y, source);
    if (c.rank() != source) put_back(x, y);
    return std::vector{x};
  });
}

Work all_gather(const Tensor& x, const CollectiveOptions& o) {
  check_tensor("all_gather", x);
  Communicator& c = o.group.communicator();
  return c.run("all_gather", fmt::format("all_gather({})", x.dtype()), o.async_op, [x, &c] {
    const Tensor y = flat(x);
    std::vector<Tensor> out;
    for (const Shape& shape : detail::shapes_of_all(c, y)) out.push_back(y.new_empty(shape));
    out[static_cast<std::size_t>(c.rank())].copy_(y);
    detail::gather_everywhere(c, out);
    return out;
  });
}

Work gather(const Tensor& x, int64_t destination, const CollectiveOptions& o) {
  check_tensor("gather", x);
  Communicator& c = o.group.communicator();
  check_rank("gather", "destination", destination, c);
  return c.run("gather", fmt::format("gather({}, destination = {})", x.dtype(), destination), o.async_op,
               [x, destination, &c] {
                 const Tensor y = flat(x);
                 const auto shapes = detail::shapes_of_all(c, y);
                 std::vector<Tensor> out;
                 if (c.rank() != destination) {
                   detail::exchange(c, {{destination, y}}, {});
                   return out;
                 }
                 std::vector<detail::Parcel> in;
                 for (std::size_t r = 0; r < shapes.size(); ++r) {
                   const bool own = static_cast<int64_t>(r) == destination;
                   out.push_back(own ? y.clone() : y.new_empty(shapes[r]));
                   if (!own) in.push_back({static_cast<int64_t>(r), out.back()});
                 }
                 detail::exchange(c, {}, in);
                 return out;
               });
}

Work scatter(const std::vector<Tensor>& xs, int64_t source, const CollectiveOptions& o) {
  Communicator& c = o.group.communicator();
  check_rank("scatter", "source", source, c);
  if (c.rank() == source) check_list("scatter", xs, c);
  else if (!xs.empty()) fail("scatter", "only rank {} gives tensors", source);
  return c.run("scatter", fmt::format("scatter(source = {})", source), o.async_op, [xs, source, &c] {
    const auto own = static_cast<std::size_t>(c.rank());
    const std::vector<Tensor> parts = flat(xs);
    const Tensor out = detail::shape_from(c, parts, source);
    if (c.rank() != source) {
      detail::exchange(c, {}, {{source, out}});
      return std::vector{out};
    }
    std::vector<detail::Parcel> away;
    for (std::size_t r = 0; r < parts.size(); ++r)
      if (r != own) away.push_back({static_cast<int64_t>(r), parts[r]});
    detail::exchange(c, away, {});
    return std::vector{parts[own].clone()};
  });
}

Work all_to_all(const std::vector<Tensor>& xs, const CollectiveOptions& o) {
  Communicator& c = o.group.communicator();
  check_list("all_to_all", xs, c);
  return c.run("all_to_all", fmt::format("all_to_all({})", xs[0].dtype()), o.async_op, [xs, &c] {
    const std::vector<Tensor> ys = flat(xs);
    const auto shapes = detail::shapes_from_each(c, ys);
    std::vector<Tensor> out;
    out.reserve(ys.size());
    for (std::size_t r = 0; r < ys.size(); ++r)
      out.push_back(static_cast<int64_t>(r) == c.rank() ? ys[r].clone() : ys[r].new_empty(shapes[r]));
    detail::exchange_with_all(c, ys, out);
    return out;
  });
}

Work barrier(const CollectiveOptions& o) {
  return o.group.communicator().run("barrier", "barrier()", o.async_op, [] { return std::vector<Tensor>(); });
}

}  // namespace tenon::distributed
