#pragma once
// for (Tensor row : x)
#include <tenon/tensor.h>

#pragma GCC visibility push(default)

namespace tenon {

/// Goes over a tensor's first dimension.
class RowIterator {
 public:
  using difference_type = int64_t;
  using value_type = Tensor;
  RowIterator() = default;
  RowIterator(Tensor x, int64_t at) : x_(std::move(x)), at_(at) {}
  Tensor operator*() const { return x_.select(0, at_); }
  RowIterator& operator++() {
    ++at_;
    return *this;
  }
  RowIterator operator++(int) {
    RowIterator before = *this;
    ++at_;
    return before;
  }
  bool operator==(const RowIterator& o) const { return at_ == o.at_; }

 private:
  Tensor x_;
  int64_t at_ = 0;
};
inline RowIterator Tensor::begin() const { return {*this, 0}; }
inline RowIterator Tensor::end() const { return {*this, size(0)}; }

}  // namespace tenon

#pragma GCC visibility pop
