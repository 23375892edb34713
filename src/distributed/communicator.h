#pragma once
// A group of processes as MPI has it. The only place, with its .cpp and the collectives, that knows MPI.
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <mpi.h>

#include <tenon/distributed/collectives.h>

namespace tenon::distributed::detail {

struct WorkState {
  std::mutex mutex;
  std::condition_variable over;
  bool done = false;
  std::exception_ptr error;
  std::vector<Tensor> result;
  /// Of what no thread works at: completes it where that can be, or waits until it is over.
  std::function<void(WorkState& own, bool wait)> look = {};
};

/// What an operation does once all processes are known to have called the same.
using Job = std::function<std::vector<Tensor>()>;

class Communicator {
 public:
  /// A world of one, without MPI.
  explicit Communicator(const InitOptions& options) : options_(options), ranks_{0} {}
  /// Takes over `comm`. `ranks`: its processes' numbers among all.
  Communicator(MPI_Comm comm, std::vector<int64_t> ranks, const InitOptions& options);
  ~Communicator();
  Communicator(const Communicator&) = delete;
  Communicator& operator=(const Communicator&) = delete;

  int64_t rank() const { return rank_; }
  int64_t size() const { return static_cast<int64_t>(ranks_.size()); }
  const std::vector<int64_t>& ranks() const { return ranks_; }
  const InitOptions& options() const { return options_; }
  MPI_Comm data() const { return data_; }
  MPI_Comm messages() const { return messages_; }
  bool broken() const { return !broken_.empty(); }

  /// Runs `job` after those before it, on this thread or, where it may not wait, on the group's own. Before it, all
  /// processes compare `call`, which is what they have called in words: `all_reduce(sum, float32 (3, 4))`.
  Work run(std::string_view operation, std::string call, bool async, Job job);
  /// All jobs are over and the group's own thread has ended.
  void close();

 private:
  struct Queued {
    std::string operation, call;
    Job job;
    std::shared_ptr<WorkState> state;
  };

  void serve();
  void execute(const Queued& q);
  void agree(std::string_view operation, const std::string& call);
  /// Until `request` is through. After the timeout an error of `operation`, which says who has not come.
  void wait(MPI_Request& request, std::string_view operation);
  void answer_questions();
  [[noreturn]] void fail_absent(std::string_view operation);

  const InitOptions options_;
  std::vector<int64_t> ranks_;
  int64_t rank_ = 0;
  MPI_Comm data_ = MPI_COMM_NULL, control_ = MPI_COMM_NULL, messages_ = MPI_COMM_NULL;
  int64_t sequence_ = 0;  ///< of the operation that runs, counted from 1
  std::string broken_;    ///< what went wrong for good

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Queued> queue_;
  bool busy_ = false, closing_ = false;
  std::thread server_;
};

/// Whether this is a group's own thread, and the program's computes meanwhile: none waits for what is done here.
bool computes_meanwhile();
/// While it lives, a thread of the program waits.
class Waiting {
 public:
  Waiting();
  ~Waiting();
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;
};
/// Until all requests are through. Beside a thread that computes MPI is asked now and then: where it waits by itself it
/// asks without end, which takes the processor away from both.
void finish(std::span<MPI_Request> requests, std::string_view operation);

/// All of MPI's calls go through here: what one of them returns becomes an error of `operation`.
void check_mpi(int code, std::string_view operation);

}  // namespace tenon::distributed::detail
