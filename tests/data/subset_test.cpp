// Parts of datasets. Expected orders are those of PyTorch 2.15's random_split.
#include <tenon/data/data_loader.h>
#include <tenon/data/subset.h>

#include "tensor/check.h"

namespace tenon::data::subset_test {
namespace {

using test::error_of;
using Order = std::vector<int64_t>;

Order indices(const Subset<TensorDataset<1>>& part) { return part.indices().to_vector<int64_t>(); }
TensorDataset<1> tens(int64_t n) { return TensorDataset(arange(n) * 10); }

TEST(Subset, GivesTheItemsAtItsIndices) {
  const Subset part(tens(6), tensor({4, 1, -1}));
  EXPECT_EQ(part.size(), 3);
  EXPECT_EQ(part.get(0)[0].item<int64_t>(), 40);
  const DataLoader loader(part, {.batch_size = 3});
  for (auto& [x] : loader) EXPECT_EQ(x.to_vector<int64_t>(), (Order{40, 10, 50}));
}

TEST(Subset, RefusesItemsThatAreNotThere) {
  EXPECT_EQ(error_of([] { Subset(tens(3), tensor({0, 3})); }), "[Subset] expected an item between 0 and 2, got 3");
  EXPECT_EQ(error_of([] { Subset(tens(3), ones({2})); }),
            "[Subset] expected indices of type int64 and shape (n,), got float32 (2,)");
}

TEST(RandomSplit, DrawsPyTorchsPartsBySizesAndByShares) {
  manual_seed(4);
  const auto sizes = random_split(tens(10), {5, 3, 2}), shares = random_split(tens(10), {0.33, 0.33, 0.34});
  EXPECT_EQ(indices(sizes[0]), (Order{0, 4, 9, 6, 7}));
  EXPECT_EQ(indices(sizes[1]), (Order{3, 2, 8}));
  EXPECT_EQ(indices(sizes[2]), (Order{1, 5}));
  EXPECT_EQ(indices(shares[0]), (Order{1, 5, 6, 8}));
  EXPECT_EQ(indices(shares[1]), (Order{0, 4, 9}));
  EXPECT_EQ(indices(shares[2]), (Order{2, 7, 3}));
  EXPECT_EQ(error_of([] {
              random_split(tens(10), {5, 3});
            }),
            "[random_split] expected sizes that sum to the dataset's 10, or shares that sum to 1; these sum to 8");
}

TEST(ConcatDataset, GivesTheItemsOfAllInOrder) {
  const ConcatDataset all(std::vector{tens(2), tens(0), tens(3)});
  EXPECT_EQ(all.size(), 5);
  EXPECT_EQ(all.get(-1)[0].item<int64_t>(), 20);
  const DataLoader loader(all, {.batch_size = 5});
  for (auto& [x] : loader) EXPECT_EQ(x.to_vector<int64_t>(), (Order{0, 10, 0, 10, 20}));
  EXPECT_EQ(error_of([&] { all.get(5); }), "[ConcatDataset] expected an item between 0 and 4, got 5");
  EXPECT_EQ(error_of([] { ConcatDataset(std::vector<TensorDataset<1>>()); }),
            "[ConcatDataset] expected at least one dataset");
}

}  // namespace
}  // namespace tenon::data::subset_test
