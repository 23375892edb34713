#include "backend/cpu/parallel.h"

#include <omp.h>
#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <exception>

#include <tenon/error.h>

#include "backend/cpu/thread_room.h"
#include "base/serial.h"

// OpenMP's barriers are not instrumented: tell ThreadSanitizer what they order.
#if defined(__SANITIZE_THREAD__)
#define TENON_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define TENON_TSAN 1
#endif
#endif
#ifdef TENON_TSAN
extern "C" void __tsan_acquire(void* address);
extern "C" void __tsan_release(void* address);
#else
static void __tsan_acquire(void*) {}
static void __tsan_release(void*) {}
#endif

namespace tenon {
namespace {
constinit std::atomic<int> thread_setting{0};  // 0: as many as OpenMP was told
}  // namespace

int num_threads() {
  if (const int n = thread_setting.load(std::memory_order_relaxed)) return n;
  int none = 0;
  thread_setting.compare_exchange_strong(none, omp_get_max_threads(), std::memory_order_relaxed);
  return thread_setting.load(std::memory_order_relaxed);
}

void set_num_threads(int n) {
  if (n < 1) fail("set_num_threads", "expected at least 1 thread, got {}", n);
  thread_setting.store(n, std::memory_order_relaxed);
}

namespace backend::cpu {

bool in_parallel() { return omp_in_parallel() != 0 || Serial::active(); }

namespace {

// A child of fork() has OpenMP's notes on its parent's threads, but not the threads, and would wait for them for ever.
// Where its parent had started any, it computes on one thread: the results are the same.
constinit std::atomic<bool> has_threads{false}, without_threads{false};
[[maybe_unused]] const int watched = pthread_atfork(nullptr, nullptr, [] { without_threads = has_threads.load(); });

// OpenMP ends the process where it cannot start a thread. Each calling thread has a team of its own: before that
// becomes larger than it ever was, its threads are tried out, and where they do not start there are fewer from then on.
thread_local int largest_team = 1;
thread_local bool is_full = false;

[[gnu::noinline]] void enlarge_team(int threads) {
  has_threads.store(true, std::memory_order_relaxed);
  largest_team += threads_that_start(threads - largest_team);
  is_full = largest_team < threads;
}

}  // namespace

void run_threads(int threads, void (*body)(void*, int), void* context) {
  if (without_threads.load(std::memory_order_relaxed)) [[unlikely]] {
    for (int piece = 0; piece < threads; ++piece) body(context, piece);
    return;
  }
  if (threads > largest_team && !is_full) [[unlikely]]
    enlarge_team(threads);
  const int team = std::min(threads, largest_team);
  std::exception_ptr first;
  std::atomic_flag failed;
  char fork = 0, join = 0;
  __tsan_release(&fork);
#pragma omp parallel num_threads(team)
  {
    __tsan_acquire(&fork);
    try {
      // Fewer threads than asked for may come: the pieces are dealt out among those that did.
      for (int piece = omp_get_thread_num(); piece < threads; piece += omp_get_num_threads()) body(context, piece);
    } catch (...) {
      if (!failed.test_and_set()) first = std::current_exception();
    }
    __tsan_release(&join);
  }
  __tsan_acquire(&join);
  if (first) std::rethrow_exception(first);
}

}  // namespace backend::cpu
}  // namespace tenon
