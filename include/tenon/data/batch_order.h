#pragma once
// A DataLoader's options, and the passes over its dataset.
#include <cstdint>
#include <vector>

#include <tenon/data/sampler.h>
#include <tenon/value.h>

#pragma GCC visibility push(default)

namespace tenon::data {

struct DataLoaderOptions {
  int64_t batch_size = 1;
  bool shuffle = false;            ///< a new order at each pass
  bool drop_last = false;          ///< leave out a last batch that is not full
  Generator* generator = nullptr;  ///< draws the order; must outlive the loader. nullptr: the default generator
  AnySampler sampler = {};         ///< another order, instead of shuffle
  AnyBatching batch_sampler = {};  ///< other batches, instead of batch_size, shuffle, drop_last and sampler
  /// Threads that make batches ahead of the loop. Their number changes nothing of what the loop gets.
  int64_t num_workers = 0;
  int64_t prefetch_factor = 2;  ///< batches a worker may be ahead
};

/// How far a loader's latest pass has come.
struct Pass {
  Tensor generator_state = {};  ///< of the loader's generator, before the pass; undefined: none is under way
  Tensor order_state = {};      ///< of what the order is drawn from, where that is another
  bool drawn = false;           ///< the order is
  int64_t batches = 0;          ///< that were taken from it
  bool goes_on = false;         ///< it was loaded: the next pass is the rest of it
};

/// Begins a pass, or goes on with one that was loaded: draws the number that PyTorch's DataLoader draws then.
class PassBegin {
 public:
  /// `of_sampler` is a sampler's own generator, or null.
  PassBegin(const DataLoaderOptions& options, Generator* of_sampler, Pass& pass);
  uint64_t seed() const { return seed_; }
  /// What the order is drawn from.
  Generator& order_generator() const;

 private:
  Generator* of_sampler_;
  std::shared_ptr<Generator> copy_;  // of the default one as it was, whose own state the program restores
  uint64_t seed_;
};

/// One pass: which items each batch has. Draws exactly the random numbers that PyTorch's DataLoader draws, when it
/// draws them.
class BatchOrder {
 public:
  /// Begins a pass; this draws one number, also when nothing is shuffled. Or goes on with `pass`, and draws what it had
  /// drawn.
  BatchOrder(int64_t items, const DataLoaderOptions& options, std::shared_ptr<Pass> pass);
  /// An error where the options cannot be.
  static void check(const DataLoaderOptions& options);
  static int64_t batches(int64_t items, const DataLoaderOptions& options);

  /// Of the numbers that its batches' items draw.
  uint64_t seed() const { return begin_.seed(); }
  int64_t first() const { return first_; }
  int64_t size() const { return size_; }
  /// Draws the order, if it is not drawn yet.
  void draw();
  /// The items of a batch: int64 (B). After draw(); several threads may ask.
  Tensor batch(int64_t b) const;
  /// The loop has come to batch b, or to the end; or it takes it.
  void reach(int64_t b);
  void take(int64_t b);

 private:
  void run_out();

  int64_t items_;
  DataLoaderOptions options_;
  AnySampler sampler_;  // null where there is a batch_sampler
  std::shared_ptr<Pass> pass_;
  PassBegin begin_;
  int64_t first_, size_;
  Tensor order_;                 // int64: the items in their order
  std::vector<Tensor> batches_;  // the batch_sampler's
  bool drawn_ = false, ran_out_ = false;
};

namespace detail {
/// `items` is −1 for a stream.
Dict loader_state(const Pass& pass, int64_t items, const DataLoaderOptions& options);
Pass loaded_pass(const Dict& state_dict, int64_t items, const DataLoaderOptions& options);
}  // namespace detail

}  // namespace tenon::data

#pragma GCC visibility pop
