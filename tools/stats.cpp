#include "stats.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <tenon/autograd.h>
#include <tenon/ops.h>

#include "numbers.h"

namespace tenon::tool {
namespace {

/// f(number) for each element.
template <class F>
void for_each(const Tensor& flat, F f) {
  constexpr int64_t chunk = 1 << 16;
  for (int64_t begin = 0; begin < flat.numel(); begin += chunk)
    for (const Number x : numbers(flat, begin, std::min(chunk, flat.numel() - begin))) f(x);
}

}  // namespace

std::optional<Stats> stats_of(const Tensor& x) {
  if (!x.defined() || x.numel() == 0 || x.device() != kCPU || is_complex(x.dtype())) return std::nullopt;
  const NoGrad guard;
  const Tensor flat = x.detach().contiguous().view(-1);
  Stats s;
  Number min = std::numeric_limits<Number>::infinity(), max = -min, sum = 0;
  uint64_t finite = 0;
  for_each(flat, [&](Number n) {
    s.nans += std::isnan(n);
    s.infinities += std::isinf(n);
    s.zeros += n == 0;
    if (!std::isfinite(n)) return;
    ++finite;
    sum += n;
    min = std::min(min, n);
    max = std::max(max, n);
  });
  if (finite == 0) {
    s.mean = s.std = s.min = s.max = std::numeric_limits<double>::quiet_NaN();
    return s;
  }
  const Number mean = sum / static_cast<Number>(finite), range = max - min;
  Number squares = 0;
  for_each(flat, [&](Number n) {
    if (!std::isfinite(n)) return;
    squares += (n - mean) * (n - mean);
    const auto last = static_cast<Number>(s.histogram.size() - 1);
    const Number place = range > 0 ? (n - min) / range * static_cast<Number>(s.histogram.size()) : 0;
    ++s.histogram[static_cast<std::size_t>(std::min(place, last))];
  });
  s.mean = static_cast<double>(mean);
  s.std = static_cast<double>(std::sqrt(squares / static_cast<Number>(finite)));
  s.min = static_cast<double>(min);
  s.max = static_cast<double>(max);
  return s;
}

std::string bars(const std::array<uint64_t, 8>& histogram) {
  constexpr std::array heights{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  const uint64_t most = std::max<uint64_t>(1, *std::max_element(histogram.begin(), histogram.end()));
  std::string text;
  for (const uint64_t n : histogram) {
    const double part = static_cast<double>(n) / static_cast<double>(most);
    text += n == 0 ? " " : heights[static_cast<std::size_t>(part * 7.0)];
  }
  return text;
}

}  // namespace tenon::tool
