#include "nn/similar_names.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include <fmt/format.h>

namespace tenon::nn {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last, last(b.size() + 1), row(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    before_last = std::exchange(last, row);
  }
  return last[b.size()];
}

std::vector<std::string> suggest_names(const std::vector<std::string>& unexpected,
                                       const std::vector<std::string>& missing) {
  constexpr std::size_t most_comparisons = 20'000;  // where everything is different, guessing helps nobody
  std::vector<std::string> lines;
  if (unexpected.size() * missing.size() > most_comparisons) return lines;
  for (const std::string& given : unexpected) {
    const std::string* nearest = nullptr;
    std::size_t least = given.size() / 5 + 2;  // a fifth of the letters, and one more, may differ
    for (const std::string& name : missing)
      if (const std::size_t d = edit_distance(given, name); d < least) {
        least = d;
        nearest = &name;
      }
    if (nearest) lines.push_back(fmt::format("{}: did you mean {}?", given, *nearest));
  }
  return lines;
}

}  // namespace tenon::nn
