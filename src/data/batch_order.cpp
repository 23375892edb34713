#include <algorithm>
#include <limits>

#include <tenon/data/data_loader.h>

#include "random/draw.h"

namespace tenon::data {
namespace {

Generator& generator_of(const DataLoaderOptions& options) {
  return options.generator ? *options.generator : default_generator();
}

/// What PyTorch's `torch.empty((), dtype=torch.int64).random_()` draws.
int64_t random_int64(auto& from) { return static_cast<int64_t>(from.next64() & std::numeric_limits<int64_t>::max()); }

}  // namespace

void BatchOrder::check(const DataLoaderOptions& options) {
  if (options.batch_size < 1) fail("DataLoader", "expected batch_size ≥ 1, got {}", options.batch_size);
}

int64_t BatchOrder::batches(int64_t items, const DataLoaderOptions& options) {
  return options.drop_last ? items / options.batch_size : (items + options.batch_size - 1) / options.batch_size;
}

// PyTorch seeds its workers with this number, and draws it whether there are workers or not.
BatchOrder::BatchOrder(int64_t items, const DataLoaderOptions& options, Pass& pass) : items_(items), options_(options) {
  if (!pass.goes_on) {
    random::Stream before;
    {
      const random::Drawing stream(options_.generator);
      before = *stream;
      random_int64(*stream);
    }
    pass.generator_state = before.get_state();
    return;
  }
  pass.goes_on = false;
  Generator copy;
  Generator& generator = options_.generator ? *options_.generator : copy;
  generator.set_state(pass.generator_state);
  random_int64(generator);
  batch_ = pass.batches;
  if (batch_ > 0) draw_order(generator);  // with the first batch
  if (!done()) return;
  run_out();  // the last batch had been taken
  pass = {};
}

void BatchOrder::draw_order(Generator& generator) {
  if (!options_.shuffle) {
    order_ = arange(items_);
  } else if (options_.generator) {
    order_ = randperm(items_, &generator);
  } else {
    Generator own(static_cast<uint64_t>(random_int64(generator)));
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
  if (!order_.defined()) draw_order(generator_of(options_));
  const int64_t from = batch_ * options_.batch_size, to = std::min(items_, from + options_.batch_size);
  if (to - from < options_.batch_size) run_out();
  return order_.narrow(0, from, to - from);
}

void BatchOrder::advance() {
  if (!order_.defined()) draw_order(generator_of(options_));  // a batch passed over without a look at it
  ++batch_;
  if (done()) run_out();
}

Dict detail::loader_state(const Pass& pass, int64_t items, const DataLoaderOptions& options) {
  Value state;  // None: the default generator's between passes, which is the program's to save
  if (pass.generator_state.defined()) state = pass.generator_state;
  else if (options.generator) state = options.generator->get_state();
  return {{"under_way", pass.generator_state.defined()},
          {"generator_state", state},
          {"batches", pass.batches},
          {"items", items},
          {"batch_size", options.batch_size},
          {"shuffle", options.shuffle},
          {"drop_last", options.drop_last}};
}

Pass detail::loaded_pass(const Dict& state_dict, int64_t items, const DataLoaderOptions& options) {
  const auto same = [&](const char* what, const auto& saved, const auto& here) {
    if (saved != here)
      fail("DataLoader", "the state that is loaded is of a loader with {} {}, this one has {}", what, saved, here);
  };
  same("items", state_dict["items"].as<int64_t>(), items);
  same("batch_size", state_dict["batch_size"].as<int64_t>(), options.batch_size);
  same("shuffle", state_dict["shuffle"].as<bool>(), options.shuffle);
  same("drop_last", state_dict["drop_last"].as<bool>(), options.drop_last);
  Pass pass;
  pass.batches = state_dict["batches"].as<int64_t>();
  const int64_t all = BatchOrder::batches(items, options);
  if (pass.batches < 0 || pass.batches > all)
    fail("DataLoader", "the state that is loaded says that {} of {} batches were taken", pass.batches, all);
  pass.goes_on = state_dict["under_way"].as<bool>();
  if (!pass.goes_on && !options.generator) return {};
  pass.generator_state = state_dict["generator_state"].as<Tensor>();
  Generator ours;  // checks the state, before anything changes
  (options.generator && !pass.goes_on ? *options.generator : ours).set_state(pass.generator_state);
  return pass.goes_on ? pass : Pass();
}

}  // namespace tenon::data
