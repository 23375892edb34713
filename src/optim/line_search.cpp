#include "optim/line_search.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <tenon/ops.h>

namespace tenon::optim {
namespace {

struct Point {
  double t, loss;
  Tensor gradient;
  double slope;
};

/// Where the cubic through two points, with their slopes, is lowest between the bounds; their middle if it has no
/// minimum.
double lowest_of_cubic(const Point& a, const Point& b, double low, double high) {
  const double d1 = a.slope + b.slope - 3 * (a.loss - b.loss) / (a.t - b.t), square = d1 * d1 - a.slope * b.slope;
  if (!(square >= 0)) return (low + high) / 2;
  const double d2 = std::sqrt(square);
  const double t = a.t <= b.t ? b.t - (b.t - a.t) * ((b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2))
                              : a.t - (a.t - b.t) * ((a.slope + d2 - d1) / (a.slope - b.slope + 2 * d2));
  return std::min(std::max(t, low), high);
}

}  // namespace

LineSearchResult strong_wolfe(const std::function<LossAndGradient(double t)>& evaluate, const Tensor& d, double t,
                              const LossAndGradient& start, double slope, double tolerance_change,
                              int64_t max_evaluations) {
  constexpr double c1 = 1e-4, c2 = 0.9;
  int64_t evaluations = 0;
  const auto at = [&](double where) {
    auto [loss, gradient] = evaluate(where);
    ++evaluations;
    const auto its_slope = gradient.dot(d).item<double>();
    return Point{where, loss, std::move(gradient), its_slope};
  };
  const auto too_high = [&](const Point& p) { return p.loss > start.loss + c1 * p.t * slope; };
  const auto flat_enough = [&](const Point& p) { return std::abs(p.slope) <= -c2 * slope; };

  // Goes on until a point is good, or such points lie between two.
  const Point origin{0, start.loss, start.gradient, slope};
  Point before = origin, now = at(t);
  std::array<Point, 2> bracket{origin, now};
  bool done = false;
  int64_t steps = 0;
  for (; steps < max_evaluations; ++steps) {
    if (too_high(now) || (steps > 1 && now.loss >= before.loss) || (now.slope >= 0 && !flat_enough(now))) {
      bracket = {before, now};
      break;
    }
    if (flat_enough(now)) {
      bracket = {now, now};
      done = true;
      break;
    }
    const double further = now.t + 0.01 * (now.t - before.t);
    const double next = lowest_of_cubic(before, now, further, now.t * 10);
    before = std::exchange(now, at(next));
  }
  if (steps >= max_evaluations) bracket = {origin, now};

  // Makes the interval smaller, with the lower end always the lowest point so far.
  const double longest = d.abs().max().item<double>();
  std::size_t low = bracket[0].loss <= bracket[1].loss ? 0 : 1;
  bool was_near_an_end = false;
  for (; !done && steps < max_evaluations; ++steps) {
    if (std::abs(bracket[1].t - bracket[0].t) * longest < tolerance_change) break;
    const double least = std::min(bracket[0].t, bracket[1].t), most = std::max(bracket[0].t, bracket[1].t);
    double next = lowest_of_cubic(bracket[0], bracket[1], least, most);
    // A point near an end, for the second time or right there, is moved away from it: the interval would hardly shrink.
    const double margin = 0.1 * (most - least);
    const bool near_an_end = std::min(most - next, next - least) < margin;
    const bool moves = near_an_end && (was_near_an_end || next >= most || next <= least);
    if (moves) next = std::abs(next - most) < std::abs(next - least) ? most - margin : least + margin;
    was_near_an_end = near_an_end && !moves;

    Point point = at(next);
    if (too_high(point) || point.loss >= bracket[low].loss) {
      bracket[1 - low] = std::move(point);
      low = bracket[0].loss <= bracket[1].loss ? 0 : 1;
      continue;
    }
    done = flat_enough(point);
    if (!done && point.slope * (bracket[1 - low].t - bracket[low].t) >= 0) bracket[1 - low] = bracket[low];
    bracket[low] = std::move(point);
  }
  Point& best = bracket[low];
  return {best.t, {best.loss, std::move(best.gradient)}, evaluations};
}

}  // namespace tenon::optim
