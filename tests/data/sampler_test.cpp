// Orders of items. Expected numbers are those of PyTorch 2.15's torch.utils.data for the same seeds.
#include <tenon/data/data_loader.h>
#include <tenon/data/sampler.h>

#include "tensor/check.h"

namespace tenon::data::sampler_test {
namespace {

using test::error_of;
using Order = std::vector<int64_t>;

/// Two passes after manual_seed(7), and one number more from the default generator.
struct Drawn {
  Order first, second;
  float next;
};
Drawn drawn(const Sampler& sampler) {
  manual_seed(7);
  Drawn all{sampler.items().to_vector<int64_t>(), sampler.items().to_vector<int64_t>(), 0};
  all.next = rand({1}).item<float>();
  return all;
}
void expect_drawn(const Sampler& sampler, const Order& first, const Order& second, float next) {
  const Drawn all = drawn(sampler);
  EXPECT_EQ(all.first, first);
  EXPECT_EQ(all.second, second);
  EXPECT_FLOAT_EQ(all.next, next);
  EXPECT_EQ(sampler.size(), std::ssize(first));
}

TEST(Samplers, DrawPyTorchsNumbersFromTheDefaultGenerator) {
  expect_drawn(SequentialSampler(3), {0, 1, 2}, {0, 1, 2}, 0.5349225401878357f);
  expect_drawn(RandomSampler(6), {1, 0, 3, 2, 4, 5}, {5, 1, 3, 0, 4, 2}, 0.23276156187057495f);
  expect_drawn(RandomSampler(4, {.num_samples = 9}), {1, 3, 0, 2, 3, 1, 2, 0, 3}, {3, 2, 0, 1, 3, 0, 1, 2, 1},
               0.23276156187057495f);
  expect_drawn(RandomSampler(5, {.replacement = true, .num_samples = 7}), {3, 0, 2, 1, 0, 2, 3}, {3, 0, 3, 4, 4, 2, 4},
               0.23276156187057495f);
  expect_drawn(SubsetRandomSampler(tensor({3, 1, 8, 5})), {5, 8, 3, 1}, {8, 3, 5, 1}, 0.20708602666854858f);
  expect_drawn(WeightedRandomSampler(tensor({0.1, 0.5, 2.0, 0.0, 1.0}), 6), {2, 2, 4, 2, 4, 4}, {2, 2, 4, 4, 1, 1},
               0.5209300518035889f);
  expect_drawn(WeightedRandomSampler(tensor({0.1, 0.5, 2.0, 0.3, 1.0}), 3, false), {1, 2, 4}, {2, 1, 4},
               0.8828775882720947f);
}

TEST(Samplers, DrawPyTorchsNumbersFromAGeneratorOfTheirOwn) {
  const auto expect = [](auto make, const Order& first, const Order& second, float next) {
    Generator own(3);
    expect_drawn(make(&own), first, second, 0.5349225401878357f);  // the default one rests
    EXPECT_FLOAT_EQ(rand({1}, {}, &own).template item<float>(), next);
  };
  expect([](Generator* g) { return RandomSampler(6, {.generator = g}); }, {4, 0, 3, 2, 1, 5}, {4, 2, 3, 5, 0, 1},
         0.6483104228973389f);
  expect([](Generator* g) { return RandomSampler(5, {.replacement = true, .num_samples = 7, .generator = g}); },
         {1, 3, 2, 2, 0, 0, 0}, {0, 1, 4, 4, 1, 0, 4}, 0.054176926612854004f);
  expect([](Generator* g) { return RandomSampler(4, {.num_samples = 9, .generator = g}); }, {2, 3, 1, 0, 3, 2, 1, 0, 0},
         {3, 2, 0, 1, 1, 3, 2, 0, 1}, 0.8473186492919922f);
}

TEST(DistributedSampler, GivesEachProcessItsShareOfTheEpochsOrder) {
  const auto expect = [](bool drop_last, int64_t rank, const Order& first, const Order& second) {
    DistributedSampler sampler(10, {.num_replicas = 3, .rank = rank, .seed = 5, .drop_last = drop_last});
    EXPECT_EQ(sampler.items().to_vector<int64_t>(), first);
    sampler.set_epoch(1);
    EXPECT_EQ(sampler.items().to_vector<int64_t>(), second);
    EXPECT_EQ(sampler.size(), std::ssize(first));
  };
  expect(false, 0, {1, 6, 0, 7}, {0, 1, 9, 6});
  expect(false, 2, {9, 5, 8, 4}, {5, 3, 4, 7});
  expect(true, 0, {1, 6, 0}, {0, 1, 9});
  expect(true, 2, {9, 5, 8}, {5, 3, 4});
  // fewer items than processes: some are given twice
  EXPECT_EQ(DistributedSampler(2, {.num_replicas = 5, .rank = 3, .shuffle = false}).items().to_vector<int64_t>(),
            Order{1});
  EXPECT_EQ(DistributedSampler(0, {.num_replicas = 2}).items().numel(), 0);
}

TEST(DistributedSampler, AnEpochReachesTheLoaderThroughAPointer) {
  const auto sampler = std::make_shared<DistributedSampler>(6, DistributedSamplerOptions{.num_replicas = 2});
  const DataLoader loader(TensorDataset(arange(6)), {.batch_size = 3, .sampler = sampler});
  const auto pass = [&] {
    auto it = loader.begin();
    return (*it)[0].to_vector<int64_t>();
  };
  const Order first = pass();
  EXPECT_EQ(pass(), first);
  sampler->set_epoch(1);
  EXPECT_NE(pass(), first);
}

/// Two passes of a loader over ten numbers after manual_seed(11), batches told apart by −1.
Order passes(const DataLoaderOptions& options) {
  manual_seed(11);
  const DataLoader loader(TensorDataset(arange(10)), options);
  Order all;
  for (int pass = 0; pass < 2; ++pass)
    for (auto& [x] : loader) {
      for (const int64_t i : x.to_vector<int64_t>()) all.push_back(i);
      all.push_back(-1);
    }
  return all;
}
float next() { return rand({1}).item<float>(); }
float next(Generator& generator) { return rand({1}, {}, &generator).item<float>(); }

TEST(DataLoaderSampler, DrawsPyTorchsNumbers) {
  EXPECT_EQ(passes({.batch_size = 4, .sampler = RandomSampler(10, {.replacement = true})}),
            (Order{4, 3, 6, 9, -1, 7, 4, 8, 9, -1, 4, 8, -1, 3, 9, 5, 7, -1, 6, 8, 3, 4, -1, 8, 3, -1}));
  EXPECT_FLOAT_EQ(next(), 0.5721226334571838f);
  EXPECT_EQ(passes({.batch_size = 4, .sampler = WeightedRandomSampler(ones({10}), 10)}),
            (Order{8, 6, 6, 5, -1, 1, 1, 1, 8, -1, 4, 9, -1, 7, 4, 0, 0, -1, 9, 0, 9, 4, -1, 3, 8, -1}));
  EXPECT_FLOAT_EQ(next(), 0.22387093305587769f);
  EXPECT_EQ(passes({.batch_size = 4, .drop_last = true, .sampler = SubsetRandomSampler(tensor({1, 2, 3, 9, 5}))}),
            (Order{1, 5, 2, 3, -1, 3, 5, 9, 1, -1}));
  EXPECT_FLOAT_EQ(next(), 0.2718876004219055f);
}

TEST(DataLoaderSampler, DrawsPyTorchsNumbersWhereLoaderOrSamplerHasAGenerator) {
  Generator of_sampler(5), of_both(5), of_loader(5);
  EXPECT_EQ(passes({.batch_size = 4, .sampler = RandomSampler(10, {.generator = &of_sampler})}),
            (Order{1, 4, 9, 6, -1, 3, 5, 0, 2, -1, 8, 7, -1, 7, 5, 0, 4, -1, 3, 9, 6, 8, -1, 1, 2, -1}));
  EXPECT_FLOAT_EQ(next(), 0.5839434266090393f);
  EXPECT_FLOAT_EQ(next(of_sampler), 0.9697042107582092f);
  EXPECT_EQ(
      passes(
          {.batch_size = 4, .generator = &of_both, .sampler = SubsetRandomSampler(tensor({1, 2, 3, 9, 5}), &of_both)}),
      (Order{3, 1, 5, 9, -1, 2, -1, 9, 2, 1, 3, -1, 5, -1}));
  EXPECT_FLOAT_EQ(next(of_both), 0.07241219282150269f);
  EXPECT_EQ(passes({.batch_size = 4, .generator = &of_loader, .sampler = RandomSampler(10)}),
            (Order{1, 8, 6, 5, -1, 7, 4, 9, 2, -1, 3, 0, -1, 4, 3, 2, 6, -1, 7, 9, 8, 5, -1, 1, 0, -1}));
  EXPECT_FLOAT_EQ(next(of_loader), 0.9201034307479858f);
}

/// The items by threes, the last batch first.
class FromBehind : public Batching {
 public:
  explicit FromBehind(int64_t n) : n_(n) {}
  int64_t size() const override { return n_ / 3; }
  std::vector<Tensor> batches(Generator&) const override {
    std::vector<Tensor> all;
    for (int64_t b = size(); b-- > 0;) all.push_back(arange(3 * b, 3 * b + 3));
    return all;
  }

