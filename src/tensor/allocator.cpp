#include "tensor/allocator.h"

#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <new>
#include <type_traits>
#include <utility>

#include <tenon/error.h>

#include "base/fork.h"

// Three levels: a thread's own lists (no lock), a pool shared by all threads (a lock), the system. Sizes fall into
// classes: steps of 64 bytes up to 1 KiB, then four to each doubling, so that at most a fifth of a block is wasted, and
// `before` more: a tensor of 2^n bytes, which is the most common kind, comes with its storage before it.
// Freed blocks are kept, but never so many that more memory is held than was once in use at the same time, give or take
// `slack`: another mix of sizes evicts them.

namespace tenon::host {
namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr bool caching = false;  // each block straight from malloc, or AddressSanitizer would be blind
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
constexpr bool caching = false;
#else
constexpr bool caching = true;
#endif
#else
constexpr bool caching = true;
#endif

/// Under AddressSanitizer new memory is NaN in every floating-point type, up to so many bytes: what a kernel leaves out
/// is seen.
constexpr std::size_t filled = std::size_t{256} << 20;

constexpr std::size_t alignment = 64, huge_page = std::size_t{2} << 20;
constexpr std::size_t largest_of_a_thread = std::size_t{1} << 20;  // larger blocks go through the shared pool
constexpr std::size_t kept_by_a_thread = std::size_t{4} << 20;     // bytes of one class
constexpr std::size_t slack = std::size_t{64} << 20, before = 64;
constexpr int linear_classes = 16, classes = linear_classes + 4 * 52;  // up to 2^62 bytes

constexpr int class_of(std::size_t n) {
  if (n <= 1024) return n == 0 ? 0 : static_cast<int>((n - 1) / 64);
  n = std::max<std::size_t>(n - before, 1025);
  const int log = 63 - std::countl_zero(n - 1);  // 2^log ≤ n − 1 < 2^(log + 1)
  return linear_classes + 4 * (log - 10) + static_cast<int>(((n - 1) >> (log - 2)) & 3);
}
std::size_t class_size(int c) {
  if (c < linear_classes) return static_cast<std::size_t>(c + 1) * 64;
  const int log = 10 + (c - linear_classes) / 4, quarter = (c - linear_classes) % 4;
  return (static_cast<std::size_t>(5 + quarter) << (log - 2)) + before;
}

void* from_system(std::size_t size) {
  const bool large = size >= 2 * huge_page;
  void* p = nullptr;
  if (posix_memalign(&p, large ? huge_page : alignment, size) != 0) throw std::bad_alloc();
  if (large) madvise(p, size, MADV_HUGEPAGE);
  return p;
}

constexpr int thread_classes = 1 + class_of(largest_of_a_thread);

struct Block {
  Block* next;
};

class Pool {
 public:
  void* take(int c) {
    const std::size_t size = class_size(c);
    {
      const std::lock_guard lock(mutex_);
      in_use_ += size;
      if (Block* b = free_[static_cast<std::size_t>(c)]) {
        free_[static_cast<std::size_t>(c)] = b->next;
        kept_ -= size;
        return b;
      }
      peak_ = std::max(peak_, in_use_);
      while (kept_ > 0 && in_use_ + kept_ > peak_ + slack) evict_one();
    }
    try {
      return from_system(size);
    } catch (const std::bad_alloc&) {  // give everything back, then try once more
      clear();
    }
    try {
      return from_system(size);
    } catch (const std::bad_alloc&) {
      const std::lock_guard lock(mutex_);
      in_use_ -= size;
      peak_ = in_use_;  // it never came to what was asked for
      throw;
    }
  }
  void give(void* p, int c) noexcept {
    const std::lock_guard lock(mutex_);
    const std::size_t size = class_size(c);
    in_use_ -= size;
    kept_ += size;
    free_[static_cast<std::size_t>(c)] = ::new (p) Block{free_[static_cast<std::size_t>(c)]};
  }
  void clear() noexcept {
    const std::lock_guard lock(mutex_);
    while (kept_ > 0) evict_one();
    peak_ = in_use_;
  }

