// What a tensor says of itself, and how its elements are reached.
#include <complex>

#include "tensor/check.h"

namespace tenon::access_test {
namespace {

using test::error_of;

TEST(Tensor, AnUndefinedTensorSaysSo) {
  const Tensor x;
  EXPECT_FALSE(x.defined());
  const std::string text = "[Tensor] this tensor is undefined: it was default-constructed, or has been moved from";
  EXPECT_EQ(error_of([&] { (void)x.shape(); }), text);
  EXPECT_EQ(error_of([&] { x.item<float>(); }), text);
  EXPECT_EQ(error_of([&] { x.backward(); }), text);
  EXPECT_EQ(error_of([&] { x + 1; }), text);
  EXPECT_EQ(error_of([&] { x.requires_grad_(); }), text);
  EXPECT_EQ(error_of([&] { x.detach(); }), text);
  EXPECT_EQ(error_of([&] { (void)x.raw_data(); }), text);
  EXPECT_EQ(to_string(x), "tensor(undefined)");
  Tensor y = zeros({2});
  const Tensor z = std::move(y);
  EXPECT_FALSE(y.defined());
  EXPECT_TRUE(z.defined());
}

TEST(Tensor, HandlesShareTheTensor) {
  const Tensor a = zeros({2});
  const Tensor b = a;
  EXPECT_TRUE(a.is_same(b));
  EXPECT_FALSE(a.is_same(a.detach()));
  EXPECT_TRUE(a.shares_storage_with(a.detach()));
  EXPECT_TRUE(a.shares_storage_with(a[1]));
  EXPECT_FALSE(a.shares_storage_with(a.clone()));
  b.fill_(3);
  test::expect_values(a, {2}, {3, 3});
}

TEST(Tensor, SizesAndStridesCountFromEitherEnd) {
  const Tensor x = zeros({2, 3, 4}, {float64});
  EXPECT_EQ(x.size(0), 2);
  EXPECT_EQ(x.size(-1), 4);
  EXPECT_EQ(x.stride(0), 12);
  EXPECT_EQ(x.stride(-2), 4);
  EXPECT_EQ(x.nbytes(), 192);
  EXPECT_EQ(x[1].storage_offset(), 12);
  EXPECT_EQ(error_of([&] { x.size(3); }), "[size] dimension 3 is out of range: expected one of -3 … 2");
  EXPECT_EQ(error_of([&] { x.stride(-4); }), "[stride] dimension -4 is out of range: expected one of -3 … 2");
}

TEST(Tensor, ANumberHasNoSizeToAskFor) {
  EXPECT_EQ(error_of([] { tensor(1.0).size(0); }), "[size] a 0-dim tensor has no dimensions");
  EXPECT_EQ(error_of([] { tensor(1.0).stride(-1); }), "[stride] a 0-dim tensor has no dimensions");
}

TEST(Tensor, DataIsGivenAsTheElementTypeOnly) {
  const Tensor x = tensor({1.0, 2.0});
  EXPECT_EQ(x.data<float>()[1], 2.0F);
  EXPECT_EQ(error_of([&] { x.data<double>(); }),
            "[data] expected elements of type float64, this tensor has float32: convert with to(float64)");
  EXPECT_EQ(x[1].data<float>()[0], 2.0F);
}

TEST(Tensor, SpanNeedsAContiguousTensor) {
  const Tensor x = arange(6.0).reshape({2, 3});
  EXPECT_EQ(x.span<float>().size(), 6U);
  EXPECT_EQ(x[1].span<float>()[0], 3.0F);
  EXPECT_EQ(error_of([&] { x.t().span<float>(); }),
            "[span] expected a contiguous tensor, this has strides (1, 3): call contiguous() first");
  EXPECT_NE(error_of([&] { x.span<int64_t>(); }), "");
  EXPECT_TRUE(zeros({0, 4}).span<float>().empty());
}

TEST(Tensor, ItemConvertsEveryType) {
  for (const DType t : test::all_types) {
    const Tensor x = ones({1, 1}, {t});
    EXPECT_EQ(x.item<double>(), 1.0);
    EXPECT_EQ(x.item<int64_t>(), 1);
    EXPECT_EQ(x.item<bool>(), true);
    EXPECT_EQ(x.item().kind(), t == boolean ? boolean : is_integral(t) ? int64 : float64);
  }
  EXPECT_EQ(tensor({1.0, 2.5})[1].item<float>(), 2.5F);
  EXPECT_EQ(tensor(int64_t{1} << 62).item<int64_t>(), int64_t{1} << 62);
  EXPECT_EQ(error_of([] {
              zeros({2, 1}).item<float>();
            }),
            "[item] expected a tensor of one element, this has shape (2, 1)");
  EXPECT_NE(error_of([] { zeros({0}).item<float>(); }), "");
}

TEST(Tensor, ItemLosesNothingButFractions) {
  EXPECT_EQ(tensor(-2.75).item<int>(), -2);
  EXPECT_EQ(tensor(-1).item<uint8_t>(), 255);  // as in libtorch: unsigned types take in negative numbers
  EXPECT_EQ(tensor(2).item<bool>(), true);
  EXPECT_EQ(tensor(0.1, {.dtype = float64}).item<float>(), 0.1F);
  EXPECT_EQ(tensor(std::complex<double>(3, 0)).item<int>(), 3);
  EXPECT_EQ(error_of([] { tensor(int64_t{1} << 31).item<int>(); }),
            "[item] the number 2147483648 does not fit into int32");
  EXPECT_EQ(error_of([] { tensor(256).item<uint8_t>(); }), "[item] the number 256 does not fit into uint8");
  EXPECT_EQ(error_of([] { tensor(1e300, {.dtype = float64}).item<float>(); }),
            "[item] the number 1e+300 does not fit into float32");
  EXPECT_EQ(error_of([] { tensor(NAN).item<int>(); }), "[item] the number nan does not fit into int32");
  EXPECT_EQ(error_of([] { tensor(std::complex<double>(3, 1)).item<double>(); }),
            "[item] the complex number 3+1j cannot be a real one: take its real part first");
}

TEST(Tensor, ToVectorGoesRowByRowWhateverTheStrides) {
  const Tensor x = arange(6).reshape({2, 3});
  for (const Tensor& y : test::layouts(x)) EXPECT_EQ(y.to_vector<int>(), (std::vector<int>{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(x.t().to_vector<double>(), (std::vector<double>{0, 3, 1, 4, 2, 5}));
  EXPECT_EQ(tensor({0.0, 2.0}).to_vector<bool>(), (std::vector<bool>{false, true}));
  EXPECT_EQ(zeros({0, 3}).to_vector<float>().size(), 0U);
  EXPECT_EQ(tensor(3).to_vector<float>(), std::vector<float>{3.0F});
}

TEST(Tensor, AnAccessorHonoursStrides) {
  const Tensor x = arange(24.0).reshape({2, 3, 4}).transpose(0, 2);
  const auto a = x.accessor<float, 3>();
  for (int64_t i = 0; i < 4; ++i)
    for (int64_t j = 0; j < 3; ++j)
      for (int64_t k = 0; k < 2; ++k) EXPECT_EQ(a[i][j][k], static_cast<float>(k * 12 + j * 4 + i));
  EXPECT_EQ(a.size(0), 4);
  EXPECT_EQ(a[0].stride(1), 12);
  a[3][2][1] = -1;
  EXPECT_EQ(x[3][2][1].item<float>(), -1);
  EXPECT_EQ((arange(6).reshape({3, 2}).select(1, 1).accessor<int64_t, 1>()[1]), 3);
}

TEST(Tensor, AnAccessorIsOfTheTensorsTypeAndDimensions) {
  const Tensor x = zeros({2, 3});
  EXPECT_EQ(error_of([&] { x.accessor<float, 1>(); }),
            "[accessor] expected a tensor of 1 dimensions, this has shape (2, 3)");
  EXPECT_NE(error_of([&] { x.accessor<double, 2>(); }).find("expected elements of type float64"), std::string::npos);
  EXPECT_NE(error_of([&] { empty({2, 3}, {.device = kMeta}).accessor<float, 2>(); }), "");
}

TEST(Tensor, ALoopGoesOverRows) {
  const Tensor x = arange(6.0).reshape({3, 2});
  int64_t i = 0;
  for (Tensor row : x) {
    test::expect_values(row, {2}, {2.0 * static_cast<double>(i), 2.0 * static_cast<double>(i) + 1});
    row.fill_(9);
    ++i;
  }
  EXPECT_EQ(i, 3);
  test::expect_values(x, {3, 2}, {9, 9, 9, 9, 9, 9});
  for (Tensor row : zeros({0, 2})) ADD_FAILURE() << row.dim();
  EXPECT_EQ(error_of([] {
              for (Tensor row : tensor(1.0)) row.fill_(2);
            }),
            "[size] a 0-dim tensor has no dimensions");
}

TEST(Tensor, RowsTakeGradientsBack) {
  const Tensor x = ones({2, 2}, {.requires_grad = true});
  Tensor sum = zeros({2});
  for (Tensor row : x) sum = sum + row * row;
  sum.sum().backward();
  test::expect_values(x.grad(), {2, 2}, {2, 2, 2, 2});
}

TEST(Tensor, ContiguityIgnoresDimensionsOfOne) {
  EXPECT_TRUE(zeros({2, 3}).is_contiguous());
  EXPECT_FALSE(zeros({2, 3}).t().is_contiguous());
  EXPECT_TRUE(zeros({1, 3}).t().is_contiguous());
  EXPECT_TRUE(zeros({0, 3}).t().is_contiguous());
  EXPECT_TRUE(zeros({4, 3}).narrow(0, 1, 2).is_contiguous());
  EXPECT_FALSE(zeros({4, 3}).narrow(1, 1, 2).is_contiguous());
  EXPECT_FALSE(zeros({1}).expand({3}).is_contiguous());
  EXPECT_TRUE(tensor(1.0).is_contiguous());
}

}  // namespace
}  // namespace tenon::access_test
