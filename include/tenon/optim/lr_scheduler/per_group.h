#pragma once
#include <concepts>
#include <initializer_list>
#include <string_view>
#include <utility>
#include <vector>

#include <tenon/error.h>
#include <tenon/optim/optimizer.h>

#pragma GCC visibility push(default)

namespace tenon::optim {

/// One for all groups of an optimizer, or, in braces or as a vector, one for each.
template <class T>
class PerGroup {
 public:
  template <std::convertible_to<T> U>
  PerGroup(U&& one) : values_{T(std::forward<U>(one))}, is_one_(true) {}
  PerGroup(std::vector<T> each) : values_(std::move(each)) {}
  PerGroup(std::initializer_list<T> each) : values_(each) {}

  bool is_one() const { return is_one_; }
  /// One for each group; an error where there are more or fewer.
  std::vector<T> of(const Optimizer& optimizer, std::string_view what, std::string_view whose) const {
    if (is_one_) return std::vector<T>(optimizer.group_count(), values_[0]);
    if (values_.size() != optimizer.group_count())
      fail(whose, "expected one {}, or {} for as many parameter groups; got {}", what, optimizer.group_count(),
           values_.size());
    return values_;
  }

 private:
  std::vector<T> values_;
  bool is_one_ = false;
};

}  // namespace tenon::optim

#pragma GCC visibility pop
