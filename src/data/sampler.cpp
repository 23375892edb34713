#include <tenon/data/sampler.h>

#include <algorithm>

#include <tenon/ops.h>

#include "data/random_int64.h"

namespace tenon::data {
namespace {

void check_items(const char* name, int64_t n) {
  if (n < 0) fail(name, "expected a number of items of 0 or more, got {}", n);
}

void check_samples(const char* name, int64_t samples) {
  if (samples < 1) fail(name, "expected num_samples of 1 or more, got {}", samples);
}

}  // namespace

Tensor Sampler::items() const {
  Generator& from = generator() ? *generator() : default_generator();
  Tensor all = order(from);
  run_out(from);
  return all;
}

SequentialSampler::SequentialSampler(int64_t n) : n_(n) { check_items("SequentialSampler", n); }
Tensor SequentialSampler::order(Generator&) const { return arange(n_); }

RandomSampler::RandomSampler(int64_t n, const RandomSamplerOptions& options)
    : n_(n), options_(options), samples_(options.num_samples.value_or(n)) {
  check_items("RandomSampler", n);
  if (options.num_samples) check_samples("RandomSampler", samples_);
  if (n == 0 && samples_ > 0) fail("RandomSampler", "there are no items to draw {} from", samples_);
}

Tensor RandomSampler::order(Generator& from) const {
  Generator own;
  Generator* const generator = options_.generator ? &from : &own;
  if (!options_.generator) own.manual_seed(static_cast<uint64_t>(random_int64(from)));
  if (options_.replacement) return randint(0, std::max<int64_t>(n_, 1), {samples_}, {int64}, generator);
  if (n_ == samples_) return randperm(n_, generator);
  std::vector<Tensor> parts;
  for (int64_t left = samples_; left > 0; left -= n_)
    parts.push_back(randperm(n_, generator).narrow(0, 0, std::min(n_, left)));
  return cat(parts);
}

void RandomSampler::run_out(Generator& from) const {
  // PyTorch's begins another permutation before it notices that no item of it is wanted; where it seeded a generator
  // for itself, nobody sees that.
  if (options_.generator && !options_.replacement && n_ > 0 && samples_ % n_ == 0) randperm(n_, &from);
}

SubsetRandomSampler::SubsetRandomSampler(const Tensor& indices, Generator* generator)
    : indices_(indices.detach().clone()), generator_(generator) {
  if (indices.dim() != 1 || indices.dtype() != int64)
    fail("SubsetRandomSampler", "expected indices of type int64 and shape (n,), got {} {}", indices.dtype(),
         indices.shape().to_string());
}
Tensor SubsetRandomSampler::order(Generator& from) const { return indices_.index_select(0, randperm(size(), &from)); }

WeightedRandomSampler::WeightedRandomSampler(const Tensor& weights, int64_t num_samples, bool replacement,
                                             Generator* generator)
    : weights_(weights.detach().to(float64)), samples_(num_samples), replacement_(replacement), generator_(generator) {
  check_samples("WeightedRandomSampler", num_samples);
  if (weights.dim() != 1)
    fail("WeightedRandomSampler", "expected weights of shape (n,), got {}", weights.shape().to_string());
  if (!replacement && num_samples > weights.numel())
    fail("WeightedRandomSampler", "without replacement, {} items cannot be drawn from {}", num_samples,
         weights.numel());
}
Tensor WeightedRandomSampler::order(Generator& from) const {
  return multinomial(weights_, samples_, replacement_, &from);
}

DistributedSampler::DistributedSampler(int64_t n, const DistributedSamplerOptions& o) : n_(n), options_(o) {
  check_items("DistributedSampler", n);
  if (o.num_replicas < 1 || o.rank < 0 || o.rank >= o.num_replicas)
    fail("DistributedSampler", "expected a rank between 0 and num_replicas - 1 = {}, got {}", o.num_replicas - 1,
         o.rank);
  samples_ = o.drop_last ? n / o.num_replicas : (n + o.num_replicas - 1) / o.num_replicas;
}

Tensor DistributedSampler::order(Generator&) const {
  Generator own(static_cast<uint64_t>(options_.seed + epoch_));
  const Tensor all = options_.shuffle ? randperm(n_, &own) : arange(n_);
  // The items begin anew where the shares would not be even.
  const Tensor places = arange(samples_) * options_.num_replicas + options_.rank;
  return n_ == 0 ? all : all.index_select(0, places % n_);
}

BatchSampler::BatchSampler(AnySampler sampler, int64_t batch_size, bool drop_last)
    : sampler_(std::move(sampler)), batch_size_(batch_size), drop_last_(drop_last) {
  if (!sampler_) fail("BatchSampler", "expected a sampler, got none");
  if (batch_size < 1) fail("BatchSampler", "expected batch_size ≥ 1, got {}", batch_size);
}

std::vector<Tensor> BatchSampler::batches(Generator& from) const {
  const Tensor order = sampler_->order(from);
  std::vector<Tensor> all;
  for (int64_t b = 0; b < size(); ++b)
    all.push_back(order.narrow(0, b * batch_size_, std::min(batch_size_, order.numel() - b * batch_size_)));
  return all;
}

}  // namespace tenon::data
