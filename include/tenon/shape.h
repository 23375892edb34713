#pragma once
// Sizes, and strides: a short list of 64-bit integers.
#include <concepts>
#include <string>
#include <vector>

#include <tenon/format.h>

#include <tenon/small_vector.h>

#pragma GCC visibility push(default)

namespace tenon {

/// A tensor's sizes (or its strides, in elements). Up to 8 dimensions need no allocation. Prints as `[32, 10]`.
class Shape : public SmallVector<int64_t, 8> {
 public:
  using SmallVector::SmallVector;
  Shape() = default;
  Shape(std::initializer_list<int64_t> sizes) : SmallVector(sizes) {}
  /// One dimension: zeros(3), x.sum(0), x.view(-1).
  template <std::integral T>
  requires(!std::same_as<T, bool>) Shape(T size) : SmallVector({static_cast<int64_t>(size)}) {}
  Shape(const std::vector<int64_t>& sizes) : SmallVector(sizes.begin(), sizes.end()) {}

  /// The product of all sizes; 1 for no dimensions.
  int64_t numel() const {
    int64_t n = 1;
    for (int64_t d : *this) n *= d;
    return n;
  }
  /// `(32, 28, 28)`, as messages write it.
  std::string to_string(char open = '(', char close = ')') const;
};

}  // namespace tenon

template <>
inline constexpr bool tenon::detail::streams<tenon::Shape> = true;
template <>
struct fmt::formatter<tenon::Shape> : tenon::detail::TextFormatter {
  auto format(const tenon::Shape& s, fmt::format_context& c) const { return write(s.to_string('[', ']'), c); }
};

#pragma GCC visibility pop
