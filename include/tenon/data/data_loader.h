#pragma once
// Batches of a dataset, in order or shuffled. Source: torch.utils.data.DataLoader.
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include <tenon/data/dataset.h>
#include <tenon/random.h>
#include <tenon/value.h>

#pragma GCC visibility push(default)

namespace tenon::data {

struct DataLoaderOptions {
  int64_t batch_size = 1;
  bool shuffle = false;            ///< a new order at each pass
  bool drop_last = false;          ///< leave out a last batch that is not full
  Generator* generator = nullptr;  ///< draws the order; must outlive the loader. nullptr: the default generator
};

/// How far a loader's latest pass has come.
struct Pass {
  Tensor generator_state = {};  ///< of the generator that draws, before the pass; undefined: none is under way
  int64_t batches = 0;          ///< that were taken from it
  bool goes_on = false;         ///< it was loaded: the next pass is the rest of it
};

/// One pass: which items each batch has. Draws exactly the random numbers that PyTorch's DataLoader draws, when it
/// draws them.
class BatchOrder {
 public:
  /// Begins a pass; this draws one number, also when nothing is shuffled. Or goes on with `pass`, and draws what it had
  /// drawn: from a copy of the default generator, whose own state the program restores.
  BatchOrder(int64_t items, const DataLoaderOptions& options, Pass& pass);
  /// An error where the options cannot be.
  static void check(const DataLoaderOptions& options);
  static int64_t batches(int64_t items, const DataLoaderOptions& options);

  bool done() const { return batch_ == batches(items_, options_); }
  /// The items of the current batch: int64 (B). Not to be called when done().
  Tensor indices();
  void advance();
  int64_t current() const { return batch_; }

 private:
  void draw_order(Generator& generator);
  void run_out();  // what PyTorch's sampler draws when it is asked for more than there is

  int64_t items_;
  DataLoaderOptions options_;
  int64_t batch_ = 0;  ///< the current one
  Tensor order_;       // int64 (items)
  bool ran_out_ = false;
};

namespace detail {
Dict loader_state(const Pass& pass, int64_t items, const DataLoaderOptions& options);
Pass loaded_pass(const Dict& state_dict, int64_t items, const DataLoaderOptions& options);
}  // namespace detail

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

    Iterator(const D& dataset, const DataLoaderOptions& options, std::shared_ptr<Pass> pass)
        : dataset_(&dataset), pass_(std::move(pass)), order_(dataset.size(), options, *pass_) {}
    Iterator(Iterator&&) noexcept = default;  // a pass can be iterated over once only
    Iterator& operator=(Iterator&&) noexcept = default;

    /// The current batch, gathered when it is first asked for.
    Batch& operator*() {
      if (!batch_) batch_.emplace(dataset_->get_batch(order_.indices()));
      pass_->batches = order_.current() + 1;
      return *batch_;
    }
    Iterator& operator++() {
      batch_.reset();
      order_.advance();
      pass_->batches = order_.current();
      if (order_.done()) *pass_ = {};
      return *this;
    }
    void operator++(int) { ++*this; }
    bool operator==(std::default_sentinel_t) const { return order_.done(); }

   private:
    const D* dataset_;
    std::shared_ptr<Pass> pass_;
    BatchOrder order_;
    std::optional<Batch> batch_;
  };

  Iterator begin() const {
    // An iterator of an earlier pass that is still about keeps its own count.
    pass_ = std::make_shared<Pass>(pass_->goes_on ? *pass_ : Pass());
    return Iterator(dataset_, options_, pass_);
  }
  std::default_sentinel_t end() const { return {}; }

  /// Where the latest pass stands, for a checkpoint: the generator's state before it and how many batches were taken.
  /// Source: torchdata's StatefulDataLoader.
  Dict state_dict() const { return detail::loader_state(*pass_, dataset_.size(), options_); }
  /// The next pass is the rest of the one that was saved, with the batches that it would have had (none, if its last
  /// one was taken); where it had ended, a new one. A generator of the loader's own is restored, too; the default
  /// one is not touched: that is for random::set_state. An error where the state is of another loader or dataset.
  void load_state_dict(const Dict& state_dict) {
    pass_ = std::make_shared<Pass>(detail::loaded_pass(state_dict, dataset_.size(), options_));
  }
  void load_state_dict(const Value& state_dict) { load_state_dict(state_dict.as<Dict>()); }

  /// How many batches a pass has.
  int64_t size() const { return BatchOrder::batches(dataset_.size(), options_); }
  const D& dataset() const { return dataset_; }

 private:
  D dataset_;
  DataLoaderOptions options_;
  mutable std::shared_ptr<Pass> pass_ = std::make_shared<Pass>();
};

}  // namespace tenon::data

#pragma GCC visibility pop
