// The product's kernels by themselves: every way of computing it, at sizes around their borders, against plain sums;
// what lies around the operands is not read, what lies around the result not written.
#include "backend/cpu/gemm/gemm.h"

#include <cmath>
#include <limits>
#include <vector>

#include "tensor/check.h"

namespace tenon::gemm_test {
namespace {

using backend::cpu::Gemm;
using backend::cpu::GemmBatch;
using backend::cpu::MatrixView;

/// A matrix in the middle of NaNs: `row` and `column` are its steps.
template <class T>
struct Matrix {
  int64_t row, column, begin;
  std::vector<T> memory;
  Matrix(int64_t rows, int64_t columns, bool transposed, int64_t gap) {
    row = transposed ? 1 : columns + gap;
    column = transposed ? rows + gap : 1;
    begin = 70;
    memory.assign(static_cast<std::size_t>((rows + gap) * (columns + gap) + 2 * begin),
                  static_cast<T>(std::numeric_limits<float>::quiet_NaN()));
  }
  T& at(int64_t i, int64_t j) { return memory[static_cast<std::size_t>(begin + i * row + j * column)]; }
  MatrixView view() { return {memory.data() + begin, row, column}; }
};

template <class T>
class GemmParallel : public testing::Test {
 protected:
  ~GemmParallel() override { set_num_threads(before_); }

  /// m, n, k in the four layouts, with and without a gap between lines and a bias.
  static void expect_right(int64_t m, int64_t n, int64_t k) {
    for (const int layout : {0, 1, 2, 3})
      for (const int64_t gap : {0, 3}) {
        const bool with_bias = gap == 0;
        Matrix<T> a(m, k, layout & 1, gap), b(k, n, layout & 2, gap), out(m, n, false, gap);
        std::vector<T> bias;
        uint32_t state = 1;
        const auto draw = [&] {
          state = state * 1664525 + 1013904223;
          return static_cast<T>(static_cast<float>(state >> 20) / 2048.0F - 1.0F);
        };
        for (int64_t i = 0; i < m; ++i)
          for (int64_t l = 0; l < k; ++l) a.at(i, l) = draw();
        for (int64_t l = 0; l < k; ++l)
          for (int64_t j = 0; j < n; ++j) b.at(l, j) = draw();
        for (int64_t j = 0; j < n; ++j) bias.push_back(draw());
        Gemm g{dtype_of<T>(), m, n, k, a.view(), b.view(), out.view()};
        if (with_bias) g.bias = {bias.data(), 0, 1};
        backend::cpu::gemm(g, GemmBatch{{}, {}, {}, 0});
        const double rounding = sizeof(T) == 8 ? 1e-15 : 3e-7, last = sizeof(T) == 2 ? 0.01 : 1e-6;
        int64_t wrong = 0;
        for (int64_t i = 0; i < m; ++i)
          for (int64_t j = 0; j < n; ++j) {
            double sum = with_bias ? static_cast<double>(bias[static_cast<std::size_t>(j)]) : 0, size = std::abs(sum);
            for (int64_t l = 0; l < k; ++l) {
              const double term = static_cast<double>(a.at(i, l)) * static_cast<double>(b.at(l, j));
              sum += term;
              size += std::abs(term);
            }
            const auto got = static_cast<double>(out.at(i, j));
            if (!(std::abs(got - sum) <= rounding * size + last * std::abs(sum))) ++wrong;
            out.at(i, j) = static_cast<T>(std::numeric_limits<float>::quiet_NaN());
          }
        EXPECT_EQ(wrong, 0) << m << "×" << n << "×" << k << " layout " << layout << " gap " << gap;
        int64_t written = 0;
        for (const T x : out.memory)
          if (!std::isnan(static_cast<float>(x))) ++written;
        EXPECT_EQ(written, 0) << m << "×" << n << "×" << k << " layout " << layout << " gap " << gap;
      }
  }

 private:
  int before_ = num_threads();
};

using Types = testing::Types<float, double, BFloat16, Half>;
TYPED_TEST_SUITE(GemmParallel, Types);

TYPED_TEST(GemmParallel, EverySizeUpToATilesBorder) {
  for (const int64_t m : {1, 2, 3, 4, 5, 6, 7, 8, 9, 13})
    for (const int64_t n : {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 24, 31, 32, 33, 48, 49})
      for (const int64_t k : {1, 2, 5, 33}) this->expect_right(m, n, k);
}

TYPED_TEST(GemmParallel, SizesAroundPanelsAndDotProducts) {
  for (const int64_t k : {63, 64, 130, 257})
    for (const auto& [m, n] : std::vector<std::pair<int64_t, int64_t>>{
             {1, 50}, {50, 1}, {4, 70}, {5, 40}, {40, 41}, {41, 40}, {31, 33}, {64, 17}, {2, 2}, {32, 32}})
      this->expect_right(m, n, k);
}

TYPED_TEST(GemmParallel, LongSumsAndWideResultsAreCutIntoParts) {
  for (const auto& [m, n, k] : std::vector<std::array<int64_t, 3>>{
           {3, 5, 2100}, {20, 30, 1030}, {40, 70, 1100}, {9, 400, 390}, {130, 9, 200}, {260, 310, 20}, {20, 310, 900}})
    this->expect_right(m, n, k);
}

TYPED_TEST(GemmParallel, ThreadsShareOutRowsAndColumns) {
  for (const int threads : {2, 3}) {
    set_num_threads(threads);
    for (const auto& [m, n, k] :
         std::vector<std::array<int64_t, 3>>{{100, 90, 80}, {1000, 3, 64}, {3, 1000, 64}, {70, 200, 33}})
      this->expect_right(m, n, k);
  }
}

}  // namespace
}  // namespace tenon::gemm_test
