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

/// item(i), of the items 0 … size() − 1.
template <class D>
concept HasItems = requires(const D& d, int64_t i) {
  d.get(i);
};
/// A batch at once: `indices` are an int64 tensor (B) of items.
template <class D>
concept HasBatches = requires(const D& d, const Tensor& indices) {
  d.get_batch(indices);
};
/// Anything with `int64_t size() const` and `get(index) const`, whose items a DataLoader puts together (collate.h), or
/// `get_batch(indices) const`, which gives what the loop over the loader sees: an array or a tuple can be taken apart,
/// `for (auto& [x, y] : loader)`. A loader's workers call both at the same time.
template <class D>
concept Dataset = requires(const D& d) {
  { d.size() } -> std::convertible_to<int64_t>;
}
&&(HasItems<D> || HasBatches<D>);

/// Anything with `stream() const`, which begins a pass and returns what has `std::optional<Item> next()`. One thread at
/// a time asks it. Source: torch.utils.data.IterableDataset.
template <class D>
concept StreamDataset = requires(const D& d) {
  { d.stream().next().has_value() } -> std::convertible_to<bool>;
};

namespace detail {
int64_t common_size(const Tensor* tensors, std::size_t count);
Tensor take(const Tensor& items, const Tensor& indices);
int64_t checked_item(const char* dataset, int64_t i, int64_t size);
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
  /// One item of each tensor, a view.
  std::array<Tensor, N> get(int64_t index) const {
    std::array<Tensor, N> item;
    const int64_t at = detail::checked_item("TensorDataset", index, size_);
    for (std::size_t i = 0; i < N; ++i) item[i] = tensors_[i].select(0, at);
    return item;
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
