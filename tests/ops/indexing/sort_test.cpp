// Order along a dimension, against std::stable_sort on the elements of each line.
#include <numeric>

#include "autograd/gradcheck.h"
#include "ops/groups.h"

namespace tenon::sort_test {
namespace {

using test::error_of;
using test::expect_values;
using test::infinity;
using test::nan;

bool below(double a, double b) { return a < b || (std::isnan(b) && !std::isnan(a)); }

/// The places of a line's elements in order; NaN is the largest, equals keep their order.
std::vector<std::size_t> order_of(const std::vector<double>& v, bool descending) {
  std::vector<std::size_t> order(v.size());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return descending ? below(v[b], v[a]) : below(v[a], v[b]); });
  return order;
}

/// Each line of y, along dim, is to hold f(the line of x).
template <class F>
void expect_lines(const Tensor& y, const Tensor& x, int64_t dim, F f) {
  const auto lines = test::groups(x, {dim}), got = test::groups(y, {dim});
  ASSERT_EQ(lines.size(), got.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::vector<double> wanted = f(lines[i]);
    ASSERT_EQ(got[i].size(), wanted.size());
    for (std::size_t k = 0; k < wanted.size(); ++k)
      ASSERT_TRUE(got[i][k] == wanted[k] || (std::isnan(got[i][k]) && std::isnan(wanted[k])))
          << name(x.dtype()) << " " << x.shape().to_string() << " along " << dim << ", line " << i << ", number " << k
          << ": " << got[i][k] << ", wanted " << wanted[k];
  }
}

/// The values and places of the first k in order, one after the other.
std::function<std::vector<double>(const std::vector<double>&)> first(std::size_t k, bool descending, bool places) {
  return [=](const std::vector<double>& v) {
    std::vector<double> out;
    for (const std::size_t i : order_of(v, descending))
      if (out.size() < k) out.push_back(places ? static_cast<double>(i) : v[i]);
    return out;
  };
}

/// Sizes below and above those where another way of sorting is taken; half of the numbers are equal to others.
const std::vector<Shape> shapes{{}, {1}, {7}, {3, 5}, {2, 3, 4}, {40, 3}, {2, 1500}};

Tensor with_nans(Tensor x) {
  if (is_floating_point(x.dtype()) && x.dim() > 0 && x.size(-1) > 2) {
    x.select(-1, 1).fill_(nan);
    x.select(-1, -1).fill_(-infinity);
  }
  return x;
}

TEST(Sort, EveryTypeLayoutAndDimensionKeepsEqualsInTheirOrder) {
  for (const DType type : test::all_types)
    for (const Shape& shape : shapes)
      for (const Tensor& x : test::layouts(with_nans(test::numbers(shape, type, 1))))
        for (int64_t d = -x.dim(); d < std::max<int64_t>(x.dim(), 1); ++d)
          for (const bool descending : {false, true}) {
            const ValuesAndIndices y = x.sort(d, descending, true);
            ASSERT_EQ(y.values.dtype(), type);
            ASSERT_EQ(y.indices.dtype(), int64);
            expect_lines(y.values, x, d, first(static_cast<std::size_t>(x.numel()), descending, false));
            expect_lines(y.indices, x, d, first(static_cast<std::size_t>(x.numel()), descending, true));
            expect_lines(argsort(x, d, descending), x, d, first(static_cast<std::size_t>(x.numel()), descending, true));
            if (HasFailure()) return;
          }
}

TEST(Sort, ZerosOfBothSignsAreEqualAndKeepThem) {
  const ValuesAndIndices y = tensor({0.0, -0.0, -1.0}).sort();
  expect_values(y.indices, {3}, {2, 0, 1});
  EXPECT_TRUE(std::signbit(y.values[2].item<double>()));
}

TEST(Sort, ExtremeIntegers) {
  const int64_t most = std::numeric_limits<int64_t>::max(), least = std::numeric_limits<int64_t>::min();
  const Tensor x = tensor(std::vector<int64_t>{0, most, -1, least, 1}), y = x.sort().values;
  EXPECT_EQ(y.to_vector<int64_t>(), (std::vector<int64_t>{least, -1, 0, 1, most}));
  EXPECT_EQ(x.sort(0, true).values[4].item<int64_t>(), least);
}

TEST(Sort, OfNothing) {
  EXPECT_EQ(zeros({0}).sort().values.shape(), (Shape{0}));
  EXPECT_EQ(zeros({2, 0}).sort(0).indices.shape(), (Shape{2, 0}));
  EXPECT_EQ(error_of([] { zeros({3}).sort(1); }), "[sort] dimension 1 is out of range: expected one of -1 … 0");
}

TEST(SortParallel, ManyNumbersOfEveryKey) {
  for (const DType type : {float32, float64, int64, int32, float16}) {
    const Tensor x = (test::noise({200000}) * 10000).to(type);
    expect_lines(x.sort(0).indices, x, 0, first(200000, false, true));
    expect_lines(x.topk(1000).indices, x, 0, first(1000, true, true));
    expect_lines(x.topk(150000, 0, false).values, x, 0, first(150000, false, false));
  }
}

