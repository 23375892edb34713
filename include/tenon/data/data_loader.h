#pragma once
// Batches of a dataset. Source: torch.utils.data.DataLoader.
#include <cstdint>
#include <exception>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <tenon/data/batch_order.h>
#include <tenon/data/collate.h>
#include <tenon/data/dataset.h>
#include <tenon/data/workers.h>
#include <tenon/random/default_generator.h>

#pragma GCC visibility push(default)

namespace tenon::data {

namespace detail {

std::string told_items(const Tensor& indices);
/// What made of `what` (an item, a batch) threw leaves as an Error that names it, with the one it was nested.
[[noreturn]] void rethrow_naming(const std::string& what);

template <class F>
auto naming(F f, const auto& what) {
  try {
    return f();
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception&) {
    rethrow_naming(what());
  }
}

/// The batches of a pass over a Dataset.
template <class D, class Collate>
class ItemBatches {
 public:
  ItemBatches(const D& dataset, const Collate& collate, const DataLoaderOptions& options, std::shared_ptr<Pass> pass,
              int64_t)
      : dataset_(&dataset), collate_(&collate), order_(dataset.size(), options, std::move(pass)) {}

  void start() { order_.draw(); }
  int64_t first() const { return order_.first(); }
  uint64_t seed() const { return order_.seed(); }
  bool begin(int64_t b) { return b < order_.size(); }
  auto make(int64_t b) const {
    const Tensor indices = order_.batch(b);
    if constexpr (HasBatches<D> && std::same_as<Collate, DefaultCollate>) {
      return naming([&] { return dataset_->get_batch(indices); }, [&] { return told_items(indices); });
    } else {
      std::vector<std::decay_t<decltype(dataset_->get(int64_t{}))>> items;
      items.reserve(static_cast<std::size_t>(indices.numel()));
      for (const int64_t i : indices.to_vector<int64_t>())
        items.push_back(naming([&] { return dataset_->get(i); }, [&] { return "item " + std::to_string(i); }));
      return naming([&] { return (*collate_)(std::move(items)); }, [&] { return told_items(indices); });
    }
  }
  void take(int64_t b) { order_.take(b); }
  void reach(int64_t b) { order_.reach(b); }

 private:
  const D* dataset_;
  const Collate* collate_;
  BatchOrder order_;
};

/// The same over a StreamDataset.
template <class D, class Collate>
class StreamBatches {
 public:
  /// At most `ahead` batches are begun and not yet made.
  StreamBatches(const D& dataset, const Collate& collate, const DataLoaderOptions& options, std::shared_ptr<Pass> pass,
                int64_t ahead)
      : collate_(&collate),
        batch_size_(options.batch_size),
        drop_last_(options.drop_last),
        begun_(options, nullptr, *pass),
        first_(pass->batches),
        stream_(dataset.stream()),
        pulled_(static_cast<std::size_t>(ahead)) {}

  void start() {}
  int64_t first() const { return first_; }
  uint64_t seed() const { return begun_.seed(); }
  bool begin(int64_t b) {
    for (; skipped_ < b && skipped_ < first_; ++skipped_) pull(skipped_, b);  // what an earlier part of the pass took
    return pull(b, b);
  }
  auto make(int64_t b) {
    return naming([&] { return (*collate_)(std::move(slot(b))); }, [&] { return "batch " + std::to_string(b); });
  }
  void take(int64_t) {}
  void reach(int64_t) {}

 private:
  using Item = typename decltype(std::declval<const D&>().stream().next())::value_type;
  std::vector<Item>& slot(int64_t b) { return pulled_[static_cast<std::size_t>(b) % pulled_.size()]; }
  bool pull(int64_t batch, int64_t to) {
    std::vector<Item>& items = slot(to);
    items.clear();
    const random::DefaultGenerator draws(seed_of_batch(begun_.seed(), batch, 0));
    while (static_cast<int64_t>(items.size()) < batch_size_) {
      const auto at = [&] {
        return "item " + std::to_string(batch * batch_size_ + static_cast<int64_t>(items.size()));
      };
      std::optional<Item> item = naming([&] { return stream_.next(); }, at);
      if (!item) break;
      items.push_back(std::move(*item));
    }
    return !items.empty() && (!drop_last_ || static_cast<int64_t>(items.size()) == batch_size_);
  }

  const Collate* collate_;
  int64_t batch_size_;
  bool drop_last_;
  PassBegin begun_;
  int64_t first_, skipped_ = 0;
  decltype(std::declval<const D&>().stream()) stream_;
  std::vector<std::vector<Item>> pulled_;
};

template <class D, class Collate>
using BatchesOf = std::conditional_t<Dataset<D>, ItemBatches<D, Collate>, StreamBatches<D, Collate>>;

/// Batches in their order, made when they are asked for, or ahead by workers.
template <class Source>
class Batches {
 public:
  using Batch = std::decay_t<decltype(std::declval<Source&>().make(int64_t{}))>;

  template <class... A>
  Batches(const DataLoaderOptions& o, const A&... arguments)
      : ahead_(std::max<int64_t>(1, o.num_workers * o.prefetch_factor)),
        source_(arguments..., ahead_),
        made_(static_cast<std::size_t>(ahead_)),
        current_(source_.first()) {
    if (o.num_workers == 0) return;
    source_.start();
    workers_.emplace(o.num_workers, ahead_, current_,
                     Workers::Jobs{[this](int64_t b) { return source_.begin(b); }, [this](int64_t b) { make(b); }});
  }
  Batches(const Batches&) = delete;
  Batches& operator=(const Batches&) = delete;

