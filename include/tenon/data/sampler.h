#pragma once
// The order in which a DataLoader takes a dataset's items. Source: torch.utils.data.Sampler and its classes.
#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <tenon/random.h>

#pragma GCC visibility push(default)

namespace tenon::data {

/// An order of one's own: a class that derives from this one.
class Sampler {
 public:
  virtual ~Sampler() = default;
  /// How many items a pass has.
  virtual int64_t size() const = 0;
  /// One pass over it: int64 (size()).
  Tensor items() const;
  /// The same, drawn from `from`: the generator of its own, or what stands for the default one.
  virtual Tensor order(Generator& from) const = 0;
  /// Draws what PyTorch's sampler draws when it is asked for more items than there are.
  virtual void run_out(Generator&) const {}
  /// The generator that it was given, or null.
  virtual Generator* generator() const { return nullptr; }
};

/// Any class of `Base`'s: `.sampler = RandomSampler(100)` keeps a copy, `.sampler = pointer` shares.
template <class Base>
class AnyOf {
 public:
  AnyOf() = default;
  template <std::derived_from<Base> S>
  AnyOf(S sampler) : sampler_(std::make_shared<const S>(std::move(sampler))) {}
  template <class S>
  requires std::derived_from<S, Base> AnyOf(std::shared_ptr<S> sampler) : sampler_(std::move(sampler)) {}

  explicit operator bool() const { return sampler_ != nullptr; }
  const Base* operator->() const { return sampler_.get(); }

 private:
  std::shared_ptr<const Base> sampler_;
};
using AnySampler = AnyOf<Sampler>;

/// 0 … n−1. Source: torch.utils.data.SequentialSampler.
class SequentialSampler : public Sampler {
 public:
  explicit SequentialSampler(int64_t n);
  int64_t size() const override { return n_; }
  Tensor order(Generator& from) const override;

 private:
  int64_t n_;
};

struct RandomSamplerOptions {
  bool replacement = false;                 ///< each item is drawn from all
  std::optional<int64_t> num_samples = {};  ///< n, if nothing is said; more than n: one permutation after the other
  Generator* generator = nullptr;           ///< must outlive the sampler; null: one seeded from the default generator
};

/// The items 0 … n−1 in random order. Source: torch.utils.data.RandomSampler.
class RandomSampler : public Sampler {
 public:
  explicit RandomSampler(int64_t n, const RandomSamplerOptions& options = {});
  int64_t size() const override { return samples_; }
  Tensor order(Generator& from) const override;
  void run_out(Generator& from) const override;
  Generator* generator() const override { return options_.generator; }

 private:
  int64_t n_;
  RandomSamplerOptions options_;
  int64_t samples_;
};

/// The given items in random order. Source: torch.utils.data.SubsetRandomSampler.
class SubsetRandomSampler : public Sampler {
 public:
  /// `indices` is int64 (n).
  explicit SubsetRandomSampler(const Tensor& indices, Generator* generator = nullptr);
  int64_t size() const override { return indices_.numel(); }
  Tensor order(Generator& from) const override;
  Generator* generator() const override { return generator_; }

 private:
  Tensor indices_;
  Generator* generator_;
};

/// `num_samples` items, each drawn by its weight, (n), which need not sum to 1; without replacement, none twice.
/// Source: torch.utils.data.WeightedRandomSampler.
class WeightedRandomSampler : public Sampler {
 public:
  WeightedRandomSampler(const Tensor& weights, int64_t num_samples, bool replacement = true,
                        Generator* generator = nullptr);
  int64_t size() const override { return samples_; }
  Tensor order(Generator& from) const override;
  Generator* generator() const override { return generator_; }

 private:
  Tensor weights_;
  int64_t samples_;
  bool replacement_;
  Generator* generator_;
};

struct DistributedSamplerOptions {
  int64_t num_replicas = 1;
  int64_t rank = 0;
  bool shuffle = true;
  int64_t seed = 0;        ///< the same in all processes
  bool drop_last = false;  ///< leave out the last items rather than give some twice, where they do not divide evenly
};

/// This process's share of the items, every num_replicas-th; set_epoch() before a pass gives it an order of its own.
/// Shared by a pointer where set_epoch() is to reach the loader. Source: torch.utils.data.DistributedSampler.
class DistributedSampler : public Sampler {
 public:
  explicit DistributedSampler(int64_t n, const DistributedSamplerOptions& options);
  int64_t size() const override { return samples_; }
  Tensor order(Generator& from) const override;
  void set_epoch(int64_t epoch) { epoch_ = epoch; }

 private:
  int64_t n_;
  DistributedSamplerOptions options_;
  int64_t samples_, epoch_ = 0;
};

/// Which items each batch has: a class that derives from this one, for batches of one's own.
class Batching {
 public:
  virtual ~Batching() = default;
  /// How many batches a pass has.
  virtual int64_t size() const = 0;
  /// The items of each batch of one pass, int64 (B), drawn as Sampler::order() is.
  virtual std::vector<Tensor> batches(Generator& from) const = 0;
  virtual void run_out(Generator&) const {}
  virtual Generator* generator() const { return nullptr; }
};
using AnyBatching = AnyOf<Batching>;

/// How many batches of `batch_size` n items make.
inline int64_t batches_of(int64_t n, int64_t batch_size, bool drop_last) {
  return drop_last ? n / batch_size : (n + batch_size - 1) / batch_size;
}

/// Batches of a sampler's items, one after the other, as a DataLoader makes them by itself. Source:
/// torch.utils.data.BatchSampler.
class BatchSampler : public Batching {
 public:
  BatchSampler(AnySampler sampler, int64_t batch_size, bool drop_last = false);
  int64_t size() const override { return batches_of(sampler_->size(), batch_size_, drop_last_); }
  std::vector<Tensor> batches(Generator& from) const override;
  void run_out(Generator& from) const override { sampler_->run_out(from); }
  Generator* generator() const override { return sampler_->generator(); }

 private:
  AnySampler sampler_;
  int64_t batch_size_;
  bool drop_last_;
};

}  // namespace tenon::data

#pragma GCC visibility pop
