#pragma once
// The processes of a job: who they are, and groups of them. Source: torch.distributed.
#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#pragma GCC visibility push(default)

namespace tenon::distributed {

namespace detail {
class Communicator;
}

struct InitOptions {
  /// How long a process waits in a collective operation for others that have not come, before that is an error.
  std::chrono::milliseconds timeout = std::chrono::minutes(30);
  /// The most that is handed to MPI at once, in bytes: larger tensors go in pieces of so much.
  int64_t message_bytes = int64_t{1} << 30;
};

/// Joins the job that mpirun (or srun) has started this process for: each process calls it once, before anything else
/// of tenon::distributed. A process that was started by itself is a world of one, and MPI is left alone. When main()
/// ends, processes wait a few seconds for each other; one that ends alone ends the job. Source:
/// torch.distributed.init_process_group.
void init(const InitOptions& options = {});
bool is_initialized();
/// Leaves the job before main() ends. Every process calls it. Source: torch.distributed.destroy_process_group.
void finalize();

/// Processes that work together. A handle; a default-made one is everybody. Source: torch.distributed.ProcessGroup.
class Group {
 public:
  Group() = default;
  /// This process's number in the group, from 0 on; −1: it is not in it.
  int64_t rank() const;
  /// How many processes it has.
  int64_t size() const;
  /// Their numbers among all.
  std::vector<int64_t> ranks() const;

  // ---- for the library itself
  explicit Group(std::shared_ptr<detail::Communicator> communicator) : communicator_(std::move(communicator)) {}
  /// An error before init().
  detail::Communicator& communicator() const;

 private:
  std::shared_ptr<detail::Communicator> communicator_;
};

/// A group of these processes, given by their numbers among all, in any order: its rank 0 is the first. All processes
/// call it, with the same numbers, those outside the group as well. Source: torch.distributed.new_group.
Group new_group(const std::vector<int64_t>& ranks);

/// This process's number among all, from 0 on.
int64_t rank();
/// How many processes there are.
int64_t world_size();
/// This process's number among those of its machine.
int64_t local_rank();

}  // namespace tenon::distributed

#pragma GCC visibility pop
