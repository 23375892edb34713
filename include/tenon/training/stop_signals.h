#pragma once
// Ctrl-C and SIGTERM as a wish that a training ends well.

#pragma GCC visibility push(default)

namespace tenon::training {

/// While one lives, the first SIGINT or SIGTERM is noted, and the training, which asks after each step, saves and ends;
/// the second one ends the process at once, as without. One at a time.
///
///   training::StopSignals stop;
///   for (auto& [x, y] : loader) {
///     …
///     if (stop) break;
///   }
///   save(…);
///   return stop.exit_code();   // 0, 130 (Ctrl-C) or 143 (SIGTERM)
class [[nodiscard]] StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  /// Whether one came.
  explicit operator bool() const { return signal() != 0; }
  /// Which: SIGINT, SIGTERM, or 0.
  int signal() const;
  /// What the process is to exit with: 128 and the signal's number, or 0.
  int exit_code() const { return *this ? 128 + signal() : 0; }
};

}  // namespace tenon::training

#pragma GCC visibility pop