TEST(TopK, TheFirstInOrder) {
  for (const DType type : test::number_types)
    for (const Shape& shape : shapes)
      for (const Tensor& x : test::layouts(with_nans(test::numbers(shape, type, 1))))
        for (int64_t d = -x.dim(); d < std::max<int64_t>(x.dim(), 1); ++d) {
          const int64_t n = x.dim() == 0 ? 1 : x.size(d);
          for (const int64_t k : {int64_t{0}, int64_t{1}, n / 2, n})
            for (const bool largest : {false, true}) {
              if (x.dim() == 0 && k == 0) continue;
              const ValuesAndIndices y = topk(x, k, d, largest);
              expect_lines(y.values, x, d, first(static_cast<std::size_t>(k), largest, false));
              expect_lines(y.indices, x, d, first(static_cast<std::size_t>(k), largest, true));
              if (HasFailure()) return;
            }
        }
  EXPECT_EQ(error_of([] { zeros({3}).topk(4); }), "[topk] expected k between 0 and 3, the size of dimension 0, got 4");
  EXPECT_NE(error_of([] { zeros({3}).topk(-1); }), "");
  EXPECT_NE(error_of([] { zeros({}).topk(2); }), "");
}

TEST(Median, TheLowerOfTheMiddleAndNanIfThereIsOne) {
  for (const DType type : test::number_types)
    for (const Shape& shape : shapes)
      for (const Tensor& x : test::layouts(test::numbers(shape, type, 1)))
        for (int64_t d = -x.dim(); d < std::max<int64_t>(x.dim(), 1); ++d) {
          const ValuesAndIndices y = x.median(d, true), k = x.kthvalue(1, d, true);
          const auto middle = [](const std::vector<double>& v) { return (v.size() - 1) / 2; };
          expect_lines(y.values, x, d, [&](const auto& v) { return std::vector{v[order_of(v, false)[middle(v)]]}; });
          expect_lines(y.indices, x, d,
                       [&](const auto& v) { return std::vector{static_cast<double>(order_of(v, false)[middle(v)])}; });
          expect_lines(k.values, x, d, [&](const auto& v) { return std::vector{v[order_of(v, false)[0]]}; });
          ASSERT_EQ(x.median(d).values.dim(), std::max<int64_t>(x.dim() - 1, 0));
          if (HasFailure()) return;
        }
  const Tensor x = tensor({3.0, nan, 1.0, 2.0, nan});
  EXPECT_TRUE(std::isnan(x.median().item<double>()));
  EXPECT_EQ(x.median(0).indices.item<int>(), 1);
  EXPECT_EQ(x.nanmedian().item<double>(), 2);
  EXPECT_EQ(x.nanmedian(0).indices.item<int>(), 3);
  EXPECT_EQ(full({3}, nan).nanmedian(0).indices.item<int>(), 0);
  EXPECT_EQ(x.kthvalue(3).values.item<double>(), 3);
  EXPECT_TRUE(std::isnan(x.kthvalue(5).values.item<double>()));
  EXPECT_EQ(tensor({4, 1, 2, 3}).median().item<int>(), 2);
}

TEST(Median, OfNothing) {
  EXPECT_TRUE(std::isnan(zeros({0}).median().item<double>()));
  EXPECT_EQ(zeros({2, 0}).median(0).values.shape(), (Shape{0}));
  EXPECT_EQ(error_of([] {
              zeros({2, 0}).median(1);
            }),
            "[median] there is no element to choose in shape (2, 0): expected at least one along dimension 1");
  EXPECT_EQ(error_of([] { zeros({3}).kthvalue(4); }),
            "[kthvalue] expected k between 1 and 3, the size of dimension -1, got 4");
  EXPECT_NE(error_of([] { zeros({3}).kthvalue(0); }), "");
}

TEST(Mode, TheSmallestOfTheMostFrequentWhereItStandsLast) {
  const auto mode = [](const Tensor& x) {
    const ValuesAndIndices y = x.mode();
    return std::vector{y.values.item<double>(), y.indices.item<double>()};
  };
  EXPECT_EQ(mode(tensor({3, 1, 2, 3, 3})), (std::vector<double>{3, 4}));
  EXPECT_EQ(mode(tensor({2, 1, 2, 1})), (std::vector<double>{1, 3}));
  EXPECT_EQ(mode(tensor({3.0, nan, nan})), (std::vector<double>{3, 0}));
  EXPECT_EQ(mode(tensor({nan, nan, 1.0, 1.0})), (std::vector<double>{1, 3}));
  EXPECT_EQ(mode(tensor({true, false})), (std::vector<double>{0, 1}));
  EXPECT_EQ(mode(tensor(3.0)), (std::vector<double>{3, 0}));
  const Tensor x = tensor({{1, 2, 2}, {1, 1, 2}});
  expect_values(x.mode(0).values, {3}, {1, 1, 2});
  expect_values(x.mode(-1, true).values, {2, 1}, {2, 1});
  EXPECT_NE(error_of([] { zeros({0}).mode(); }), "");
}

TEST(Sort, GradientsGoToWhereTheElementsStood) {
  for (const Tensor& x : test::leaves({4, 5})) {
    test::gradchecks([](const auto& v) { return v[0].sort(0, true).values; }, {x});
    test::gradchecks([](const auto& v) { return v[0].topk(2).values; }, {x});
    test::gradchecks([](const auto& v) { return v[0].kthvalue(2, 0).values * v[0].median(0).values; }, {x});
    test::gradchecks([](const auto& v) { return v[0].mode(1, true).values * v[0].median(); }, {x});
  }
  test::gradchecks([](const auto& v) { return v[0].sort().values * v[0].median(0).values; }, {test::leaf({})});
  const Tensor x = tensor({1.0, 2.0, 2.0, 3.0}, {.requires_grad = true});
  x.median().backward();
  expect_values(x.grad(), {4}, {0, 0.5, 0.5, 0});
}

}  // namespace
}  // namespace tenon::sort_test
