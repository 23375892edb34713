#include <tenon/data/workers.h>

#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <exception>
#include <limits>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include <tenon/error.h>

#include "base/serial.h"

namespace tenon::data::detail {
namespace {

/// Signals are for the threads of the program.
class NoSignals {
 public:
  NoSignals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~NoSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  NoSignals(const NoSignals&) = delete;
  NoSignals& operator=(const NoSignals&) = delete;

 private:
  sigset_t before_;
};

}  // namespace

struct Workers::State {
  struct Slot {
    bool is_done = false;
    std::exception_ptr error;
  };

  const int64_t ahead;
  const Jobs jobs;
  const pid_t process = getpid();
  std::mutex mutex{};
  std::condition_variable may_begin{}, is_done{};
  int64_t next, released;                             // the next job to begin; the first one that is not released
  int64_t end = std::numeric_limits<int64_t>::max();  // there is no such job
  bool begins = false, stops = false;                 // a thread is in begin(); all are to end
  std::vector<Slot> slots = std::vector<Slot>(static_cast<std::size_t>(ahead));
  std::vector<std::thread> threads{};

  Slot& slot(int64_t job) { return slots[static_cast<std::size_t>(job % ahead)]; }
  bool ends() const { return stops || next >= end; }
  void check_process() const {
    if (getpid() != process)
      fail("DataLoader", "this pass was begun before fork(), and its workers are the parent's: begin one here");
  }

  void run() {
    const Serial serial;  // there are as many threads as were asked for
    std::unique_lock lock(mutex);
    for (;;) {
      may_begin.wait(lock, [&] { return ends() || (!begins && next < released + ahead); });
      if (ends()) return;
      const int64_t job = next++;
      begins = true;
      lock.unlock();
      std::exception_ptr error;
      bool exists = true;
      try {
        exists = jobs.begin(job);
      } catch (...) {
        error = std::current_exception();
      }
      lock.lock();
      begins = false;
      if (!exists || error) end = error ? job + 1 : job;
      may_begin.notify_all();
      if (!exists) {
        is_done.notify_all();
        return;
      }
      if (!error) {
        lock.unlock();
        try {
          jobs.work(job);
        } catch (...) {
          error = std::current_exception();
        }
        lock.lock();
      }
      slot(job) = {true, error};
      is_done.notify_all();
    }
  }
};

Workers::Workers(int64_t threads, int64_t ahead, int64_t first, Jobs jobs)
    : state_(new State{.ahead = ahead, .jobs = std::move(jobs), .next = first, .released = first}) {
  const NoSignals guard;
  for (int64_t i = 0; i < threads; ++i) {
    try {
      state_->threads.emplace_back([state = state_.get()] { state->run(); });
    } catch (const std::system_error&) {  // the system has no more: those that there are do the work
      if (i == 0) throw;
      break;
    }
  }
}

Workers::~Workers() {
  // A child of fork() has the notes on the threads, and no threads, of which one may have held the lock.
  if (getpid() != state_->process) {
    static_cast<void>(state_.release());
    return;
  }
  {
    const std::lock_guard lock(state_->mutex);
    state_->stops = true;
  }
  state_->may_begin.notify_all();
  for (std::thread& thread : state_->threads) thread.join();
}

bool Workers::wait(int64_t job) {
  state_->check_process();
  std::unique_lock lock(state_->mutex);
  State::Slot& slot = state_->slot(job);
  state_->is_done.wait(lock, [&] { return slot.is_done || job >= state_->end; });
  if (slot.error) std::rethrow_exception(slot.error);
  return slot.is_done;
}

void Workers::release(int64_t job) {
  state_->check_process();
  {
    const std::lock_guard lock(state_->mutex);
    state_->slot(job) = {};
    state_->released = job + 1;
  }
  state_->may_begin.notify_all();
}

namespace {

/// Neighbouring numbers become ones that have nothing to do with each other (the finalizer of SplitMix64).
uint64_t mixed(uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

}  // namespace

uint64_t seed_of_batch(uint64_t pass_seed, int64_t batch, int step) {
  return mixed(mixed(pass_seed) + 2 * static_cast<uint64_t>(batch) + static_cast<uint64_t>(step));
}

}  // namespace tenon::data::detail
