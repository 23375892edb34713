#pragma once
// Parts of a dataset, and several as one.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include <tenon/data/dataset.h>
#include <tenon/random.h>

#pragma GCC visibility push(default)

namespace tenon::data {

namespace detail {
Tensor checked_subset(const Tensor& indices, int64_t size);
Tensor picked(const Tensor& indices, const Tensor& places);
/// How many items each part has: `lengths` as they are where they are whole and sum to `items`, shares of it where
/// they sum to 1.
std::vector<int64_t> split_lengths(const std::vector<double>& lengths, int64_t items);
}  // namespace detail

/// The items of a dataset at `indices`, int64 (n). Source: torch.utils.data.Subset.
template <Dataset D>
class Subset {
 public:
  Subset(D dataset, const Tensor& indices) : Subset(std::make_shared<const D>(std::move(dataset)), indices) {}
  Subset(std::shared_ptr<const D> dataset, const Tensor& indices)
      : dataset_(std::move(dataset)), indices_(detail::checked_subset(indices, dataset_->size())) {}

  int64_t size() const { return indices_.numel(); }
  auto get(int64_t i) const requires HasItems<D> {
    return dataset_->get(indices_[detail::checked_item("Subset", i, size())].template item<int64_t>());
  }
  auto get_batch(const Tensor& indices) const requires HasBatches<D> {
    return dataset_->get_batch(detail::picked(indices_, indices));
  }
  const D& dataset() const { return *dataset_; }
  const Tensor& indices() const { return indices_; }

 private:
  std::shared_ptr<const D> dataset_;
  Tensor indices_;
};

/// Parts of a dataset, without a common item: of the given sizes, which sum to the dataset's, or shares, which sum to
/// 1 (what is left over goes to the first parts, one item each). Source: torch.utils.data.random_split.
template <Dataset D>
std::vector<Subset<D>> random_split(D dataset, const std::vector<double>& lengths, Generator* generator = nullptr) {
  const auto shared = std::make_shared<const D>(std::move(dataset));
  const std::vector<int64_t> sizes = detail::split_lengths(lengths, shared->size());
  const Tensor order = randperm(shared->size(), generator);
  std::vector<Subset<D>> parts;
  int64_t from = 0;
  for (const int64_t n : sizes) parts.emplace_back(shared, order.narrow(0, std::exchange(from, from + n), n).clone());
  return parts;
}

/// Several datasets of one type, one behind the other. Source: torch.utils.data.ConcatDataset.
template <HasItems D>
class ConcatDataset {
 public:
  explicit ConcatDataset(std::vector<D> datasets) : datasets_(std::move(datasets)) {
    if (datasets_.empty()) fail("ConcatDataset", "expected at least one dataset");
    for (const D& dataset : datasets_) ends_.push_back(size() + dataset.size());
  }

  int64_t size() const { return ends_.empty() ? 0 : ends_.back(); }
  auto get(int64_t i) const {
    i = detail::checked_item("ConcatDataset", i, size());
    const auto k = static_cast<std::size_t>(std::ranges::upper_bound(ends_, i) - ends_.begin());
    return datasets_[k].get(k == 0 ? i : i - ends_[k - 1]);
  }
  const std::vector<D>& datasets() const { return datasets_; }

 private:
  std::vector<D> datasets_;
  std::vector<int64_t> ends_;  ///< of each, among all items
};

}  // namespace tenon::data

#pragma GCC visibility pop
