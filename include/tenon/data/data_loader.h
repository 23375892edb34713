#pragma once
// Batches of a dataset, in order or shuffled. Source: torch.utils.data.DataLoader.
#include <cstdint>
#include <iterator>
#include <optional>
#include <type_traits>
#include <utility>

#include <tenon/data/dataset.h>
#include <tenon/random.h>

namespace tenon::data {

struct DataLoaderOptions {
  int64_t batch_size = 1;
  bool shuffle = false;            ///< a new order at each pass
  bool drop_last = false;          ///< leave out a last batch that is not full
  Generator* generator = nullptr;  ///< draws the order; must outlive the loader. nullptr: the default generator
};

/// One pass: which items each batch has. Draws exactly the random numbers that PyTorch's DataLoader draws, when it
/// draws them.
class BatchOrder {
 public:
  /// Begins a pass; this draws one number, also when nothing is shuffled.
  BatchOrder(int64_t items, const DataLoaderOptions& options);
  /// An error where the options cannot be.
  static void check(const DataLoaderOptions& options);
  static int64_t batches(int64_t items, const DataLoaderOptions& options);

  bool done() const { return batch_ == batches(items_, options_); }
  /// The items of the current batch: int64 (B). Not to be called when done().
  Tensor indices();
  void advance();

 private:
  void draw_order();
  void run_out();  // what PyTorch's sampler draws when it is asked for more than there is

  int64_t items_;
  DataLoaderOptions options_;
  int64_t batch_ = 0;
  Tensor order_;  // int64 (items)
  bool ran_out_ = false;
};

/// `data::DataLoader loader(dataset, {.batch_size = 64, .shuffle = true}); for (auto& [x, y] : loader) …`. Keeps a copy
/// of the dataset (which for TensorDataset is a few handles). Each begin() starts a pass of its own; an empty dataset
/// has no batches.
template <Dataset D>
class DataLoader {
 public:
  using Batch = std::decay_t<decltype(std::declval<const D&>().get_batch(std::declval<const Tensor&>()))>;

  explicit DataLoader(D dataset, const DataLoaderOptions& options = {})
      : dataset_(std::move(dataset)), options_(options) {
    BatchOrder::check(options_);
  }

  class Iterator {
   public:
    using value_type = Batch;
    using difference_type = std::ptrdiff_t;

    Iterator(const D& dataset, const DataLoaderOptions& options)
        : dataset_(&dataset), order_(dataset.size(), options) {}
    Iterator(Iterator&&) noexcept = default;  // a pass cannot be gone through twice
    Iterator& operator=(Iterator&&) noexcept = default;

    /// The current batch, gathered when it is first asked for.
    Batch& operator*() {
      if (!batch_) batch_.emplace(dataset_->get_batch(order_.indices()));
      return *batch_;
    }
    Iterator& operator++() {
      batch_.reset();
      order_.advance();
      return *this;
    }
    void operator++(int) { ++*this; }
    bool operator==(std::default_sentinel_t) const { return order_.done(); }

   private:
    const D* dataset_;
    BatchOrder order_;
    std::optional<Batch> batch_;
  };

  Iterator begin() const { return Iterator(dataset_, options_); }
  std::default_sentinel_t end() const { return {}; }

  /// How many batches a pass has.
  int64_t size() const { return BatchOrder::batches(dataset_.size(), options_); }
  const D& dataset() const { return dataset_; }

 private:
  D dataset_;
  DataLoaderOptions options_;
};

}  // namespace tenon::data
