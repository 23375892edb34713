#include "backend/cpu/thread_room.h"

#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <cstdlib>
#include <memory>
#include <string_view>

namespace tenon::backend::cpu {
namespace {

/// Bytes of stack that OpenMP is told to give each of its threads; 0: as many as any thread gets.
std::size_t stack_size() {
  const char* const setting = std::getenv("OMP_STACKSIZE");
  if (!setting) return 0;
  const std::string_view text(setting);
  std::size_t n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error != std::errc()) return 0;
  switch (end == text.data() + text.size() ? 'K' : *end & ~0x20) {
    case 'B': return n;
    case 'M': return n << 20;
    case 'G': return n << 30;
    default: return n << 10;
  }
}

struct Trial {
  pthread_t thread{};
  pid_t id = 0;
  const std::atomic<bool>* over = nullptr;

  static void* run(void* p) {
    auto& trial = *static_cast<Trial*>(p);
    trial.id = static_cast<pid_t>(::syscall(SYS_gettid));
    trial.over->wait(false);
    return nullptr;
  }
  void end() const {
    ::pthread_join(thread, nullptr);
    // The system counts a thread until it has forgotten it: a moment later, or when it next gets to it.
    constexpr int at_once = 100, most = 10'000;
    for (int i = 0; i < most && ::syscall(SYS_tgkill, ::getpid(), id, 0) == 0; ++i)
      i < at_once ? ::sched_yield() : ::usleep(100);
  }
};

}  // namespace

int threads_that_start(int wanted) {
  pthread_attr_t attributes;
  ::pthread_attr_init(&attributes);
  if (const std::size_t size = stack_size()) ::pthread_attr_setstacksize(&attributes, size);
  std::atomic<bool> over{false};
  const auto trials = std::make_unique<Trial[]>(static_cast<std::size_t>(wanted));
  int n = 0;
  for (; n < wanted; ++n) {
    trials[n].over = &over;
    if (::pthread_create(&trials[n].thread, &attributes, Trial::run, &trials[n]) != 0) break;
  }
  over.store(true);
  over.notify_all();
  for (int i = 0; i < n; ++i) trials[i].end();
  ::pthread_attr_destroy(&attributes);
  return n;
}

}  // namespace tenon::backend::cpu
