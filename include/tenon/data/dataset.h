#pragma once
// What a DataLoader draws its batches from.
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <tenon/tensor.h>

#pragma GCC visibility push(default)

namespace tenon::data {

/// Anything with `int64_t size() const` and `get_batch(indices) const`. The indices are an int64 tensor (B) of items;
/// what is returned is what the loop over the loader sees: an array or a tuple can be taken apart, `for (auto& [x, y] :
/// loader)`.
template <class D>
concept Dataset = requires(const D& d, const Tensor& indices) {
  { d.size() } -> std::convertible_to<int64_t>;
  d.get_batch(indices);
};

namespace detail {
int64_t common_size(const Tensor* tensors, std::size_t count);
Tensor take(const Tensor& items, const Tensor& indices);
}  // namespace detail

/// N tensors with the same number of items: item i is the i-th slice of each. Keeps handles, no copies.
/// Source: torch.utils.data.TensorDataset.
template <std::size_t N>
class TensorDataset {
 public:
  template <std::convertible_to<Tensor>... T>
  requires(sizeof...(T) == N && N > 0) explicit TensorDataset(T... tensors)
      : tensors_{std::move(tensors)...}, size_(detail::common_size(tensors_.data(), N)) {}

  int64_t size() const { return size_; }
  /// The items (B, …) of each tensor, always in memory of their own: a loop may change its batch in place.
  std::array<Tensor, N> get_batch(const Tensor& indices) const {
    std::array<Tensor, N> batch;
    for (std::size_t i = 0; i < N; ++i) batch[i] = detail::take(tensors_[i], indices);
    return batch;
  }
  const std::array<Tensor, N>& tensors() const { return tensors_; }

 private:
  std::array<Tensor, N> tensors_;
  int64_t size_;
};
template <std::convertible_to<Tensor>... T>
TensorDataset(T...) -> TensorDataset<sizeof...(T)>;

}  // namespace tenon::data

#pragma GCC visibility pop
