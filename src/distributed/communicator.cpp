#include "distributed/communicator.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <exception>
#include <utility>

#include <fmt/format.h>
#include <tenon/error.h>
#include <tenon/grad_mode.h>

namespace tenon::distributed::detail {
namespace {

using Clock = std::chrono::steady_clock;

/// Whether this thread is inside an operation of this communicator: what it calls in there is part of that.
thread_local const Communicator* inside = nullptr;

class Inside {
 public:
  explicit Inside(const Communicator* c) : before_(std::exchange(inside, c)) {}
  ~Inside() { inside = before_; }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;

 private:
  const Communicator* before_;
};

thread_local bool is_groups_own = false;  ///< this thread
std::atomic<int> callers_waiting{0};      ///< for what such a thread does
constexpr auto polling = std::chrono::microseconds(20);

// On control_, between processes of which one has waited too long.
constexpr int question = 1, answer = 2;

/// FNV-1a, without its highest bits: so that its negative is a number, too.
int64_t hash_of(std::string_view text) {
  uint64_t h = 0xCBF29CE484222325U;
  for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
  return static_cast<int64_t>(h >> 2);
}

}  // namespace

Waiting::Waiting() { ++callers_waiting; }
Waiting::~Waiting() { --callers_waiting; }
bool computes_meanwhile() { return is_groups_own && callers_waiting.load(std::memory_order_relaxed) == 0; }

void finish(std::span<MPI_Request> requests, std::string_view operation) {
  if (requests.empty()) return;
  const int n = static_cast<int>(requests.size());
  int done = 0;
  while (computes_meanwhile()) {
    check_mpi(MPI_Testall(n, requests.data(), &done, MPI_STATUSES_IGNORE), operation);
    if (done) return;
    std::this_thread::sleep_for(polling);
  }
  check_mpi(MPI_Waitall(n, requests.data(), MPI_STATUSES_IGNORE), operation);
}

void check_mpi(int code, std::string_view operation) {
  if (code == MPI_SUCCESS) return;
  std::array<char, MPI_MAX_ERROR_STRING> text{};
  int length = 0;
  MPI_Error_string(code, text.data(), &length);
  fail(operation, "MPI: {}", std::string_view(text.data(), static_cast<std::size_t>(length)));
}

Communicator::Communicator(MPI_Comm comm, std::vector<int64_t> ranks, const InitOptions& options)
    : options_(options), ranks_(std::move(ranks)), rank_(-1), data_(comm) {
  if (comm == MPI_COMM_NULL) return;  // this process is not in the group
  int own = 0;
  check_mpi(MPI_Comm_rank(data_, &own), "init");
  rank_ = own;
  check_mpi(MPI_Comm_dup(data_, &control_), "init");
  check_mpi(MPI_Comm_dup(data_, &messages_), "init");
  for (const MPI_Comm c : {data_, control_, messages_})
    check_mpi(MPI_Comm_set_errhandler(c, MPI_ERRORS_RETURN), "init");
}

Communicator::~Communicator() {
  close();
  int over = 0;
  MPI_Finalized(&over);
  if (over || broken()) return;  // MPI would wait for processes that do not come
  for (MPI_Comm* c : {&data_, &control_, &messages_})
    if (*c != MPI_COMM_NULL) MPI_Comm_free(c);
}

void Communicator::close() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  changed_.notify_all();
  if (server_.joinable()) server_.join();
}

Work Communicator::run(std::string_view operation, std::string call, bool async, Job job) {
  if (rank_ < 0) fail(operation, "this process is not in the group");
  const auto state = std::make_shared<WorkState>();
  Queued q{std::string(operation), std::move(call), std::move(job), state};
  if (inside == this) {
    execute(q);
    Work(state).wait();
    return Work(state);
  }
  {
    std::unique_lock lock(mutex_);
    if (async || busy_ || !queue_.empty()) {
      queue_.push_back(std::move(q));
      if (!server_.joinable()) server_ = std::thread([this] { serve(); });
      changed_.notify_all();
      lock.unlock();
      if (!async) Work(state).wait();
      return Work(state);
    }
    busy_ = true;
  }
  execute(q);
  {
    const std::lock_guard lock(mutex_);
    busy_ = false;
  }
  changed_.notify_all();
  Work(state).wait();
  return Work(state);
}

void Communicator::serve() {
  is_groups_own = true;
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [&] { return !busy_ && (closing_ || !queue_.empty()); });
    if (queue_.empty()) return;
    const Queued q = std::move(queue_.front());
    queue_.pop_front();
    busy_ = true;
    lock.unlock();
    execute(q);
    lock.lock();
    busy_ = false;
    changed_.notify_all();
  }
}

