// outer, trace, kron, cross and cdist against loops.
#include "autograd/gradcheck.h"

namespace tenon::products_test {
namespace {

using test::element;
using test::error_of;
using test::expect_elements;
using test::expect_values;
using test::infinity;
using test::nan;

TEST(Outer, EveryPairOfElements) {
  for (const DType type : {int32, float32, float64}) {
    const Tensor a = test::numbers({3}, type, 1), b = test::numbers({4}, type, 2);
    ASSERT_EQ(outer(a, b).shape(), (Shape{3, 4}));
    expect_elements(outer(a, b), 0, 0, [&](const Shape& i) { return element(a, {i[0]}) * element(b, {i[1]}); });
  }
  EXPECT_EQ(outer(zeros({0}), zeros({2})).shape(), (Shape{0, 2}));
  EXPECT_EQ(error_of([] { outer(zeros({2, 2}), zeros({2})); }), "[outer] expected two vectors, got (2, 2) and (2,)");
}

TEST(Trace, TheSumOfTheDiagonal) {
  const Tensor a = test::numbers({3, 5});
  for (const Tensor& x : test::layouts(a))
    EXPECT_EQ(trace(x).item<double>(), element(a, {0, 0}) + element(a, {1, 1}) + element(a, {2, 2}));
  EXPECT_EQ(trace(test::numbers({2, 2}, int32)).dtype(), int64);
  EXPECT_EQ(trace(zeros({0, 3})).item<float>(), 0);
  test::gradchecks([](const std::vector<Tensor>& x) { return trace(x[0]); }, {test::leaf({2, 3})});
  EXPECT_EQ(error_of([] {
              trace(zeros({2, 2, 2}));
            }),
            "[trace] expected a matrix, got shape (2, 2, 2): for batches, diagonal(0, -2, -1).sum(-1)");
}

TEST(Kron, ABlockForEveryElement) {
  for (const DType type : {int32, float64})
    for (const Tensor& a : test::layouts(test::numbers({2, 3}, type, 1))) {
      const Tensor b = test::numbers({4, 2}, type, 2), y = kron(a, b);
      ASSERT_EQ(y.shape(), (Shape{8, 6}));
      expect_elements(y, 0, 0, [&](const Shape& i) {
        return element(a, {i[0] / 4, i[1] / 2}) * element(b, {i[0] % 4, i[1] % 2});
      });
    }
  expect_values(kron(tensor({1.0, 2.0}), tensor({{1.0, 10.0}, {3.0, 4.0}})), {2, 4}, {1, 10, 2, 20, 3, 4, 6, 8});
  expect_values(kron(tensor(3.0), tensor({1.0, 2.0})), {2}, {3, 6});
  test::gradchecks([](const std::vector<Tensor>& x) { return kron(x[0], x[1]); },
                   {test::leaf({2, 2}), test::leaf({3}, 2)});
}

TEST(Cross, IsOrthogonalToBoth) {
  expect_values(cross(tensor({1.0, 2.0, 3.0}), tensor({4.0, 5.0, 6.0})), {3}, {-3, 6, -3});
  expect_values(cross(tensor({1, 0, 0}), tensor({0, 1, 0})), {3}, {0, 0, 1});
  const Tensor a = test::noise({3, 4}, float64, 1), b = test::noise({3, 1}, float64, 2), y = cross(a, b, 0);
  ASSERT_EQ(y.shape(), (Shape{3, 4}));
  expect_elements((a * y).sum({0}), 0, 1e-12, [](const Shape&) { return 0.0; });
  expect_elements((b * y).sum({0}), 0, 1e-12, [](const Shape&) { return 0.0; });
  test::gradchecks([](const std::vector<Tensor>& x) { return cross(x[0], x[1]); },
                   {test::leaf({2, 3}), test::leaf({1, 3}, 2)});
  EXPECT_EQ(error_of([] {
              cross(zeros({2, 4}), zeros({2, 4}));
            }),
            "[cross] expected size 3 in dimension 1, got (2, 4) and (2, 4)");
  EXPECT_EQ(error_of([] {
              cross(zeros({2, 3}), zeros({3}));
            }),
            "[cross] expected as many dimensions on both sides, got (2, 3) and (3,)");
}

/// Each distance by its definition.
void expect_distances(const Tensor& y, const Tensor& a, const Tensor& b, double p, double near) {
  expect_elements(y, near, near, [&](const Shape& i) {
    const std::size_t batch = i.size() - 2;
    Shape in_a = i, in_b = i;
    in_b[batch] = i[batch + 1];
    double sum = 0;
    for (int64_t l = 0; l < a.size(-1); ++l) {
      in_a[batch + 1] = in_b[batch + 1] = l;
      const double d = std::abs(element(a, in_a) - element(b, in_b));
      sum = p == 0 ? sum + (d != 0) : p == test::infinity ? std::max(sum, d) : sum + std::pow(d, p);
    }
    return p == 0 || p == test::infinity ? sum : std::pow(sum, 1 / p);
  });
}

TEST(Cdist, DistancesOfAllRows) {
  for (const double p : {0.0, 1.0, 1.5, 2.0, 3.0, test::infinity})
    for (const auto& [n, m] : std::vector<std::pair<int64_t, int64_t>>{{3, 4}, {30, 2}, {5, 40}}) {
      const Tensor a = test::noise({2, 1, n, 5}, float64, 1), b = test::noise({3, m, 5}, float64, 2),
                   y = cdist(a, b, p);
      ASSERT_EQ(y.shape(), (Shape{2, 3, n, m}));
      expect_distances(y, a, b, p, 1e-7);
    }
  for (const int64_t n : {3, 40}) {  // of a row to itself
    const Tensor x = test::numbers({n, 3}, float64);
    for (int64_t i = 0; i < n; ++i) EXPECT_NEAR(element(cdist(x, x), {i, i}), 0, 1e-7);
  }
}

TEST(Cdist, Gradients) {
  for (const double p : {1.0, 2.0, test::infinity})
    test::gradchecks([=](const std::vector<Tensor>& x) { return cdist(x[0], x[1], p); },
                     {test::leaf({2, 3, 2}), test::leaf({4, 2}, 2)});
  test::gradcheck([](const std::vector<Tensor>& x) { return cdist(x[0], x[1]); },
                  {test::leaf({2, 30, 2}), test::leaf({4, 2}, 2)}, 1e-6);
  test::gradgradcheck([](const std::vector<Tensor>& x) { return cdist(x[0], x[1]); },
                      {test::leaf({26, 2}), test::leaf({2, 2}, 2)}, 1e-5);
  for (const int64_t n : {2, 30}) {  // no distance, no gradient
    const Tensor x = ones({n, 2}, {float64}).requires_grad_();
    cdist(x, ones({1, 2}, {float64})).sum().backward();
    expect_elements(x.grad(), 0, 0, [](const Shape&) { return 0.0; });
  }
}

TEST(Cdist, SpecialSizesAndErrors) {
  EXPECT_EQ(cdist(zeros({0, 3}), zeros({4, 3})).shape(), (Shape{0, 4}));
  expect_values(cdist(zeros({1, 0}), zeros({2, 0})), {1, 2}, {0, 0});
  EXPECT_EQ(cdist(zeros({30, 3}, {.device = kMeta}), zeros({4, 3}, {.device = kMeta})).shape(), (Shape{30, 4}));
  EXPECT_EQ(error_of([] {
              cdist(zeros({2, 3}), zeros({2, 4}));
            }),
            "[cdist] expected (*, n, d) and (*, m, d), got (2, 3) and (2, 4)");
  EXPECT_EQ(error_of([] { cdist(zeros({2, 3}), zeros({2, 3}), -1); }), "[cdist] expected p of 0 or more, got -1");
  EXPECT_EQ(error_of([] {
              cdist(zeros({2, 3}, {int64}), zeros({2, 3}, {int64}));
            }),
            "[cdist] expected floating-point tensors, got int64: convert with to(float32)");
}

TEST(Inner, SumsOverTheLastDimensions) {
  const Tensor a = test::numbers({2, 3, 4}), b = test::numbers({5, 4}, float32, 2);
  test::expect_elements(inner(a, b), 1e-6, 0, [&](const Shape& i) {
    double sum = 0;
    for (int64_t k = 0; k < 4; ++k) sum += test::element(a, {i[0], i[1], k}) * test::element(b, {i[2], k});
    return sum;
  });
  EXPECT_TRUE(test::identical(inner(a, tensor(2.0)), a * 2));
  EXPECT_EQ(error_of([&] { inner(a, zeros({3})); }),
            "[inner] expected last dimensions of one size, got (2, 3, 4) and (3,)");
  test::gradchecks([](const std::vector<Tensor>& v) { return inner(v[0], v[1]); },
                   {test::leaf({2, 3}), test::leaf({3}, 2)});
  EXPECT_EQ(error_of([] { linalg::vecdot(arange(3), arange(3)); }),
            "[linalg.vecdot] expected two tensors of one floating-point type, got int64 and int64");
}

TEST(Addr, OfBoolsIsTrueWhereEitherTermIs) {  // torch.addr
  const Tensor x = tensor({{false, true}, {false, false}}), a = tensor({true, false});
  test::expect_values(addr(x, a, a), {2, 2}, {1, 1, 0, 0});
  test::expect_values(addr(x, a, a, 0), {2, 2}, {1, 0, 0, 0});
  test::expect_values(addr(x, a, a, 1, 0), {2, 2}, {0, 1, 0, 0});
  test::expect_values(addr(x, a, a, 2, 3), {2, 2}, {1, 1, 0, 0});
  EXPECT_EQ(addr(x, a, a, 2, 3).dtype(), boolean);
  EXPECT_NE(error_of([&] { addr(x, a, a, 1, 2.0); }), "");
}

TEST(Addr, AndAddbmmRefuseWhatDoesNotBroadcast) {
  EXPECT_EQ(error_of([] { addr(zeros({2, 3}), zeros({3}), zeros({2})); }).substr(0, 6), "[addr]");
  EXPECT_EQ(error_of([] { addbmm(zeros({2, 3}), zeros({2, 3}), zeros({3, 4})); }).substr(0, 8), "[addbmm]");
  const std::vector<Tensor> in{test::leaf({3, 5}), test::leaf({2, 3, 4}, 2), test::leaf({2, 4, 5}, 3)};
  test::gradchecks([](const std::vector<Tensor>& v) { return addbmm(v[0], v[1], v[2], 0.5, 2); }, in);
  test::gradchecks([](const std::vector<Tensor>& v) { return addr(v[0], v[1], v[2], 0.5, 2); },
                   {test::leaf({3, 4}), test::leaf({3}, 2), test::leaf({4}, 3)});
}

// Numbers of PyTorch 2.15.
TEST(Cdist, TheLargestDifferenceGivesEachOfThoseThatAreItTheWholeGradient) {
  const Tensor x = tensor({{0.0, 0.0}, {1.0, 1.0}, {3.0, -3.0}, {3.0, -3.0}}).requires_grad_();
  const std::vector<double> gradient{-3, 1, 1, 3, 1, -2, 1, -2};
  const Tensor between = cdist(x, x.detach(), infinity);
  expect_values(between, {4, 4}, {0, 1, 3, 3, 1, 0, 4, 4, 3, 4, 0, 0, 3, 4, 0, 0});
  between.sum().backward();
  expect_values(x.grad(), {4, 2}, gradient);
  x.set_grad({});
  const Tensor among = pdist(x, infinity);
  expect_values(among, {6}, {1, 3, 3, 4, 4, 0});
  among.sum().backward();
  expect_values(x.grad(), {4, 2}, gradient);
}

TEST(Cdist, DistancesBesideNanAreAsInPyTorch) {
  for (const DType type : {float32, float64}) {
    const Tensor a = tensor({{nan, 1.0}, {nan, nan}, {2.0, nan}}, {.dtype = type}).requires_grad_();
    const Tensor b = zeros({1, 2}, {type}), y = cdist(a, b, infinity);
    expect_values(y.to(float64), {3, 1}, {1, 0, 2});  // without the NaN, but the gradient there is NaN
    y.sum().backward();
    expect_values(a.grad().to(float64), {3, 2}, {nan, 1, nan, nan, 1, nan});
    expect_values(cdist(a, b, 0).to(float64), {3, 1}, {nan, nan, nan});
    expect_values(cdist(a, b, 1).to(float64), {3, 1}, {nan, nan, nan});
    const Tensor rows = tensor({{1.0, nan}, {0.0, 0.0}, {2.0, 2.0}}, {.dtype = type});
    expect_values(pdist(rows, infinity).to(float64), {3}, {nan, nan, 2});
    expect_values(pdist(rows, 0).to(float64), {3}, {nan, nan, 2});
  }
}

}  // namespace
}  // namespace tenon::products_test
