#pragma once
// How a workload is timed: as torch_anchor.py does it, so that the two can be laid side by side. Three calls to warm
// up; then batches of about a tenth of a second; the best batch counts.
#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>

#include <fmt/core.h>

#include <tenon/device.h>

namespace bench {

struct Settings {
  std::string filter;    ///< only rows whose name holds this
  double seconds = 1.5;  ///< for each row
};

inline double seconds_since(std::chrono::steady_clock::time_point t) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - t).count();
}

/// What every program begins with.
inline void header() {
  fmt::print("tenon, {} threads, {}\n", tenon::num_threads(), tenon::get_cpu_capability());
  std::fflush(stdout);
}

/// Whether any of the names is asked for; to build a model only then.
template <class... Names>
bool wanted(const Settings& s, const Names&... names) {
  return ((std::string_view(names).find(s.filter) != std::string_view::npos) || ...);
}

/// The time of one call: the best batch's mean.
template <class F>
double best_seconds(const Settings& s, F&& f) {
  for (int i = 0; i < 3; ++i) f();
  auto start = std::chrono::steady_clock::now();
  f();
  const int calls = std::max(1, static_cast<int>(0.1 / std::max(seconds_since(start), 1e-9)));
  double best = 1e9;
  const auto begin = std::chrono::steady_clock::now();
  do {
    start = std::chrono::steady_clock::now();
    for (int i = 0; i < calls; ++i) f();
    best = std::min(best, seconds_since(start) / calls);
  } while (seconds_since(begin) < s.seconds);
  return best;
}

/// Prints `name  microseconds us`.
template <class F>
void row(const Settings& s, std::string_view name, F&& f) {
  if (!wanted(s, name)) return;
  fmt::print("{:<40} {:>12.2f} us\n", name, best_seconds(s, f) * 1e6);
  std::fflush(stdout);
}

}  // namespace bench
