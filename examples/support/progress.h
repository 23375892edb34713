#pragma once
// One line that shows how far an epoch is: redrawn in place on a terminal, plain and rare elsewhere.
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
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
  ~Progress() { clear(); }
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

  void draw(double now) {
    winsize size{};
    // One column stays free: a full line would wrap, and could not be drawn over.
    const std::size_t columns =
        ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col - 1U : 79U;
    std::string line = text(now);
    constexpr std::size_t frame = 4, least = 10, most = 40;
    if (line.size() + frame + least <= columns) {
      const std::size_t width = std::min(most, columns - line.size() - frame);
      const auto full = static_cast<std::size_t>(part() * static_cast<double>(width));
      line.insert(title_.size(), fmt::format("  [{:#<{}}{:.<{}}]", "", full, "", width - full));
    }
    fmt::print("\r{}\x1b[K", line.substr(0, columns));
    drawn_ = true;
  }

  std::string title_;
  int64_t images_, before_, done_;
  double loss_sum_ = 0, next_draw_ = 0;
  bool terminal_ = false, drawn_ = false;
  Stopwatch watch_;
};

}  // namespace support
