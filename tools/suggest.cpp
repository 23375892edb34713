#include "suggest.h"

#include <algorithm>
#include <numeric>

namespace tenon::tool {
namespace {

/// How many letters must be added, taken away, changed or swapped with the next.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before, last(b.size() + 1), row(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t k = 1; k <= b.size(); ++k) {
      row[k] = std::min({last[k] + 1, row[k - 1] + 1, last[k - 1] + (a[i - 1] == b[k - 1] ? 0 : 1)});
      if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1]) row[k] = std::min(row[k], before[k - 2] + 1);
    }
    before = last;
    last = row;
  }
  return last[b.size()];
}

}  // namespace

std::string nearest(std::string_view given, const std::vector<std::string>& names) {
  constexpr std::size_t longest = 64;  // of what is compared at all
  if (given.size() > longest) return "";
  std::string best;
  std::size_t least = given.size() / 3 + 1;  // letters: more is another word
  for (const std::string& name : names)
    if (const std::size_t d = distance(given, name); d <= least && (best.empty() || d < least)) {
      best = name;
      least = d;
    }
  return best;
}

}  // namespace tenon::tool
