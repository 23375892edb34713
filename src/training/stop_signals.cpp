#include <tenon/training/stop_signals.h>

#include <signal.h>

#include <array>
#include <atomic>

#include <tenon/error.h>

namespace tenon::training {
namespace {

constinit std::atomic<bool> lives{false};
constinit std::atomic<int> noted{0};
constexpr std::array signals{SIGINT, SIGTERM};
std::array<struct sigaction, signals.size()> before;

void note(int which) {
  if (noted.exchange(which) == 0) return;
  ::signal(which, SIG_DFL);
  raise(which);
}

}  // namespace

StopSignals::StopSignals() {
  if (lives.exchange(true)) fail("StopSignals", "there is one already");
  noted = 0;
  struct sigaction action {};
  action.sa_handler = note;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  for (std::size_t i = 0; i < signals.size(); ++i) sigaction(signals[i], &action, &before[i]);
}

StopSignals::~StopSignals() {
  for (std::size_t i = 0; i < signals.size(); ++i) sigaction(signals[i], &before[i], nullptr);
  lives = false;
}

int StopSignals::signal() const { return noted; }

}  // namespace tenon::training