void Communicator::execute(const Queued& q) {
  const NoGrad guard;
  const Inside mark(this);
  std::vector<Tensor> result;
  std::exception_ptr error;
  try {
    if (broken()) fail(q.operation, "this group has failed before: {}", broken_);
    agree(q.operation, q.call);
    result = q.job();
  } catch (...) {
    error = std::current_exception();
  }
  {
    const std::lock_guard lock(q.state->mutex);
    q.state->result = std::move(result);
    q.state->error = error;
    q.state->done = true;
  }
  q.state->over.notify_all();
}

// ---- that all have called the same

void Communicator::agree(std::string_view operation, const std::string& call) {
  if (size() == 1) return;
  ++sequence_;
  const int64_t hash = hash_of(call);
  const std::array<int64_t, 2> own{hash, -hash};
  std::array<int64_t, 2> greatest{};
  MPI_Request request = MPI_REQUEST_NULL;
  check_mpi(MPI_Iallreduce(own.data(), greatest.data(), 2, MPI_INT64_T, MPI_MAX, control_, &request), operation);
  wait(request, operation);
  if (greatest[0] == -greatest[1]) return;  // the greatest is the least

  constexpr std::size_t room = 240;
  std::array<char, room> words{};
  std::copy_n(call.begin(), std::min(call.size(), room - 1), words.begin());
  std::vector<char> all(room * ranks_.size());
  check_mpi(MPI_Allgather(words.data(), room, MPI_CHAR, all.data(), room, MPI_CHAR, control_), operation);
  const auto of = [&](std::size_t r) { return std::string_view(all.data() + r * room); };
  std::size_t other = 1;
  while (other + 1 < ranks_.size() && of(other) == of(0)) ++other;
  fail(operation, "processes differ in what they call: rank {} calls {}, rank {} calls {}", ranks_[0], of(0),
       ranks_[other], of(other));
}

void Communicator::wait(MPI_Request& request, std::string_view operation) {
  const auto begin = Clock::now();
  for (int64_t round = 0;; ++round) {
    int done = 0;
    check_mpi(MPI_Test(&request, &done, MPI_STATUS_IGNORE), operation);
    if (done) return;
    if (round < 1000 && !computes_meanwhile()) {
      std::this_thread::yield();
      continue;
    }
    answer_questions();
    if (Clock::now() - begin > options_.timeout) fail_absent(operation);
    std::this_thread::sleep_for(round < 10000 ? polling : std::chrono::microseconds(1000));
  }
}

// ---- who has not come

/// Whoever waits in an operation says in which.
void Communicator::answer_questions() {
  for (;;) {
    int there = 0;
    MPI_Status status;
    check_mpi(MPI_Iprobe(MPI_ANY_SOURCE, question, control_, &there, &status), "wait");
    if (!there) return;
    int64_t theirs = 0;
    check_mpi(MPI_Recv(&theirs, 1, MPI_INT64_T, status.MPI_SOURCE, question, control_, MPI_STATUS_IGNORE), "wait");
    check_mpi(MPI_Send(&sequence_, 1, MPI_INT64_T, status.MPI_SOURCE, answer, control_), "wait");
  }
}

void Communicator::fail_absent(std::string_view operation) {
  const auto n = ranks_.size();
  std::vector<int64_t> at(n, -1);  // in which operation each one waits
  at[static_cast<std::size_t>(rank_)] = sequence_;
  std::vector<MPI_Request> sent;
  for (std::size_t r = 0; r < n; ++r) {
    if (static_cast<int64_t>(r) == rank_) continue;
    MPI_Request request = MPI_REQUEST_NULL;
    check_mpi(MPI_Isend(&sequence_, 1, MPI_INT64_T, static_cast<int>(r), question, control_, &request), operation);
    sent.push_back(request);
  }
  const auto end = Clock::now() + std::chrono::seconds(1);
  while (Clock::now() < end && std::ranges::count(at, -1) > 0) {
    answer_questions();
    int there = 0;
    MPI_Status status;
    check_mpi(MPI_Iprobe(MPI_ANY_SOURCE, answer, control_, &there, &status), operation);
    if (there)
      check_mpi(MPI_Recv(&at[static_cast<std::size_t>(status.MPI_SOURCE)], 1, MPI_INT64_T, status.MPI_SOURCE, answer,
                         control_, MPI_STATUS_IGNORE),
                operation);
    else std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  for (MPI_Request& request : sent) MPI_Request_free(&request);
  std::vector<int64_t> absent;
  for (std::size_t r = 0; r < n; ++r)
    if (at[r] < sequence_) absent.push_back(ranks_[r]);
  const double waited = std::chrono::duration<double>(options_.timeout).count();
  broken_ = absent.empty()
                ? fmt::format("waited {} s, although all have come", waited)
                : fmt::format("waited {} s for rank{} {}, which {} not come", waited, absent.size() > 1 ? "s" : "",
                              fmt::join(absent, ", "), absent.size() > 1 ? "have" : "has");
  fail(operation, "{}", broken_);
}

}  // namespace tenon::distributed::detail