 private:
  int64_t n_;
};

TEST(DataLoaderSampler, BatchesOfOnesOwn) {
  EXPECT_EQ(passes({.batch_sampler = FromBehind(7)}), (Order{3, 4, 5, -1, 0, 1, 2, -1, 3, 4, 5, -1, 0, 1, 2, -1}));
  const Order own = passes({.batch_sampler = BatchSampler(RandomSampler(10), 4, true)});
  EXPECT_EQ(own, passes({.batch_size = 4, .shuffle = true, .drop_last = true}));
}

TEST(DataLoaderSampler, ASavedPassGoesOnFromEveryBatchWithEveryGenerator) {
  for (int which = 0; which < 4; ++which)
    for (int64_t taken = 0; taken <= 3; ++taken) {
      Generator own(5), loaders(6);
      const auto options = [&](Generator& of_sampler, Generator& of_loader) {
        return DataLoaderOptions{.batch_size = 4,
                                 .generator = which >= 2 ? &of_loader : nullptr,
                                 .sampler = RandomSampler(10, {.generator = which % 2 ? &of_sampler : nullptr})};
      };
      const auto rest = [](auto& loader, auto& it) {
        Order all;
        for (; it != loader.end(); ++it)
          for (const int64_t i : (*it)[0].template to_vector<int64_t>()) all.push_back(i);
        for (auto& [x] : loader)  // and the next pass
          for (const int64_t i : x.template to_vector<int64_t>()) all.push_back(i);
        return all;
      };
      manual_seed(1);
      const DataLoader loader(TensorDataset(arange(10)), options(own, loaders));
      auto it = loader.begin();
      for (int64_t b = 0; b < taken; ++b) {
        *it;
        if (b + 1 < taken) ++it;
      }
      const Dict state = loader.state_dict();
      const Tensor default_state = random::get_state();
      if (taken > 0) ++it;
      const Order expected = rest(loader, it);

      Generator own_again(50), loaders_again(60);
      manual_seed(2);
      random::set_state(default_state);
      DataLoader again(TensorDataset(arange(10)), options(own_again, loaders_again));
      again.load_state_dict(state);
      auto from = again.begin();
      EXPECT_EQ(rest(again, from), expected) << "generators " << which << ", after " << taken;
    }
}

TEST(Samplers, RefuseWhatCannotBe) {
  EXPECT_EQ(error_of([] { RandomSampler(5, {.num_samples = 0}); }),
            "[RandomSampler] expected num_samples of 1 or more, got 0");
  EXPECT_EQ(error_of([] { RandomSampler(0, {.num_samples = 2}); }),
            "[RandomSampler] there are no items to draw 2 from");
  EXPECT_EQ(error_of([] { SequentialSampler(-1); }),
            "[SequentialSampler] expected a number of items of 0 or more, got -1");
  EXPECT_EQ(error_of([] { SubsetRandomSampler(ones({3})); }),
            "[SubsetRandomSampler] expected indices of type int64 and shape (n,), got float32 (3,)");
  EXPECT_EQ(error_of([] { WeightedRandomSampler(ones({3}), 4, false); }),
            "[WeightedRandomSampler] without replacement, 4 items cannot be drawn from 3");
  EXPECT_EQ(error_of([] { DistributedSampler(9, {.num_replicas = 2, .rank = 2}); }),
            "[DistributedSampler] expected a rank between 0 and num_replicas - 1 = 1, got 2");
  const auto error = [](const DataLoaderOptions& o) {
    return error_of([&] {
      const DataLoader loader(TensorDataset(arange(3)), o);
      for ([[maybe_unused]] auto& batch : loader) {
      }
    });
  };
  EXPECT_EQ(error({.shuffle = true, .sampler = SequentialSampler(3)}),
            "[DataLoader] a sampler gives the order: leave out shuffle");
  EXPECT_EQ(error({.batch_size = 2, .batch_sampler = FromBehind(3)}),
            "[DataLoader] a batch_sampler gives the batches: leave out batch_size, shuffle, drop_last and sampler");
  EXPECT_EQ(error({.sampler = SequentialSampler(4)}), "[DataLoader] the sampler gives item 3, and the dataset has 3");
  EXPECT_EQ(error({.num_workers = -1}), "[DataLoader] expected num_workers ≥ 0, got -1");
}

}  // namespace
}  // namespace tenon::data::sampler_test
