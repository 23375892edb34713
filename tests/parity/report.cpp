#include "report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include <fmt/core.h>

namespace tenon::parity {
namespace {

// `i` counted in row-major order, as an index: [2, 3].
std::string place(const Shape& shape, int64_t i) {
  Shape index = shape;
  for (std::size_t d = shape.size(); d-- > 0; i /= shape[d]) index[d] = i % shape[d];
  return fmt::format("{}", index);
}

template <class T>
bool same(T a, T b) {
  return a == b || (a != a && b != b);  // both NaN
}

template <class T>
double distance(T a, T b) {
  const auto x = static_cast<double>(a), y = static_cast<double>(b);
  return std::isfinite(x) && std::isfinite(y) ? std::abs(x - y) : INFINITY;
}

template <class T>
std::string elements_differ(const Tensor& actual, const Tensor& expected, const Tolerance& tolerance) {
  const auto a = actual.to_vector<T>(), e = expected.to_vector<T>();
  double scale = 0;
  for (const T x : e)
    if (std::isfinite(static_cast<double>(x))) scale = std::max(scale, std::abs(static_cast<double>(x)));

  int64_t wrong = 0;
  std::size_t worst = 0;
  double largest = -1;
  for (std::size_t i = 0; i < e.size(); ++i) {
    if (same(a[i], e[i])) continue;
    const double d = distance(a[i], e[i]);
    if (std::is_floating_point_v<T>) {  // integers must be equal
      const double size = std::abs(static_cast<double>(e[i]));
      if (d <= tolerance.relative * size + tolerance.of_largest * scale + tolerance.absolute && std::isfinite(d))
        continue;
    }
    ++wrong;
    if (d > largest) {
      largest = d;
      worst = i;
    }
  }
  if (wrong == 0) return {};
  return fmt::format("{} of {} elements differ, the largest difference {:.3g} at {}: {} instead of {}", wrong, e.size(),
                     largest, place(expected.shape(), static_cast<int64_t>(worst)), a[worst], e[worst]);
}

}  // namespace

std::string difference(const Tensor& actual, const Tensor& expected, const Tolerance& tolerance) {
  if (!actual.defined()) return "there is no tensor";
  if (actual.shape() != expected.shape())
    return fmt::format("shape {} instead of {}", actual.shape().to_string(), expected.shape().to_string());
  if (actual.dtype() != expected.dtype()) return fmt::format("{} instead of {}", actual.dtype(), expected.dtype());
  return expected.is_floating_point() ? elements_differ<double>(actual, expected, tolerance)
                                      : elements_differ<int64_t>(actual, expected, tolerance);
}

void Case::compare(const std::string& what, const Tensor& actual, const Tensor& expected, const Tolerance& tolerance) {
  const std::string found = difference(actual, expected, tolerance);
  if (!found.empty()) mismatches_.push_back(fmt::format("{}: {}", what, found));
}

void Case::compare(const std::string& what, double actual, double expected, const Tolerance& tolerance) {
  if (same(actual, expected)) return;
  const double allowed = (tolerance.relative + tolerance.of_largest) * std::abs(expected) + tolerance.absolute;
  const double d = distance(actual, expected);
  if (!(d <= allowed && std::isfinite(d)))
    mismatches_.push_back(fmt::format("{}: {} instead of {}, difference {:.3g}", what, actual, expected, d));
}

void Case::check(bool holds, const std::string& otherwise) {
  if (!holds) mismatches_.push_back(otherwise);
}

void Report::run(const std::string& name, const std::function<void(Case&)>& body) {
  Case one;
  try {
    body(one);
  } catch (const BadInput&) {
    throw;
  } catch (const NotYet& e) {
    return skip(name, e.what());
  } catch (const std::exception& e) {
    one.check(false, e.what());
  }
  if (one.mismatches().empty()) {
    ++passed_;
    return;
  }
  ++failed_;
  fmt::print("FAILED {}\n", name);
  for (const auto& mismatch : one.mismatches()) fmt::print("    {}\n", mismatch);
}

void Report::skip(const std::string& name, const std::string& why) { skipped_.emplace_back(name, why); }

int Report::finish() const {
  const auto has = [](const std::string& name, const std::string& text) {
    return name.find(text) != std::string::npos;
  };
  bool as_said = true;
  for (const auto& [name, why] : skipped_) {
    const bool may =
        std::ranges::any_of(may_skip_, [&, &name = name](const std::string& text) { return has(name, text); });
    as_said = as_said && may;
    fmt::print("skipped {}: {}{}\n", name, why, may ? "" : " (and no --may-skip allows it)");
  }
  for (const std::string& text : may_skip_)
    if (std::ranges::none_of(skipped_, [&](const auto& s) { return has(s.first, text); })) {
      as_said = false;
      fmt::print("--may-skip {}: nothing was skipped by it; leave it out\n", text);
    }
  fmt::print("{} passed, {} failed, {} skipped\n", passed_, failed_, skipped_.size());
  return failed_ > 0 || !as_said ? 1 : 0;
}

}  // namespace tenon::parity
