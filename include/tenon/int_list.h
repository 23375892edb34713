#pragma once
// One number for each of N dimensions of an image: a kernel's size, a stride, a padding.
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>

#include <tenon/error.h>
#include <tenon/format.h>
#include <tenon/shape.h>

#pragma GCC visibility push(default)

namespace tenon {

/// N integers, given as one for all of them or as a list: Conv2d(3, 8, 3), Conv2d(3, 8, {3, 5}). Another number of them
/// is an error. Prints as `(3, 5)`, and `(3,)` for one.
template <std::size_t N>
class IntList : public std::array<int64_t, N> {
 public:
  IntList() : IntList(0) {}
  template <std::integral T>
  requires(!std::same_as<T, bool>) IntList(T same) { this->fill(static_cast<int64_t>(same)); }
  IntList(std::initializer_list<int64_t> values) { take(values); }
  IntList(const Shape& values) { take(values); }

  Shape shape() const { return Shape(this->begin(), this->end()); }
  std::string to_string() const { return shape().to_string(); }

 private:
  template <class List>
  void take(const List& values) {
    if (values.size() == 1 && N > 1) {
      this->fill(*values.begin());
      return;
    }
    if (values.size() != N)
      fail("IntList", "expected one number or {}, got {}", N, Shape(values.begin(), values.end()).to_string());
    std::copy(values.begin(), values.end(), this->begin());
  }
};

}  // namespace tenon

template <std::size_t N>
inline constexpr bool tenon::detail::streams<tenon::IntList<N>> = true;
template <std::size_t N>
struct fmt::formatter<tenon::IntList<N>> : tenon::detail::TextFormatter {
  auto format(const tenon::IntList<N>& list, fmt::format_context& c) const { return write(list.to_string(), c); }
};

#pragma GCC visibility pop