  int64_t current() const { return current_; }
  bool done() {
    if (!is_known_) {
      is_there_ = workers_ ? workers_->wait(current_) : source_.begin(current_);
      is_known_ = true;
    }
    return !is_there_;
  }
  /// The current batch. Not to be called when done().
  Batch& batch() {
    std::optional<Batch>& batch = slot(current_);
    if (workers_) workers_->wait(current_);
    source_.take(current_);
    if (!workers_ && !batch) {
      done();
      make(current_);
    }
    return *batch;
  }
  void advance() {
    slot(current_).reset();
    if (workers_) workers_->release(current_);
    else done();  // a stream's batch that is passed over is pulled all the same
    source_.reach(++current_);
    is_known_ = false;
  }

 private:
  std::optional<Batch>& slot(int64_t b) { return made_[static_cast<std::size_t>(b % ahead_)]; }
  void make(int64_t b) {
    const random::DefaultGenerator draws(seed_of_batch(source_.seed(), b, 1));
    slot(b).emplace(source_.make(b));
  }

  int64_t ahead_;
  Source source_;
  std::vector<std::optional<Batch>> made_;
  int64_t current_;
  bool is_known_ = false, is_there_ = false;  // whether there is a current batch
  std::optional<Workers> workers_;            // last: they use the rest
};

}  // namespace detail

/// `data::DataLoader loader(dataset, {.batch_size = 64, .shuffle = true}); for (auto& [x, y] : loader) …`. Keeps a copy
/// of the dataset (which for TensorDataset is a few handles). Each begin() starts a pass of its own; an empty dataset
/// has no batches.
///
/// Workers make batches ahead, in their order. What a dataset draws where no generator is given is the same for any
/// number of workers: each batch has numbers of its own, from the pass's seed. What it throws is thrown by the loop
/// that takes the batch, as an Error that names the item, with what was thrown nested in it. A loop that ends early
/// ends its workers.
template <class D, class Collate = DefaultCollate>
requires(Dataset<D> || StreamDataset<D>) class DataLoader {
 public:
  using Batch = typename detail::Batches<detail::BatchesOf<D, Collate>>::Batch;

  /// `collate` makes a batch of a std::vector of items; without one, see DefaultCollate.
  explicit DataLoader(D dataset, const DataLoaderOptions& options = {}, Collate collate = {})
      : dataset_(std::move(dataset)), options_(options), collate_(std::move(collate)) {
    BatchOrder::check(options_);
    if (!Dataset<D> && (options_.shuffle || options_.sampler || options_.batch_sampler))
      fail("DataLoader", "a stream has its own order: leave out shuffle, sampler and batch_sampler");
  }

  class Iterator {
   public:
    using value_type = Batch;
    using difference_type = std::ptrdiff_t;

    Iterator(const DataLoader& loader, std::shared_ptr<Pass> pass)
        : pass_(pass),
          batches_(std::make_unique<detail::Batches<detail::BatchesOf<D, Collate>>>(
              loader.options_, loader.dataset_, loader.collate_, loader.options_, pass)) {}
    Iterator(Iterator&&) noexcept = default;  // a pass can be iterated over once only
    Iterator& operator=(Iterator&&) noexcept = default;

    /// The current batch, gathered when it is first asked for, if no worker has done so.
    Batch& operator*() {
      Batch& batch = batches_->batch();
      pass_->batches = batches_->current() + 1;
      return batch;
    }
    Iterator& operator++() {
      batches_->advance();
      pass_->batches = batches_->current();
      if (batches_->done()) *pass_ = {};
      return *this;
    }
    void operator++(int) { ++*this; }
    bool operator==(std::default_sentinel_t) const { return batches_->done(); }

   private:
    std::shared_ptr<Pass> pass_;
    std::unique_ptr<detail::Batches<detail::BatchesOf<D, Collate>>> batches_;
  };

  Iterator begin() const {
    // An iterator of an earlier pass that is still about keeps its own count.
    pass_ = std::make_shared<Pass>(pass_->goes_on ? *pass_ : Pass());
    return Iterator(*this, pass_);
  }
  std::default_sentinel_t end() const { return {}; }

  /// Where the latest pass stands, for a checkpoint: the generators' states before it and how many batches were taken.
  /// Source: torchdata's StatefulDataLoader.
  Dict state_dict() const { return detail::loader_state(*pass_, items(), options_); }
  /// The next pass is the rest of the one that was saved, with the batches that it would have had (none, if its last
  /// one was taken); where it had ended, a new one. Generators of the loader's own are restored, too; the default one
  /// is not touched: that is for random::set_state. An error where the state is of another loader or dataset.
  void load_state_dict(const Dict& state_dict) {
    pass_ = std::make_shared<Pass>(detail::loaded_pass(state_dict, items(), options_));
  }
  void load_state_dict(const Value& state_dict) { load_state_dict(state_dict.as<Dict>()); }

  /// How many batches a pass has.
  int64_t size() const requires Dataset<D> { return BatchOrder::batches(dataset_.size(), options_); }
  const D& dataset() const { return dataset_; }

 private:
  int64_t items() const {
    if constexpr (Dataset<D>) return dataset_.size();
    else return -1;
  }

  D dataset_;
  DataLoaderOptions options_;
  Collate collate_;
  mutable std::shared_ptr<Pass> pass_ = std::make_shared<Pass>();
};

}  // namespace tenon::data

#pragma GCC visibility pop
