// Copies between layouts whose rows lie across each other are made in blocks: every element must get its place.
#include "backend/cpu/transpose.h"

#include <tenon/ops.h>

#include "tensor/check.h"

namespace tenon::transpose_test {
namespace {

/// Different numbers that every type can hold.
Tensor numbers(const Shape& shape, DType type) {
  int64_t n = 1;
  for (const int64_t s : shape) n *= s;
  return remainder(arange(n), type == boolean ? 2 : 127).to(type).reshape(shape);
}

void expect_equal_copy(const Tensor& x) {
  const Tensor y = x.contiguous();
  ASSERT_TRUE(y.is_contiguous());
  const Tensor given = x.to(float64), copied = y.to(float64);
  for (int64_t i = 0; i < x.size(0); ++i)
    for (int64_t j = 0; j < x.size(1); ++j)
      ASSERT_TRUE(given[i][j].equal(copied[i][j])) << fmt::format("{} {} at {}, {}", x.dtype(), x.shape(), i, j);
}

TEST(TransposedCopy, EveryTypeAndSizesAroundABlock) {
  for (const DType type : {boolean, uint8, int16, float16, bfloat16, int32, float32, int64, float64})
    for (const auto& [m, n] : {std::pair{8, 8}, {9, 17}, {16, 7}, {65, 8}, {23, 40}})
      expect_equal_copy(numbers({m, n}, type).t());
}

TEST(TransposedCopy, ComplexNumbers) {
  const Tensor x = numbers({12, 20}, float64).to(complex128), y = x.t().contiguous();
  EXPECT_TRUE(y.to(float64).equal(x.to(float64).t()));
}

TEST(TransposedCopy, DimensionsAround) {
  const Tensor x = numbers({3, 9, 2, 11}, float32);
  for (const auto& order : {Shape{3, 0, 2, 1}, Shape{0, 3, 2, 1}, Shape{2, 3, 0, 1}, Shape{1, 3, 0, 2}}) {
    const Tensor y = x.permute(order), z = y.contiguous();
    for (int64_t a = 0; a < y.size(0); ++a)
      for (int64_t b = 0; b < y.size(1); ++b)
        for (int64_t c = 0; c < y.size(2); ++c)
          for (int64_t d = 0; d < y.size(3); ++d)
            ASSERT_EQ((y[a][b][c][d].item<float>()), (z[a][b][c][d].item<float>())) << fmt::format("{}", order);
  }
}

TEST(TransposedCopy, PartsOfAMatrixIntoAPartOfAnother) {
  const Tensor x = numbers({40, 40}, float32);
  Tensor y = zeros({40, 40});
  y.narrow(0, 3, 20).narrow(1, 5, 30).copy_(x.narrow(0, 7, 30).narrow(1, 1, 20).t());
  double sum = 0;
  for (int64_t i = 0; i < 20; ++i)
    for (int64_t j = 0; j < 30; ++j) {
      ASSERT_EQ((y[3 + i][5 + j].item<float>()), (x[7 + j][1 + i].item<float>()));
      sum += y[3 + i][5 + j].item<double>();
    }
  EXPECT_EQ(y.to(float64).sum().item<double>(), sum);  // nothing else was written
}

TEST(TransposedCopy, LayoutsThatLieAlikeOrBroadcastAreLeftToOthers) {
  const Tensor x = numbers({16, 16}, float32), out = empty({16, 16});
  using backend::cpu::copy_transposed;
  EXPECT_TRUE(copy_transposed(out, x.t()));
  EXPECT_FALSE(copy_transposed(out, x));
  EXPECT_FALSE(copy_transposed(out, numbers({16, 1}, float32).expand({16, 16})));
  EXPECT_FALSE(copy_transposed(empty({4, 16}), numbers({16, 4}, float32).t()));
}

TEST(ParallelTransposedCopy, IsTheSameForAnyNumberOfThreads) {
  const int before = num_threads();
  const Tensor x = numbers({3, 500, 301}, float32);
  set_num_threads(1);
  const Tensor one = x.transpose(1, 2).contiguous();
  for (const int threads : {2, 3}) {
    set_num_threads(threads);
    EXPECT_TRUE(x.transpose(1, 2).contiguous().equal(one));
  }
  set_num_threads(before);
}

}  // namespace
}  // namespace tenon::transpose_test
