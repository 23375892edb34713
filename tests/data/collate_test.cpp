// How items become a batch.
#include <tenon/data/data_loader.h>

#include <functional>

#include "tensor/check.h"

namespace tenon::data::collate_test {
namespace {

using test::error_of;
using test::expect_values;

/// Items made by a function.
template <class F>
struct Made {
  F item;
  int64_t size() const { return 3; }
  auto get(int64_t i) const { return item(i); }
};

/// The batch of the items 0, 1 and 2.
template <class F, class Collate = DefaultCollate>
auto batch_of(F item, Collate collate = {}) {
  const DataLoader loader(Made<F>{item}, {.batch_size = 3}, collate);
  auto it = loader.begin();
  return std::move(*it);
}

TEST(DefaultCollate, StacksTensorsAndNumbers) {
  expect_values(batch_of([](int64_t i) { return full({2}, i); }), {3, 2}, {0, 0, 1, 1, 2, 2});
  const Tensor whole = batch_of([](int64_t i) { return static_cast<int>(i) - 1; }),
               real = batch_of([](int64_t i) { return static_cast<float>(i) / 2; }),
               precise = batch_of([](int64_t i) { return static_cast<double>(i); }),
               truth = batch_of([](int64_t i) { return i == 1; });
  expect_values(whole, {3}, {-1, 0, 1});
  expect_values(real, {3}, {0, 0.5, 1});
  EXPECT_EQ(whole.dtype(), int64);
  EXPECT_EQ(real.dtype(), float32);
  EXPECT_EQ(precise.dtype(), float64);
  EXPECT_EQ(truth.dtype(), boolean);
}

TEST(DefaultCollate, KeepsTextsAndTakesTuplesPairsAndArraysApart) {
  auto [x, rest] =
      batch_of([](int64_t i) { return std::pair(full({1}, i), std::tuple(i, "text " + std::to_string(i))); });
  expect_values(x, {3, 1}, {0, 1, 2});
  expect_values(std::get<0>(rest), {3}, {0, 1, 2});
  EXPECT_EQ(std::get<1>(rest), (std::vector<std::string>{"text 0", "text 1", "text 2"}));
  auto [a, b] = batch_of([](int64_t i) { return std::array{full({}, i), full({2}, i)}; });
  EXPECT_EQ(a.shape(), Shape{3});
  EXPECT_EQ(b.shape(), (Shape{3, 2}));
}

struct Sample {
  Tensor image, label;
  Tensor weight = {};
};

TEST(DefaultCollate, MakesAStructOfTensorsOfStructsOfTensors) {
  const Sample batch = batch_of([](int64_t i) { return Sample{full({2, 2}, i), tensor(i), ones({1})}; });
  EXPECT_EQ(batch.image.shape(), (Shape{3, 2, 2}));
  expect_values(batch.label, {3}, {0, 1, 2});
  EXPECT_EQ(batch.weight.shape(), (Shape{3, 1}));
}

TEST(DefaultCollate, PutsDictsTogetherKeyByKey) {
  const Dict batch = batch_of([](int64_t i) {
    return Dict{{"x", full({2}, i)}, {"y", i}, {"name", fmt::format("n{}", i)}, {"inner", Dict{{"z", 0.5}}}};
  });
  EXPECT_EQ(batch["x"].as<Tensor>().shape(), (Shape{3, 2}));
  expect_values(batch["y"].as<Tensor>(), {3}, {0, 1, 2});
  EXPECT_EQ(batch["name"].as<std::vector<std::string>>(), (std::vector<std::string>{"n0", "n1", "n2"}));
  EXPECT_EQ(batch["inner"].as<Dict>()["z"].as<Tensor>().shape(), Shape{3});
}

TEST(DefaultCollate, SaysWhichShapesDoNotFit) {
  EXPECT_EQ(error_of([] { batch_of([](int64_t i) { return ones({i + 1}); }); }),
            "[DataLoader] the batch of items 0, 1, 2: [DataLoader] the items of a batch are float32 (1,) and float32 "
            "(2,): give them one shape and type, or the loader a collate function, such as PadCollate for sequences");
  EXPECT_NE(error_of([] {
              batch_of([](int64_t i) { return Dict{{i == 1 ? "x" : "y", i}}; });
            }).find("Dicts with different keys: not each has y"),
            std::string::npos);
}

TEST(PadCollate, PadsSequencesToTheLongestOfTheBatch) {
  auto [tokens, label] =
      batch_of([](int64_t i) { return std::pair(full({i + 1}, i + 1), i); }, PadCollate{.padding_value = -1});
  expect_values(tokens, {3, 3}, {1, -1, -1, 2, 2, -1, 3, 3, 3});
  expect_values(label, {3}, {0, 1, 2});
}

TEST(Collate, OfOnesOwnGetsTheItems) {
  const auto count = [](std::vector<std::string> items) { return items.size(); };
  EXPECT_EQ(batch_of([](int64_t) { return std::string("x"); }, count), 3u);
}

}  // namespace
}  // namespace tenon::data::collate_test
