#pragma once
// What several transforms are told.
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <optional>

#include <tenon/nn/functional/resizing.h>
#include <tenon/small_vector.h>

#pragma GCC visibility push(default)

namespace tenon::data::transforms {

using nn::functional::InterpolationMode;

/// What stands beyond an image's edges: a number; its last elements; the image mirrored at its last elements
/// (… 2 1 | 0 1 2 …), or behind them (… 1 0 | 0 1 2 …).
enum class PaddingMode : uint8_t { constant, edge, reflect, symmetric };

struct Range {
  double low, high;
};

/// A range of numbers, {low, high}, or how far from their middle they may be; by default neither.
class Spread {
 public:
  Spread() = default;
  template <class T>
  requires(std::is_arithmetic_v<T> && !std::same_as<T, bool>) Spread(T distance)
      : distance_(static_cast<double>(distance)) {}
  Spread(double low, double high) : range_(Range{low, high}) {}

  bool is_given() const { return distance_ || range_; }
  const std::optional<double>& distance() const { return distance_; }
  /// The range, around `middle` where a distance was given. Only where something is_given().
  Range around(double middle) const { return range_ ? *range_ : Range{middle - *distance_, middle + *distance_}; }

 private:
  std::optional<double> distance_;
  std::optional<Range> range_;
};

/// A number for all channels, or one for each.
class Fill : public SmallVector<double, 4> {
 public:
  template <class T>
  requires(std::is_arithmetic_v<T> && !std::same_as<T, bool>) Fill(T same) : SmallVector({static_cast<double>(same)}) {}
  Fill(std::initializer_list<double> each) : SmallVector(each) {}
};

}  // namespace tenon::data::transforms

#pragma GCC visibility pop
