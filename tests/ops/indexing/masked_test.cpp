// masked_fill, masked_select, masked_scatter, nonzero, where(condition).
#include "autograd/gradcheck.h"

namespace tenon::masked_test {
namespace {

using test::element;
using test::error_of;
using test::expect_values;

Tensor mask_of(const Shape& shape, int64_t seed = 0) { return test::numbers(shape, float32, seed) > 0; }

TEST(MaskedFill, EveryTypeLayoutAndBroadcast) {
  for (const DType type : test::all_types)
    for (const Shape& shape : {Shape{3, 4}, Shape{4}, Shape{3, 1}, Shape{}})
      for (std::size_t k = 0; k < test::layouts(test::numbers({3, 4}, type)).size(); ++k) {
        const Tensor x = test::layouts(test::numbers({3, 4}, type))[k], mask = mask_of(shape),
                     before = x.clone();  // made anew: written to
        const auto wanted = [&](const Shape& i) { return element(mask, i) != 0 ? 1 : element(before, i); };
        test::expect_elements(x.masked_fill(mask, 1), 0, 0, wanted);
        test::expect_elements(x.masked_fill(mask, tensor(1.0)), 0, 0, wanted);
        EXPECT_TRUE(test::identical(x, before));
        x.masked_fill_(mask, 1);
        test::expect_elements(x, 0, 0, wanted);
      }
}

TEST(MaskedFill, TheTensorBroadcastsToTheMaskUnlessItIsInPlace) {
  const Tensor mask = tensor({{true, false}, {false, true}}), x = tensor({1.0, 2.0});
  expect_values(x.masked_fill(mask, 0), {2, 2}, {0, 2, 1, 0});
  EXPECT_EQ(error_of([&] { x.masked_fill_(mask, 0); }),
            "[masked_fill_] a mask of shape (2, 2) does not fit into a tensor of shape (2,)");
  const Tensor itself = tensor({true, false, true});
  itself.masked_fill_(itself, false);
  expect_values(itself, {3}, {0, 0, 0});
}

TEST(MaskedFill, ErrorsSayWhatIsExpected) {
  const Tensor x = zeros({2}), mask = tensor({true, false});
  EXPECT_EQ(error_of([&] {
              x.masked_fill(tensor({1, 0}), 0);
            }),
            "[masked_fill] expected a mask of bool, got int64: compare it with 0 first");
  EXPECT_EQ(error_of([&] { x.masked_fill_(mask, zeros({1})); }),
            "[masked_fill_] expected a number or a 0-dim tensor to fill with, got shape (1,)");
  EXPECT_EQ(error_of([&] { x.to(int8).masked_fill(mask, 300); }),
            "[masked_fill] the number 300 does not fit into int8");
  EXPECT_EQ(error_of([&] { x.to(float16).masked_fill(mask, 1e10); }),
            "[masked_fill] the number 10000000000 does not fit into float16");
  expect_values(x.to(uint8).masked_fill(mask, -1), {2}, {255, 0});
  expect_values(x.to(int64).masked_fill(mask, 1.5), {2}, {1, 0});
  expect_values(x.masked_fill(mask, -test::infinity), {2}, {-test::infinity, 0});
}

TEST(MaskedSelect, TakesWhatIsTrueRowByRow) {
  for (const DType type : test::all_types)
    for (const Tensor& x : test::layouts(test::numbers({3, 4}, type)))
      for (const Shape& shape : {Shape{3, 4}, Shape{4}, Shape{3, 1}, Shape{2, 3, 4}}) {
        const Tensor mask = mask_of(shape, 1);
        std::vector<double> wanted;
        test::for_each_index(broadcast_shapes(x.shape(), shape), [&](const Shape& i) {
          if (element(mask, i) != 0) wanted.push_back(element(x, i));
        });
        expect_values(x.masked_select(mask), {static_cast<int64_t>(wanted.size())}, wanted);
      }
  expect_values(tensor(2.0).masked_select(tensor(true)), {1}, {2});
  EXPECT_EQ(zeros({0, 3}).masked_select(zeros({3}, {boolean})).shape(), (Shape{0}));
  EXPECT_EQ(error_of([] {
              zeros({2}, {.device = kMeta}).masked_select(zeros({2}, {boolean, kMeta}));
            }),
            "[masked_select] how many elements are chosen depends on data, which a tensor on the meta device has not");
}

TEST(MaskedScatter, PutsTheFirstElementsOfTheSource) {
  for (const Tensor& x : test::layouts(test::numbers({3, 4}))) {
    const Tensor mask = x > 0, source = test::noise({4, 4}), before = x.clone(), y = x.masked_scatter(mask, source);
    int64_t next = 0;
    const std::vector<double> from = test::elements(source);
    std::vector<double> wanted;
    test::for_each_index(x.shape(), [&](const Shape& i) {
      wanted.push_back(element(mask, i) != 0 ? from[static_cast<std::size_t>(next++)] : element(before, i));
    });
    expect_values(y, {3, 4}, wanted);
  }
  const Tensor x = zeros({2, 3});
  x.t().masked_scatter_(tensor({{true}, {false}, {true}}), tensor({1.0, 2.0, 3.0, 4.0, 5.0}));
  expect_values(x, {2, 3}, {1, 0, 3, 2, 0, 4});
  EXPECT_EQ(error_of([] { zeros({3}).masked_scatter(ones({3}, {boolean}), ones({2})); }),
            "[masked_scatter] the mask is true 3 times, but the source has only 2 elements");
  EXPECT_EQ(error_of([] { zeros({3}).masked_scatter_(ones({3}, {boolean}), ones({3}, {int64})); }),
            "[masked_scatter_] expected a source of float32, got int64");
}

TEST(Nonzero, GivesTheCoordinatesOfEveryType) {
  for (const DType type : test::all_types)
    for (const Tensor& x : test::layouts(test::numbers({2, 3, 3}, type))) {
      std::vector<double> wanted;
      test::for_each_index(x.shape(), [&](const Shape& i) {
        if (element(x, i) != 0) wanted.insert(wanted.end(), i.begin(), i.end());
      });
      expect_values(x.nonzero(), {static_cast<int64_t>(wanted.size() / 3), 3}, wanted);
    }
  EXPECT_EQ(tensor(3.0).nonzero().shape(), (Shape{1, 0}));
  EXPECT_EQ(tensor(0.0).nonzero().shape(), (Shape{0, 0}));
  EXPECT_EQ(zeros({0, 3}).nonzero().shape(), (Shape{0, 2}));
  expect_values(tensor({1.0, test::nan, 0.0, -0.0}).nonzero(), {2, 1}, {0, 1});
  EXPECT_EQ(error_of([] { zeros({2}, {.device = kMeta}).nonzero(); }),
            "[nonzero] how many elements are not zero depends on data, which a tensor on the meta device has not");
}

TEST(Nonzero, LargeMasksInParallelKeepTheOrder) {
  const Tensor x = test::noise({700, 301}) > 0.3, places = x.nonzero().contiguous();
  int64_t n = 0;
  const int64_t* p = places.data<int64_t>();
  const bool* values = x.data<bool>();
  bool same = true;
  for (int64_t i = 0; i < x.numel(); ++i) {
    if (!values[i]) continue;
    same = same && p[2 * n] == i / 301 && p[2 * n + 1] == i % 301;
    ++n;
  }
  EXPECT_TRUE(same);
  EXPECT_EQ(places.size(0), n);
}

TEST(Where, OfAConditionAloneIsAVectorForEachDimension) {
  const std::vector<Tensor> at = where(tensor({{true, false}, {true, true}}));
  ASSERT_EQ(at.size(), 2U);
  expect_values(at[0], {3}, {0, 1, 1});
  expect_values(at[1], {3}, {0, 0, 1});
  EXPECT_EQ(where(tensor(true)).size(), 1U);
}

TEST(Masked, Derivatives) {
  const Tensor mask = mask_of({3, 2}, 1), wide = mask_of({2, 3, 2}, 2);
  for (const Tensor& x : test::leaves({3, 2})) {
    test::gradchecks([&](const std::vector<Tensor>& v) { return v[0].masked_fill(mask, 2); }, {x});
    test::gradchecks([&](const std::vector<Tensor>& v) { return v[0].masked_fill(wide, v[1]); },
                     {x, test::leaf({}, 2)});
    test::gradchecks([&](const std::vector<Tensor>& v) { return v[0].masked_select(wide); }, {x});
    test::gradchecks([&](const std::vector<Tensor>& v) { return v[0].masked_scatter(wide, v[1]); },
                     {x, test::leaf({4, 3}, 3)});
    test::gradchecks(
        [&](const std::vector<Tensor>& v) {
          const Tensor y = v[0] * 1;
          y.masked_scatter_(mask, v[1]);
          y.masked_fill_(mask_of({3, 2}, 3), 4);
          return y;
        },
        {x, test::leaf({4, 3}, 3)});
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace tenon::masked_test
