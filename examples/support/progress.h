#pragma once
// One line that shows how far an epoch is: redrawn in place on a terminal, plain and rare elsewhere.
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace support {

/// 203530 as 203,530.
inline std::string grouped(int64_t n) {
  std::string digits = std::to_string(n);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > (n < 0 ? 1 : 0); at -= 3)
    digits.insert(static_cast<std::size_t>(at), 1, ',');
  return digits;
}

/// Whether the cursor stands behind a bar: for what a signal does.
inline volatile std::sig_atomic_t bar_is_drawn = 0;

/// Ctrl-C ends the program as it always does, and leaves the shell a line of its own.
inline void end_line_on_interrupt() {
  struct sigaction now {};
  now.sa_handler = [](int signal) {
    if (bar_is_drawn) [[maybe_unused]]
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

class Progress {
 public:
  /// `title` comes first on every line; `images` are the whole of the work, of which `done` are there already.
  Progress(std::string title, int64_t images, int64_t done)
      : title_(std::move(title)), images_(images), before_(done), done_(done) {
    const char* term = std::getenv("TERM");
    terminal_ = isatty(STDOUT_FILENO) != 0 && term && std::string_view(term) != "dumb";
  }
  /// An error on the way is no reason for another one.
  ~Progress() {
    try {
      clear();
    } catch (const std::exception&) {
    }
  }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// So many images are done, with losses of that sum.
  void show(int64_t images, double loss_sum) {
    done_ = images;
    loss_sum_ = loss_sum;
    const double now = watch_.seconds();
    // Drawing takes longer than a step of a small model; the eye needs no more than ten a second, a log far fewer.
    if (now < next_draw_) return;
    next_draw_ = now + (terminal_ ? 0.1 : 10.0);
    if (terminal_) draw(now);
    else if (now > 5.0) fmt::print("{}\n", text(now));
    std::fflush(stdout);
  }

  /// Takes the bar away, so that a line of results can stand in its place.
  void clear() {
    if (drawn_) fmt::print("\r\x1b[K");
    drawn_ = false;
    bar_is_drawn = 0;
    std::fflush(stdout);
  }

  /// A line of its own; on a terminal, where the bar tells enough, none.
  void note(const std::string& line) {
    if (terminal_) return;
    fmt::print("{}\n", line);
    std::fflush(stdout);
  }

  double seconds() const { return watch_.seconds(); }
  int64_t images_per_second() const {
    return static_cast<int64_t>(static_cast<double>(done_ - before_) / std::max(seconds(), 1e-9));
  }

 private:
  double mean_loss() const { return done_ > 0 ? loss_sum_ / static_cast<double>(done_) : 0.0; }
  double part() const { return images_ > 0 ? static_cast<double>(done_) / static_cast<double>(images_) : 1.0; }

  std::string text(double now) const {
    return fmt::format("{}  {:3.0f} %  loss {:.4f}  {} images/s", title_, 100 * part(), mean_loss(),
                       grouped(static_cast<int64_t>(static_cast<double>(done_ - before_) / std::max(now, 1e-9))));
  }

  /// What says most comes first, and what does not fit is left out whole: half a number would be another number.
  std::string text_of_at_most(std::size_t columns, double now) const {
    const std::string whole = text(now), percent = fmt::format("{:3.0f} %", 100 * part());
    const std::string loss = fmt::format("{}  loss {:.4f}", percent, mean_loss());
    for (const std::string& line : {whole, title_ + "  " + loss, loss, percent})
      if (line.size() <= columns) return line;
    return "";
  }

  void draw(double now) {
    winsize size{};
    // One column stays free: a full line would wrap, and could not be drawn over.
    const std::size_t columns =
        ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col - 1U : 79U;
    std::string line = text_of_at_most(columns, now);
    constexpr std::size_t frame = 4, least = 10, most = 40;
    if (line.starts_with(title_) && line.size() + frame + least <= columns) {
      const std::size_t width = std::min(most, columns - line.size() - frame);
      const auto full = static_cast<std::size_t>(part() * static_cast<double>(width));
      line.insert(title_.size(), fmt::format("  [{:#<{}}{:.<{}}]", "", full, "", width - full));
    }
    fmt::print("\r{}\x1b[K", line);
    drawn_ = true;
    bar_is_drawn = 1;
  }

  std::string title_;
  int64_t images_, before_, done_;
  double loss_sum_ = 0, next_draw_ = 0;
  bool terminal_ = false, drawn_ = false;
  Stopwatch watch_;
};

}  // namespace support
