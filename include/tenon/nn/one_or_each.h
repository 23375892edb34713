#pragma once
// Sizes of a window: a number for each of N dimensions.
#include <algorithm>
#include <array>
#include <concepts>
#include <cstdint>
#include <initializer_list>

#include <tenon/error.h>
#include <tenon/shape.h>

#pragma GCC visibility push(default)

namespace tenon::nn {

/// A T for each of N dimensions, given as one for all of them or as a list, and which of the two it was: MaxPool2d(2),
/// MaxPool2d({2, 3}). PyTorch's layers print it as it was given: kernel_size=2, kernel_size=(2, 3). By default nothing
/// was given. Another number of them is an error.
template <class T, std::size_t N>
class OneOrEach : public std::array<T, N> {
 public:
  OneOrEach() : std::array<T, N>{} {}
  template <class U>
  requires(!std::same_as<U, bool> && (std::integral<U> || (std::floating_point<U> && std::same_as<T, double>)))
      OneOrEach(U same)
      : form_(Form::one) {
    this->fill(static_cast<T>(same));
  }
  OneOrEach(std::initializer_list<T> each) : form_(Form::each) { take(each); }
  OneOrEach(const Shape& each) requires std::same_as<T, int64_t> : form_(Form::each) { take(each); }

  bool given() const { return form_ != Form::none; }
  bool is_one() const { return form_ == Form::one; }  ///< one number for all dimensions

 private:
  enum class Form : uint8_t { none, one, each };
  template <class List>
  void take(const List& each) {
    if (each.size() != N && each.size() != 1)
      fail("OneOrEach", "expected one number or {}, got {} of them", N, each.size());
    if (each.size() == 1) this->fill(*each.begin());
    else std::copy(each.begin(), each.end(), this->begin());
  }
  Form form_ = Form::none;
};

}  // namespace tenon::nn

#pragma GCC visibility pop
