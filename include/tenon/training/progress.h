#pragma once
// How far a long piece of work is.
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#pragma GCC visibility push(default)

namespace tenon::training {

/// 203530 as 203,530.
std::string grouped(int64_t n);

struct ProgressOptions {
  std::string title = {};
  std::string unit = "items";  ///< what is counted: "13,686 images/s"
  int64_t done = 0;            ///< what was done before, which does not count for the rate
  bool leave = false;          ///< at its end the bar stays, as a line, instead of going away
  double plain_seconds = 0;    ///< where there is no terminal, a plain line every so many seconds; 0: none
  std::FILE* to = stdout;
  std::optional<bool> is_terminal = {};  ///< found out where nothing is said
  std::optional<int> columns = {};       ///< of the terminal
};

/// A bar that is drawn anew in its place, at most ten times a second: title, bar, percents, note, rate, time left. What
/// does not fit the terminal's width is left out. A bar that is made while another one is there stands below it; they
/// end in the reverse order. Of one thread.
///
///   training::Progress epochs(10, {.title = "epochs"});
///   for (…) {
///     training::Progress images(60000, {.title = "epoch 1", .unit = "images"});
///     … images.update(done, "loss 0.25");
///     epochs.advance();
///   }
class Progress {
 public:
  /// `total` is −1 where nobody knows: then there is no bar and no time left.
  explicit Progress(int64_t total, const ProgressOptions& options = {});
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// So much is done; the note stands behind the percents.
  void update(int64_t done, std::string_view note = {});
  void advance(int64_t by = 1) { update(done() + by); }
  /// Takes the bars away, so that lines can be printed; the next update() draws them again.
  void clear();
  /// A line of its own above the bars.
  void print(std::string_view line);

  int64_t done() const;
  double seconds() const;  ///< since it was made
  double rate() const;     ///< in units a second, of what was done since then
  bool is_terminal() const;

 private:
  struct Bar;
  std::unique_ptr<Bar> bar_;
};

/// Whether bars stand on the terminal, and the cursor behind the last one: for handlers of signals.
bool bars_are_drawn() noexcept;

}  // namespace tenon::training

#pragma GCC visibility pop
