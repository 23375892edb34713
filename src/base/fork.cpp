#include "base/fork.h"

#include <pthread.h>

#include <array>
#include <atomic>

namespace tenon {
namespace {

constexpr std::size_t locks = static_cast<std::size_t>(ProcessLock::memory) + 1;
constinit std::array<std::atomic<std::mutex*>, locks> held{};
constinit std::atomic<int> forking{0};  // how many threads fork just now

void before_fork() {
  forking.fetch_add(1);
  for (const auto& mutex : held)
    if (mutex) mutex.load()->lock();
}

void unlock_all() {
  for (std::size_t i = locks; i-- > 0;)
    if (std::mutex* const mutex = held[i]) mutex->unlock();
}

void after_fork() {
  unlock_all();
  forking.fetch_sub(1);
  forking.notify_all();
}

void after_fork_in_the_child() {
  unlock_all();
  forking = 0;
}

}  // namespace

bool hold_across_forks(ProcessLock which, std::mutex& mutex) {
  static const int registered = pthread_atfork(before_fork, after_fork, after_fork_in_the_child);
  held[static_cast<std::size_t>(which)] = &mutex;
  return registered == 0;
}

void let_forks_pass() {
  while (const int n = forking.load(std::memory_order_relaxed)) forking.wait(n);
}

}  // namespace tenon
