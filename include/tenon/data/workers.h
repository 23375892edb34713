#pragma once
// Threads that make a loader's batches ahead of its loop.
#include <cstdint>
#include <functional>
#include <memory>

#pragma GCC visibility push(default)

namespace tenon::data::detail {

/// Does the jobs first, first + 1, …, each in two steps: begin(), one job after the other, says whether there is one;
/// then work(), several at a time. No more than `ahead` jobs are begun and not yet released.
class Workers {
 public:
  struct Jobs {
    std::function<bool(int64_t)> begin;
    std::function<void(int64_t)> work;
  };
  Workers(int64_t threads, int64_t ahead, int64_t first, Jobs jobs);
  ~Workers();  ///< waits for the jobs that are being done; the others are not done
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  /// Waits until a job is done; false: there is none. Throws what it threw.
  bool wait(int64_t job);
  /// What the job made was taken: another may begin.
  void release(int64_t job);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The seed of what one batch draws in one of its steps: the same numbers whichever thread does it, and when.
uint64_t seed_of_batch(uint64_t pass_seed, int64_t batch, int step);

}  // namespace tenon::data::detail

#pragma GCC visibility pop
