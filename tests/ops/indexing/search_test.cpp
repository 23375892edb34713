// Places in sorted numbers, and counts.
#include "tensor/check.h"

namespace tenon::search_test {
namespace {

using test::error_of;
using test::expect_values;

TEST(Search, TheFirstOrTheLastPlaceThatKeepsTheOrderInEveryType) {
  for (const DType type : test::number_types) {
    const Tensor sorted = tensor({1, 3, 3, 7}).to(type), values = tensor({3, 0, 8, 4}).to(type);
    expect_values(searchsorted(sorted, values), {4}, {1, 0, 4, 3});
    expect_values(searchsorted(sorted, values, true), {4}, {3, 0, 4, 3});
    expect_values(bucketize(values.reshape({2, 2}).t(), sorted), {2, 2}, {1, 4, 0, 3});
  }
  EXPECT_EQ(searchsorted(ones({2}), ones({2})).dtype(), int64);
}

TEST(Search, RowsOfTheirOwnMixedTypesNanAndEmptyTensors) {
  const Tensor rows = tensor({{1.0, 3.0}, {5.0, 7.0}});
  expect_values(searchsorted(rows, tensor({{2.0, 0.0, 9.0}, {6.0, 5.0, 0.0}})), {2, 3}, {1, 0, 2, 1, 0, 0});
  expect_values(searchsorted(rows.t().contiguous().t(), tensor({{2}, {8}})), {2, 1}, {1, 2});
  expect_values(searchsorted(tensor({1.0, 3.0}), tensor(2.0)), {}, {1});
  expect_values(bucketize(tensor(3), tensor({1.0, 3.0, 5.0}), true), {}, {2});
  expect_values(searchsorted(tensor({1.0, 3.0}), tensor({test::nan})), {1}, {2});
  expect_values(searchsorted(zeros({0}), tensor({1.0})), {1}, {0});
  EXPECT_EQ(searchsorted(ones({2}), zeros({0, 3})).shape(), (Shape{0, 3}));
}

TEST(Search, ErrorsNameTheShapes) {
  EXPECT_EQ(error_of([] {
              searchsorted(zeros({2, 2}), zeros({2}));
            }),
            "[searchsorted] expected sorted numbers in a vector, or as many rows of them as of values: got shapes (2, "
            "2) and (2,)");
  EXPECT_EQ(error_of([] {
              bucketize(zeros({2}), zeros({1, 3}));
            }),
            "[bucketize] expected a vector of boundaries, got shape (1, 3)");
  EXPECT_NE(error_of([] { searchsorted(tensor(1.0), zeros({2})); }), "");
  EXPECT_NE(error_of([] { searchsorted(zeros({2}, {boolean}), zeros({2}, {boolean})); }), "");
}

TEST(Bincount, CountsOrSumsWeights) {
  expect_values(bincount(tensor({0, 3, 1, 3})), {4}, {1, 1, 0, 2});
  expect_values(bincount(tensor({0, 3}).to(uint8), {}, 6), {6}, {1, 0, 0, 1, 0, 0});
  expect_values(bincount(zeros({0}, {int64}), {}, 2), {2}, {0, 0});
  EXPECT_EQ(bincount(zeros({0}, {int64})).shape(), (Shape{0}));
  EXPECT_EQ(bincount(tensor({1})).dtype(), int64);
  const Tensor sums = bincount(tensor({2, 0, 2}), tensor({0.5, 1.0, 2.0}));
  expect_values(sums, {3}, {1, 0, 2.5});
  EXPECT_EQ(sums.dtype(), float32);
  EXPECT_EQ(bincount(tensor({1}), tensor({2})).dtype(), float64);
  EXPECT_EQ(error_of([] { bincount(tensor({-1, 1})); }), "[bincount] expected numbers of 0 or more, got -1");
  EXPECT_EQ(error_of([] { bincount(tensor({1.0})); }),
            "[bincount] expected a vector of integers, got shape (1,) of float32");
  EXPECT_EQ(error_of([] { bincount(tensor({1}), ones({2})); }),
            "[bincount] expected a weight for each of 1 numbers, got shape (2,)");
  EXPECT_EQ(error_of([] { bincount(tensor({1}), {}, -1); }), "[bincount] minlength cannot be negative: -1");
}

TEST(Histc, CountsInEqualPartsOfTheRange) {
  for (const DType type : test::real_types) {
    const Tensor x = tensor({1.0, 2.0, 1.0}).to(type);
    expect_values(histc(x, 4, 0, 3), {4}, {0, 2, 1, 0});
    expect_values(histc(x, 4), {4}, {2, 0, 0, 1});  // from 1 to 2
    EXPECT_EQ(histc(x, 4).dtype(), type);
  }
  expect_values(histc(ones({3}), 4), {4}, {0, 0, 3, 0});
  expect_values(histc(zeros({0}), 2), {2}, {0, 0});
  expect_values(histc(tensor({1.0, 5.0}), 2, 3, 3), {2}, {1, 1});
  expect_values(histc(tensor({1.0, test::nan, 7.0, test::infinity}), 2, 0, 1), {2}, {0, 1});
  expect_values(histc(arange(0.0, 101.0, 1, {float32}), 7), {7}, {15, 14, 14, 15, 14, 14, 15});
  EXPECT_FALSE(histc(ones({2}).requires_grad_()).requires_grad());
}

TEST(Histc, ErrorsNameTheRange) {
  EXPECT_EQ(error_of([] { histc(tensor({1.0, test::infinity})); }), "[histc] the range 1 … inf is not finite");
  EXPECT_NE(error_of([] { histc(tensor({test::nan})); }), "");
  EXPECT_EQ(error_of([] { histc(ones({1}), 2, 3, 2); }),
            "[histc] expected a range from the lesser to the greater, got 3 … 2");
  EXPECT_EQ(error_of([] { histc(ones({1}), 0); }), "[histc] expected 1 bin or more, got 0");
  EXPECT_EQ(error_of([] { histc(tensor({1})); }),
            "[histc] expected floating-point numbers, got int64: convert them first");
}

TEST(IsIn, ComparesInTheTypeOfBothAndNanIsNowhere) {
  using test::nan;
  for (const DType type : test::all_types) {
    const Tensor x = test::numbers({3, 4}, type), among = test::numbers({2}, type, 1);
    test::expect_elements(isin(x, among), 0, 0, [&](const Shape& i) {
      const double v = test::element(x, i);
      return v == test::element(among, {0}) || v == test::element(among, {1}) ? 1 : 0;
    });
    EXPECT_TRUE(test::identical(isin(x, among, true), isin(x, among).logical_not())) << name(type);
  }
  expect_values(isin(tensor({1, 2, 3}), tensor({2.5, 3.0})), {3}, {0, 0, 1});
  expect_values(isin(tensor({1.0, nan}), tensor({nan, 1.0})), {2}, {1, 0});
  expect_values(isin(tensor({1.0, nan}), tensor({nan}), true), {2}, {1, 1});
  expect_values(isin(tensor({4, 5}), 5), {2}, {0, 1});
  expect_values(isin(tensor({4, 5}), zeros({0}, {int64})), {2}, {0, 0});
  expect_values(isin(tensor({4, 5}), zeros({0}, {int64}), true), {2}, {1, 1});
  EXPECT_EQ(isin(zeros({0, 3}), tensor({1.0})).shape(), (Shape{0, 3}));
}

TEST(UnravelIndex,
     GivesPlacesWhateverTheTypeOfTheNumbers) {  // torch.unravel_index(torch.tensor([200, 7], …), (2, 300))
  for (const DType type : {uint8, int16, int32, int64}) {
    const auto at = unravel_index(tensor({200, 7}, {type}), {2, 256});
    EXPECT_EQ(at[0].dtype(), int64);
    test::expect_values(at[0], {2}, {0, 0});
    test::expect_values(at[1], {2}, {200, 7});
  }
  test::expect_values(unravel_index(tensor({-7}, {int8}), {2, 2})[1], {1}, {1});
  EXPECT_EQ(unravel_index(zeros({0}, {int64}), {2, 0}).size(), 2U);
}

TEST(UnravelIndex, IsTheInverseOfTheFlatOrder) {
  const Shape shape{2, 3, 4};
  const Tensor places = arange(24).reshape({4, 6});
  const auto at = unravel_index(places, shape);
  ASSERT_EQ(at.size(), 3U);
  EXPECT_TRUE(test::identical((at[0] * 3 + at[1]) * 4 + at[2], places));
  EXPECT_EQ(at[2].amax().item<int>(), 3);
  EXPECT_TRUE(unravel_index(places, {}).empty());
  EXPECT_EQ(error_of([] { unravel_index(tensor(1.0), {2}); }),
            "[unravel_index] expected places of an integer type, got float32");
  EXPECT_EQ(error_of([] {
              unravel_index(tensor(1), {2, 0});
            }),
            "[unravel_index] expected sizes of 1 or more, got (2, 0)");
}

}  // namespace
}  // namespace tenon::search_test
