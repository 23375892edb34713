#pragma once
// Threads: a loop cut into fixed pieces.
#include <algorithm>
#include <cstdint>
#include <type_traits>

#include <tenon/device.h>

#include "base/internal_api.h"

namespace tenon::backend::cpu {

/// Calls body(context, thread) on `threads` threads, the calling one included; the first exception is rethrown.
TENON_INTERNAL_API void run_threads(int threads, void (*body)(void*, int), void* context);
TENON_INTERNAL_API bool in_parallel();

/// f(begin, end) over [0, n) in at most num_threads() pieces of at least `grain`. For results that do not depend on
/// where the cuts fall.
template <class F>
void parallel_for(int64_t n, int64_t grain, F&& f) {
  const int threads = static_cast<int>(std::min<int64_t>(num_threads(), n / std::max<int64_t>(grain, 1)));
  if (threads <= 1 || in_parallel()) {
    if (n > 0) f(int64_t{0}, n);
    return;
  }
  struct Context {
    std::remove_reference_t<F>& f;
    int64_t n;
    int threads;
  } context{f, n, threads};
  run_threads(
      threads,
      [](void* p, int thread) {
        auto& c = *static_cast<Context*>(p);
        const int64_t begin = c.n * thread / c.threads, end = c.n * (thread + 1) / c.threads;
        if (begin < end) c.f(begin, end);
      },
      &context);
}

/// f(chunk, begin, end) for chunks of exactly `size` (the last may be shorter): for partial results that are combined
/// in chunk order, so that they are the same for any number of threads.
template <class F>
void parallel_chunks(int64_t n, int64_t size, F&& f) {
  const int64_t chunks = (n + size - 1) / size;
  parallel_for(chunks, 1, [&](int64_t from, int64_t to) {
    for (int64_t c = from; c < to; ++c) f(c, c * size, std::min(n, (c + 1) * size));
  });
}

/// Elements of a cheap elementwise loop below which a second thread costs more than it brings.
inline constexpr int64_t elementwise_grain = 32768;
/// Bytes of a copy from which a second thread pays: what takes the time is waiting for memory, which two can do at
/// once.
inline constexpr int64_t copy_grain = 1 << 16;

}  // namespace tenon::backend::cpu