  std::mutex& mutex() { return mutex_; }

 private:
  void evict_one() noexcept {  // the largest: the fewest calls
    for (int c = classes - 1; c >= 0; --c)
      if (Block* b = free_[static_cast<std::size_t>(c)]) {
        free_[static_cast<std::size_t>(c)] = b->next;
        kept_ -= class_size(c);
        std::free(b);
        return;
      }
  }
  std::mutex mutex_;
  std::array<Block*, classes> free_{};
  std::size_t in_use_ = 0, kept_ = 0, peak_ = 0;  // bytes; what threads keep counts as in use
};

// There before anything else of the library runs, and never destroyed: static tensors may be made before and freed
// after others.
static_assert(std::is_trivially_destructible_v<Pool>);
constinit Pool pool;
[[maybe_unused]] const bool pool_is_held = hold_across_forks(ProcessLock::memory, pool.mutex());

/// A thread's own lists. They lie on the heap: what a thread keeps in thread-local memory must be little, or the
/// library could not be loaded while a program runs.
class ThreadCache {
 public:
  ~ThreadCache() { flush(); }
  void* take(int c) {
    List& l = lists_[static_cast<std::size_t>(c)];
    if (Block* b = l.head) [[likely]] {
      l.head = b->next;
      --l.count;
      return b;
    }
    return pool.take(c);
  }
  void give(void* p, int c) noexcept {
    List& l = lists_[static_cast<std::size_t>(c)];
    if ((l.count + 1) * class_size(c) > kept_by_a_thread) return pool.give(p, c);
    l.head = ::new (p) Block{l.head};
    ++l.count;
  }
  void flush() noexcept {
    for (int c = 0; c < thread_classes; ++c)
      for (List& l = lists_[static_cast<std::size_t>(c)]; l.head; --l.count) {
        Block* b = l.head;
        l.head = b->next;
        pool.give(b, c);
      }
  }

 private:
  struct List {
    Block* head = nullptr;
    std::size_t count = 0;
  };
  std::array<List, thread_classes> lists_{};
};

thread_local ThreadCache* cache = nullptr;
thread_local bool gone = false;  // the thread is ending; its last tensors go to the pool

struct AtThreadEnd {
  ~AtThreadEnd() {
    delete std::exchange(cache, nullptr);
    gone = true;
  }
};

/// The cache of a thread that has none yet; null where it has none any more, or there is no memory for one.
[[gnu::noinline]] ThreadCache* first_cache() noexcept {
  if (gone) return nullptr;
  static thread_local AtThreadEnd at_end;
  static_cast<void>(at_end);
  return cache = new (std::nothrow) ThreadCache;
}

}  // namespace

void* allocate(std::size_t n, std::size_t header) try {
  if constexpr (!caching) {
    void* const p = from_system(std::max<std::size_t>(n, 1));
    std::memset(p, 0xff, std::min(n, filled));
    return p;
  }
  const int c = class_of(n);
  if (n <= largest_of_a_thread)
    if (ThreadCache* mine = cache ? cache : first_cache()) [[likely]]
      return mine->take(c);
  return pool.take(c);
} catch (const std::bad_alloc&) {
  fail("Tensor", "there is not enough memory for {} bytes more", n - header);
}

void deallocate(void* p, std::size_t n) noexcept {
  if constexpr (!caching) return std::free(p);
  const int c = class_of(n);
  if (n <= largest_of_a_thread)
    if (ThreadCache* mine = cache ? cache : first_cache()) [[likely]]
      return mine->give(p, c);
  pool.give(p, c);
}

void release_cached() noexcept {
  if (cache) cache->flush();
  pool.clear();
}

}  // namespace tenon::host
