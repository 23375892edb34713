#pragma once
// What the programs print, and how they end.
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <tenon/training/chart.h>
#include <tenon/training/progress.h>

namespace support {

/// Ctrl-C ends the program as it always does, and leaves the shell a line of its own.
inline void end_line_on_interrupt() {
  struct sigaction now {};
  now.sa_handler = [](int signal) {
    if (tenon::training::bars_are_drawn()) [[maybe_unused]]
      const auto written = ::write(STDOUT_FILENO, "\n", 1);
    std::raise(signal);  // the default, which SA_RESETHAND has put back
  };
  now.sa_flags = static_cast<int>(SA_RESETHAND);
  struct sigaction before {};
  for (const int signal : {SIGINT, SIGTERM})
    if (::sigaction(signal, nullptr, &before) == 0 && before.sa_handler == SIG_DFL) ::sigaction(signal, &now, nullptr);
}

/// An error where what was printed could not be written: a full disk, or a reader that has gone away.
inline void check_output() {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return;
  throw std::runtime_error(fmt::format("standard output: {}", std::strerror(errno)));
}

class Stopwatch {
 public:
  double seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point start_ = Clock::now();
};

/// The bar of an epoch: plain lines, rare ones, where there is no terminal.
inline tenon::training::ProgressOptions of_images(const std::string& title, int64_t done = 0) {
  return {.title = title, .unit = "images", .done = done, .plain_seconds = 10};
}

/// The next value of each curve.
inline void add_point(std::vector<tenon::training::Curve>& curves, int64_t x, const std::vector<double>& y) {
  for (std::size_t k = 0; k < curves.size(); ++k) {
    curves[k].x.push_back(static_cast<double>(x));
    curves[k].y.push_back(y.at(k));
  }
}

}  // namespace support
