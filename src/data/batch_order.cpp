#include <tenon/data/batch_order.h>

#include <algorithm>

#include <tenon/ops.h>

#include "data/random_int64.h"
#include "random/draw.h"

namespace tenon::data {
namespace {

AnySampler sampler_of(int64_t items, const DataLoaderOptions& o) {
  if (o.batch_sampler) return {};
  if (o.sampler) return o.sampler;
  if (o.shuffle) return RandomSampler(items, {.generator = o.generator});
  return SequentialSampler(items);
}

Generator* generator_of(const DataLoaderOptions& o) {
  if (o.batch_sampler) return o.batch_sampler->generator();
  if (o.sampler) return o.sampler->generator();
  return o.shuffle ? o.generator : nullptr;
}

void check_range(const Tensor& order, int64_t items) {
  if (order.dim() != 1 || order.dtype() != int64)
    fail("DataLoader", "expected a sampler's items as int64 of shape (n,), got {} {}", order.dtype(),
         order.shape().to_string());
  if (order.numel() == 0) return;
  const auto [least, greatest] = aminmax(order);
  if (least.item<int64_t>() < 0 || greatest.item<int64_t>() >= items)
    fail("DataLoader", "the sampler gives item {}, and the dataset has {}",
         least.item<int64_t>() < 0 ? least.item<int64_t>() : greatest.item<int64_t>(), items);
}

}  // namespace

// ---- the beginning of a pass

PassBegin::PassBegin(const DataLoaderOptions& options, Generator* of_sampler, Pass& pass) : of_sampler_(of_sampler) {
  Generator& of_order = of_sampler ? *of_sampler : default_generator();
  const bool is_another = options.generator && options.generator != &of_order;
  // PyTorch seeds its workers with this number, and draws it whether there are workers or not.
  if (!pass.goes_on) {
    if (is_another || (of_sampler && !options.generator)) pass.order_state = of_order.get_state();
    random::Stream before;
    {
      const random::Drawing stream(options.generator);
      before = *stream;
      seed_ = static_cast<uint64_t>(random_int64(*stream));
    }
    pass.generator_state = before.get_state();
    return;
  }
  pass.goes_on = false;
  copy_ = std::make_shared<Generator>();
  Generator& generator = options.generator ? *options.generator : *copy_;
  generator.set_state(pass.generator_state);
  seed_ = static_cast<uint64_t>(random_int64(generator));
  if (pass.order_state.defined()) (of_sampler ? *of_sampler : *copy_).set_state(pass.order_state);
  if (!pass.drawn) copy_ = nullptr;
}

Generator& PassBegin::order_generator() const {
  if (of_sampler_) return *of_sampler_;
  return copy_ ? *copy_ : default_generator();
}

// ---- the order

void BatchOrder::check(const DataLoaderOptions& o) {
  if (o.batch_size < 1) fail("DataLoader", "expected batch_size ≥ 1, got {}", o.batch_size);
  if (o.num_workers < 0) fail("DataLoader", "expected num_workers ≥ 0, got {}", o.num_workers);
  if (o.prefetch_factor < 1) fail("DataLoader", "expected prefetch_factor ≥ 1, got {}", o.prefetch_factor);
  if (o.sampler && o.shuffle) fail("DataLoader", "a sampler gives the order: leave out shuffle");
  if (o.batch_sampler && (o.batch_size != 1 || o.shuffle || o.drop_last || o.sampler))
    fail("DataLoader", "a batch_sampler gives the batches: leave out batch_size, shuffle, drop_last and sampler");
}

int64_t BatchOrder::batches(int64_t items, const DataLoaderOptions& o) {
  if (o.batch_sampler) return o.batch_sampler->size();
  return batches_of(o.sampler ? o.sampler->size() : items, o.batch_size, o.drop_last);
}

BatchOrder::BatchOrder(int64_t items, const DataLoaderOptions& options, std::shared_ptr<Pass> pass)
    : items_(items),
      options_(options),
      sampler_(sampler_of(items, options)),
      pass_(std::move(pass)),
      begin_(options, generator_of(options), *pass_),
      first_(pass_->batches),
      size_(batches(items, options)) {
  if (pass_->drawn) draw();
  if (first_ == 0 || first_ < size_) return;
  run_out();  // the last batch had been taken
  *pass_ = {};
}

void BatchOrder::draw() {
  if (drawn_) return;
  drawn_ = pass_->drawn = true;
  Generator& from = begin_.order_generator();
  if (sampler_) {
    order_ = sampler_->order(from);
    check_range(order_, items_);
    if (order_.numel() != sampler_->size())
      fail("DataLoader", "the sampler gives {} items, and says that there are {}", order_.numel(), sampler_->size());
    return;
  }
  batches_ = options_.batch_sampler->batches(from);
  for (const Tensor& batch : batches_) check_range(batch, items_);
  if (static_cast<int64_t>(batches_.size()) != size_)
    fail("DataLoader", "the batch_sampler gives {} batches, and says that there are {}", batches_.size(), size_);
}

Tensor BatchOrder::batch(int64_t b) const {
  if (!sampler_) return batches_[static_cast<std::size_t>(b)];
  const int64_t from = b * options_.batch_size;
  return order_.narrow(0, from, std::min(options_.batch_size, order_.numel() - from));
}

void BatchOrder::take(int64_t b) {
  draw();
  if (sampler_ && (b + 1) * options_.batch_size > order_.numel()) run_out();  // it was asked for more
}

void BatchOrder::reach(int64_t b) {
  draw();  // also for a batch that is passed over without a look at it
  if (b == size_) run_out();
}

void BatchOrder::run_out() {
  if (std::exchange(ran_out_, true)) return;
  if (sampler_) sampler_->run_out(begin_.order_generator());
  else options_.batch_sampler->run_out(begin_.order_generator());
}

// ---- a pass in a checkpoint

Dict detail::loader_state(const Pass& pass, int64_t items, const DataLoaderOptions& options) {
  // None: the default generator's between passes, which is the program's to save.
  const auto state = [&](const Tensor& before, const Generator* generator) {
    return before.defined() ? Value(before) : generator ? Value(generator->get_state()) : Value();
  };
  const Generator* const of_order = generator_of(options);
  return {{"under_way", pass.generator_state.defined()},
          {"generator_state", state(pass.generator_state, options.generator)},
          {"order_state", state(pass.order_state, of_order == options.generator ? nullptr : of_order)},
          {"order_is_drawn", pass.drawn},
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
  const Value* const drawn = state_dict.find("order_is_drawn");
  pass.drawn = drawn ? drawn->as<bool>() : pass.batches > 0;
  const int64_t all = items < 0 ? pass.batches : BatchOrder::batches(items, options);
  if (pass.batches < 0 || pass.batches > all)
    fail("DataLoader", "the state that is loaded says that {} of {} batches were taken", pass.batches, all);
  pass.goes_on = state_dict["under_way"].as<bool>();

  Generator tried;  // takes the states first: an error, before anything changes
  const auto loaded = [&](const char* key) {
    const Value* const value = state_dict.find(key);
    if (!value || value->is_none()) return Tensor();
    tried.set_state(value->as<Tensor>());
    return value->as<Tensor>();
  };
  pass.generator_state = loaded("generator_state");
  pass.order_state = loaded("order_state");
  if (pass.goes_on) {
    if (!pass.generator_state.defined()) fail("DataLoader", "the state that is loaded has no generator_state");
    return pass;
  }
  Generator* const of_order = generator_of(options);
  if (options.generator && pass.generator_state.defined()) options.generator->set_state(pass.generator_state);
  if (of_order && pass.order_state.defined()) of_order->set_state(pass.order_state);
  return {};
}

}  // namespace tenon::data
