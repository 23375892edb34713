#include <algorithm>
#include <limits>

#include <tenon/data/data_loader.h>

namespace tenon::data {
namespace {

Generator& generator_of(const DataLoaderOptions& options) {
  return options.generator ? *options.generator : default_generator();
}

/// What PyTorch's `torch.empty((), dtype=torch.int64).random_()` draws.
int64_t random_int64(Generator& g) { return static_cast<int64_t>(g.next64() & std::numeric_limits<int64_t>::max()); }

}  // namespace

void BatchOrder::check(const DataLoaderOptions& options) {
  if (options.batch_size < 1) fail("DataLoader", "expected batch_size ≥ 1, got {}", options.batch_size);
}

int64_t BatchOrder::batches(int64_t items, const DataLoaderOptions& options) {
  return options.drop_last ? items / options.batch_size : (items + options.batch_size - 1) / options.batch_size;
}

// PyTorch seeds its workers with this number, and draws it whether there are workers or not.
BatchOrder::BatchOrder(int64_t items, const DataLoaderOptions& options) : items_(items), options_(options) {
  random_int64(generator_of(options_));
}

void BatchOrder::draw_order() {
  if (!options_.shuffle) {
    order_ = arange(items_);
  } else if (options_.generator) {
    order_ = randperm(items_, options_.generator);
  } else {
    Generator own(static_cast<uint64_t>(random_int64(default_generator())));
    order_ = randperm(items_, &own);
  }
}

void BatchOrder::run_out() {
  if (ran_out_) return;
  ran_out_ = true;
  // PyTorch's sampler begins another permutation before it notices that no item of it is wanted. With a private
  // generator nobody sees it.
  if (options_.shuffle && options_.generator) randperm(items_, options_.generator);
}

Tensor BatchOrder::indices() {
  if (!order_.defined()) draw_order();
  const int64_t from = batch_ * options_.batch_size, to = std::min(items_, from + options_.batch_size);
  if (to - from < options_.batch_size) run_out();
  return order_.narrow(0, from, to - from);
}

void BatchOrder::advance() {
  if (!order_.defined()) draw_order();  // a batch passed over without a look at it
  ++batch_;
  if (done()) run_out();
}

}  // namespace tenon::data
