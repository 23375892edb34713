// From one process to one other. A message is what the tensor is, then its elements, in one piece for MPI.
#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <tenon/distributed/collectives.h>
#include <tenon/ops.h>

#include "distributed/communicator.h"
#include "distributed/transfer.h"

namespace tenon::distributed {
namespace {

using detail::check_mpi;
using detail::Communicator;
using detail::Description;

constexpr int64_t most_tag = 32767;  // what every MPI has

/// What lies in memory while MPI reads or writes it.
struct Message {
  Description description;
  Tensor elements;  ///< contiguous
  MPI_Datatype layout = MPI_DATATYPE_NULL;
  MPI_Request request = MPI_REQUEST_NULL;

  Message(const char* operation, const Description& d, const Tensor& x) : description(d), elements(x) {
    // Lengths are ints: a large tensor is so many whole pieces and a rest.
    constexpr int64_t piece = int64_t{1} << 20;
    const int64_t pieces = x.nbytes() / piece;
    MPI_Datatype large = MPI_DATATYPE_NULL;
    check_mpi(MPI_Type_contiguous(static_cast<int>(piece), MPI_BYTE, &large), operation);
    std::array<MPI_Aint, 3> places{};
    auto* const begin = static_cast<std::byte*>(x.raw_data());
    MPI_Get_address(&description, places.data());
    MPI_Get_address(begin, &places[1]);
    MPI_Get_address(begin + pieces * piece, &places[2]);
    const std::array<int, 3> lengths{static_cast<int>(sizeof(Description)), static_cast<int>(pieces),
                                     static_cast<int>(x.nbytes() - pieces * piece)};
    const std::array<MPI_Datatype, 3> types{MPI_BYTE, large, MPI_BYTE};
    check_mpi(MPI_Type_create_struct(3, lengths.data(), places.data(), types.data(), &layout), operation);
    check_mpi(MPI_Type_commit(&layout), operation);
    check_mpi(MPI_Type_free(&large), operation);
  }
  ~Message() {
    if (layout != MPI_DATATYPE_NULL) MPI_Type_free(&layout);
  }
  Message(const Message&) = delete;
  Message& operator=(const Message&) = delete;
};

Communicator& checked(const char* operation, const char* what, const Tensor& x, int64_t other,
                      const MessageOptions& o) {
  detail::check_tensor(operation, x);
  Communicator& c = o.group.communicator();
  if (c.rank() < 0) fail(operation, "this process is not in the group");
  detail::check_rank(operation, what, other, c);
  if (other == c.rank()) fail(operation, "rank {} is this process itself", other);
  if (o.tag < 0 || o.tag > most_tag) fail(operation, "expected a tag from 0 to {}, got {}", most_tag, o.tag);
  return c;
}

/// The message is under way: `finish` is called with MPI's answer once it is through.
Work work_of(const std::shared_ptr<Message>& message, const std::string& operation, const std::string& whom,
             const Group& group, bool async,
             const std::function<std::vector<Tensor>(const Message&, int code)>& finish) {
  const auto state = std::make_shared<detail::WorkState>();
  state->look = [=](detail::WorkState& own, bool wait) {
    try {
      const auto timeout = group.communicator().options().timeout;
      int done = 0, code = MPI_SUCCESS;
      const auto begin = std::chrono::steady_clock::now();
      for (int64_t round = 0;; ++round) {
        code = MPI_Test(&message->request, &done, MPI_STATUS_IGNORE);
        if (done || code != MPI_SUCCESS || !wait) break;
        if (std::chrono::steady_clock::now() - begin > timeout)
          fail(operation, "waited {} s for {}", std::chrono::duration<double>(timeout).count(), whom);
        if (round < 1000) std::this_thread::yield();
        else std::this_thread::sleep_for(std::chrono::microseconds(50));
      }
      if (!done && code == MPI_SUCCESS) return;
      own.result = finish(*message, code);
    } catch (...) {
      own.error = std::current_exception();
    }
    own.done = true;
  };
  if (!async) Work(state).wait();
  return Work(state);
}

}  // namespace

Work send(const Tensor& x, int64_t destination, const MessageOptions& o) {
  const Communicator& c = checked("send", "destination", x, destination, o);
  const Tensor y = x.detach().contiguous();
  const auto m = std::make_shared<Message>("send", Description("send", x), y);
  check_mpi(MPI_Isend(MPI_BOTTOM, 1, m->layout, static_cast<int>(destination), static_cast<int>(o.tag), c.messages(),
                      &m->request),
            "send");
  return work_of(m, "send", fmt::format("rank {} to receive", destination), o.group, o.async_op,
                 [x](const Message&, int code) {
                   check_mpi(code, "send");
                   return std::vector{x};
                 });
}

Work recv(const Tensor& x, int64_t source, const MessageOptions& o) {
  const Communicator& c = checked("recv", "source", x, source, o);
  const Description expected("recv", x);
  const Tensor y = empty(x.shape(), {x.dtype()});
  const auto m = std::make_shared<Message>("recv", Description(), y);
  check_mpi(
      MPI_Irecv(MPI_BOTTOM, 1, m->layout, static_cast<int>(source), static_cast<int>(o.tag), c.messages(), &m->request),
      "recv");
  return work_of(m, "recv", fmt::format("rank {} to send", source), o.group, o.async_op,
                 [x, y, expected, source](const Message& got, int code) {
                   if (got.description != expected && got.description != Description())
                     fail("recv", "expected {}, and rank {} has sent {} {}", detail::text_of(x), source,
                          got.description.dtype(), got.description.shape().to_string());
                   check_mpi(code, "recv");
                   x.detach().copy_(y);
                   return std::vector{x};
                 });
}

}  // namespace tenon::distributed
