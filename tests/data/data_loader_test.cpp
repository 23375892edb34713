#include <tenon/data/data_loader.h>

#include <algorithm>
#include <numeric>

#include "tensor/check.h"

namespace tenon::data::data_loader_test {
namespace {

using test::error_of;

using Order = std::vector<int64_t>;

Order passed(const DataLoader<TensorDataset<1>>& loader) {
  Order order;
  for (auto& [x] : loader)
    for (const int64_t i : x.to_vector<int64_t>()) order.push_back(i);
  return order;
}
Order first_numbers(int64_t n) {
  Order order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  return order;
}
TensorDataset<1> numbers(int64_t n) { return TensorDataset(arange(n)); }

TEST(DataLoader, TakesBatchesInOrder) {
  const DataLoader loader(TensorDataset(arange(10).view({5, 2}), arange(5)), {.batch_size = 2});
  EXPECT_EQ(loader.size(), 3);
  std::vector<Shape> shapes;
  int64_t next = 0;
  for (auto& [x, y] : loader) {
    shapes.push_back(x.shape());
    for (int64_t i = 0; i < y.numel(); ++i, ++next) {
      EXPECT_EQ(y[i].item<int64_t>(), next);
      EXPECT_EQ(x[i][1].item<int64_t>(), 2 * next + 1);
    }
  }
  EXPECT_EQ(shapes, (std::vector<Shape>{{2, 2}, {2, 2}, {1, 2}}));
}

TEST(DataLoader, ShufflesAnewAtEachPassAndKeepsTensorsTogether) {
  manual_seed(7);
  const DataLoader loader(TensorDataset(arange(50), arange(50) * 3), {.batch_size = 8, .shuffle = true});
  std::vector<Order> passes(2);
  for (Order& order : passes)
    for (auto& [x, y] : loader) {
      EXPECT_TRUE(test::identical(x * 3, y));
      for (const int64_t i : x.to_vector<int64_t>()) order.push_back(i);
    }
  EXPECT_NE(passes[0], passes[1]);
  for (Order& order : passes) {
    std::sort(order.begin(), order.end());
    EXPECT_EQ(order, first_numbers(50));
  }
}

TEST(DataLoader, LeavesOutAnIncompleteBatchWhenTold) {
  const DataLoader loader(numbers(10), {.batch_size = 4, .drop_last = true});
  EXPECT_EQ(loader.size(), 2);
  EXPECT_EQ(passed(loader), first_numbers(8));
}

TEST(DataLoader, TakesABatchLargerThanTheDataset) {
  EXPECT_EQ(passed(DataLoader(numbers(3), {.batch_size = 100})), first_numbers(3));
  const DataLoader dropped(numbers(3), {.batch_size = 100, .shuffle = true, .drop_last = true});
  EXPECT_EQ(dropped.size(), 0);
  EXPECT_TRUE(passed(dropped).empty());
}

TEST(DataLoader, HasNoBatchesOfAnEmptyDataset) {
  const DataLoader loader(numbers(0), {.batch_size = 4, .shuffle = true});
  EXPECT_EQ(loader.size(), 0);
  EXPECT_TRUE(passed(loader).empty());
}

TEST(DataLoader, RefusesBatchesWithoutItems) {
  EXPECT_EQ(error_of([&] { DataLoader(numbers(3), {.batch_size = 0}); }),
            "[DataLoader] expected batch_size ≥ 1, got 0");
}

TEST(DataLoader, GivesTheSameOrderForTheSameSeed) {
  const DataLoader loader(numbers(20), {.batch_size = 3, .shuffle = true});
  manual_seed(3);
  const Order first = passed(loader);
  manual_seed(3);
  EXPECT_EQ(passed(loader), first);
}

// What PyTorch draws: one number at the begin of a pass, one more at the first batch if there is shuffling.
TEST(DataLoader, DrawsOneNumberAPassAndOneMoreToShuffle) {
  Generator expected(5);
  manual_seed(5);
  const auto states_agree = [&] { return test::identical(random::get_state(), expected.get_state()); };
  const DataLoader in_order(numbers(6), {.batch_size = 2}), shuffled(numbers(6), {.batch_size = 2, .shuffle = true});
  passed(in_order);
  expected.next64();
  EXPECT_TRUE(states_agree()) << "a pass in order";
  passed(shuffled);
  expected.next64();
  expected.next64();
  EXPECT_TRUE(states_agree()) << "a shuffled pass";
  auto begun = shuffled.begin();
  expected.next64();
  EXPECT_TRUE(states_agree()) << "a pass that has begun";
  *begun;
  expected.next64();
  EXPECT_TRUE(states_agree()) << "its first batch";
}

TEST(DataLoader, DrawsFromItsOwnGeneratorAlone) {
  for (const int64_t items : {6, 7}) {
    Generator own(11), expected(11);
    const Tensor before = random::get_state();
    const DataLoader loader(numbers(items), {.batch_size = 2, .shuffle = true, .generator = &own});
    const Order order = passed(loader);
    expected.next64();
    EXPECT_EQ(order, randperm(items, &expected).to_vector<int64_t>());
    randperm(items, &expected);  // PyTorch's sampler begins once more before it ends
    EXPECT_TRUE(test::identical(own.get_state(), expected.get_state()));
    EXPECT_TRUE(test::identical(random::get_state(), before));
  }
}

TEST(DataLoader, DrawsNothingMoreAfterAnEarlyBreak) {
  Generator own(11), expected(11);
  const DataLoader loader(numbers(6), {.batch_size = 2, .shuffle = true, .generator = &own});
  for (auto& [x] : loader) {
    EXPECT_EQ(x.numel(), 2);
    break;
  }
  expected.next64();
  randperm(6, &expected);
  EXPECT_TRUE(test::identical(own.get_state(), expected.get_state()));
}

TEST(DataLoader, SkippedBatchesAreDrawnAsWell) {
  manual_seed(1);
  const DataLoader loader(numbers(6), {.batch_size = 2, .shuffle = true});
  const Order order = passed(loader);
  manual_seed(1);
  auto at = loader.begin();
  ++at;
  EXPECT_EQ((*at)[0].to_vector<int64_t>(), Order(order.begin() + 2, order.begin() + 4));
}

TEST(DataLoader, TakesAnyDataset) {
  struct Squares {
    int64_t size() const { return 5; }
    std::pair<Tensor, int64_t> get_batch(const Tensor& indices) const { return {indices * indices, indices.numel()}; }
  };
  std::vector<int64_t> squares;
  for (auto& [x, count] : DataLoader(Squares(), {.batch_size = 3})) {
    EXPECT_EQ(x.numel(), count);
    for (const int64_t i : x.to_vector<int64_t>()) squares.push_back(i);
  }
  EXPECT_EQ(squares, (std::vector<int64_t>{0, 1, 4, 9, 16}));
}

TEST(TensorDataset, GivesBatchesThatCanBeChangedWithoutHarm) {
  const Tensor items = arange(6);
  for (auto& [x] : DataLoader(TensorDataset(items), {.batch_size = 6})) x.zero_();
  EXPECT_EQ(items.to_vector<int64_t>(), first_numbers(6));
}

TEST(TensorDataset, TakesItemsOfAnyTypeAndLayout) {
  for (const DType type : test::all_types)
    for (const Tensor& x : test::layouts(test::numbers({5, 3}, type))) {
      const Tensor batch = TensorDataset(x).get_batch(tensor({4, 0, 4}).to(int64))[0];
      EXPECT_EQ(batch.dtype(), type);
      test::expect_elements(batch, 0, 0, [&](const Shape& i) { return test::element(x, {i[0] == 1 ? 0 : 4, i[1]}); });
    }
}

TEST(TensorDataset, RefusesTensorsThatDoNotMatch) {
  EXPECT_EQ(error_of([&] { TensorDataset(zeros({3}), zeros({4})); }),
            "[TensorDataset] expected the same number of items in each tensor, got shapes (3,) and (4,)");
  EXPECT_EQ(error_of([&] { TensorDataset(zeros({})); }),
            "[TensorDataset] expected tensors with at least one dimension, the items; tensor 0 is 0-dim");
  EXPECT_EQ(error_of([&] { TensorDataset{Tensor()}; }),
            "[TensorDataset] expected tensors with at least one dimension, the items; tensor 0 is undefined");
  EXPECT_EQ(error_of([&] { TensorDataset(zeros({3})).get_batch(tensor({3}).to(int64)); }),
            "[index_select] index 3 is out of range for dimension 0 of size 3");
}

/// The batches of the rest of `loader`'s pass, then those of another one.
std::vector<Order> rest(const DataLoader<TensorDataset<1>>& loader) {
  std::vector<Order> batches;
  for (int pass = 0; pass < 2; ++pass)
    for (auto& [x] : loader) batches.push_back(x.to_vector<int64_t>());
  return batches;
}

TEST(DataLoader, AnotherOneGoesOnAfterAnyBatchWithWhatWasLeft) {
  for (const bool shuffle : {true, false})
    for (const bool own : {true, false})
      for (const bool drop_last : {true, false})
        for (int64_t taken = 1; taken <= 4; ++taken) {
          SCOPED_TRACE(fmt::format("shuffle {}, own generator {}, drop_last {}, after {} batches", shuffle, own,
                                   drop_last, taken));
          Generator g(3);
          manual_seed(5);
          DataLoaderOptions options{.batch_size = 3, .shuffle = shuffle, .drop_last = drop_last};
          if (own) options.generator = &g;
          const DataLoader first(numbers(11), options);
          passed(first);
          std::vector<Order> left;
          Dict state;
          Tensor random_state;
          int64_t n = 0;
          for (auto& [x] : first) {
            rand({1});  // the model draws as well
            if (++n == taken) {
              state = first.state_dict();
              random_state = random::get_state();
            } else if (n > taken) {
              left.push_back(x.to_vector<int64_t>());
            }
          }
          if (n < taken) continue;  // there are no more
          if (const auto next = rest(first); true) left.insert(left.end(), next.begin(), next.begin() + first.size());
          const Tensor after = g.get_state();

          Generator h(99);
          manual_seed(98);
          if (own) options.generator = &h;
          DataLoader second(numbers(11), options);
          second.load_state_dict(state);
          random::set_state(random_state);
          std::vector<Order> again;
          n = taken;
          for (auto& [x] : second) {
            rand({1});
            ++n;
            again.push_back(x.to_vector<int64_t>());
          }
          EXPECT_EQ(n, first.size());
          EXPECT_EQ(second.state_dict()["batches"].as<int64_t>(), 0);  // the pass is over
          const auto next = rest(second);
          again.insert(again.end(), next.begin(), next.begin() + second.size());
          EXPECT_EQ(again, left);
          EXPECT_TRUE(test::identical(h.get_state(), own ? after : Generator(99).get_state()));
        }
}

TEST(DataLoader, AStateBetweenPassesLeadsToANewOne) {
  Generator g(3), h(4);
  const DataLoader first(numbers(7), {.batch_size = 2, .shuffle = true, .generator = &g});
  passed(first);
  DataLoader second(numbers(7), {.batch_size = 2, .shuffle = true, .generator = &h});
  second.load_state_dict(first.state_dict());
  EXPECT_EQ(passed(second), passed(first));
}

TEST(DataLoader, RefusesTheStateOfAnotherOne) {
  const Dict state = DataLoader(numbers(7), {.batch_size = 2}).state_dict();
  DataLoader other(numbers(7), {.batch_size = 3});
  EXPECT_EQ(test::error_of([&] { other.load_state_dict(state); }),
            "[DataLoader] the state that is loaded is of a loader with batch_size 2, this one has 3");
  DataLoader same(numbers(7), {.batch_size = 2});
  Dict beyond = state;
  beyond.set("batches", 5);
  EXPECT_EQ(test::error_of([&] { same.load_state_dict(beyond); }),
            "[DataLoader] the state that is loaded says that 5 of 4 batches were taken");
}

}  // namespace
}  // namespace tenon::data::data_loader_test
