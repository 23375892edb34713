#include "backend/cpu/gemm/gemm.h"

#include <algorithm>
#include <cmath>

#include "backend/cpu/gemm/kernels.h"
#include "backend/cpu/parallel.h"

namespace tenon::backend::cpu {
namespace {

MatrixView moved(const Gemm& g, MatrixView x, int64_t elements) {
  if (x.data) x.data = static_cast<std::byte*>(x.data) + elements * item_size(g.type);
  return x;
}

/// The product from this row and column on.
Gemm part(Gemm g, int64_t row, int64_t column) {
  g.a = moved(g, g.a, row * g.a.row);
  g.b = moved(g, g.b, column * g.b.column);
  g.out = moved(g, g.out, row * g.out.row + column * g.out.column);
  g.bias = moved(g, g.bias, row * g.bias.row + column * g.bias.column);
  return g;
}

Gemm swapped(const Gemm& g) {
  const auto turned = [](const MatrixView& x) { return MatrixView{x.data, x.column, x.row}; };
  return {g.type, g.n, g.m, g.k, turned(g.b), turned(g.a), turned(g.out), turned(g.bias), g.add};
}

/// Into how many parts a product is cut, down and across.
struct Grid {
  int64_t down, across;
};

/// The cut that leaves the least to the thread that has the most, counting what it packs.
Grid best_grid(const Gemm& g, const GemmPlan& plan, int64_t threads) {
  Grid best{1, 1};
  double least = HUGE_VAL;
  for (int64_t down = 1; down <= threads; ++down) {
    const int64_t across = threads / down;
    const auto longest = [](int64_t n, int64_t cut, int64_t parts) {
      const int64_t pieces = (n + cut - 1) / cut;
      return std::min(n, (pieces + parts - 1) / parts * cut);
    };
    const auto rows = static_cast<double>(longest(g.m, plan.cut_m, down)),
               columns = static_cast<double>(longest(g.n, plan.cut_n, across));
    constexpr double packing = 8;  // as many multiply-adds as one number takes to be packed
    const double work = rows * columns + packing * (rows + columns);
    if (work < least) {
      least = work;
      best = {down, across};
    }
  }
  return best;
}

/// A rough count of what a product takes, in elements of a cheap loop over memory.
int64_t work_of(const Gemm& g, const GemmPlan& plan) {
  return std::max(g.m * g.n * g.k / (plan.bf16 ? 64 : 8), std::max(g.m, g.n) * g.k);
}

}  // namespace

void gemm(const Gemm& given, const GemmBatch& batch) {
  const GemmPlan plan = gemm_plan(given);
  const Gemm g = plan.swap ? swapped(given) : given;
  const int64_t count = batch.sizes.numel();
  const int64_t threads = std::clamp<int64_t>(work_of(g, plan) * count / elementwise_grain, 1, num_threads());
  if (count == 1 && threads == 1) return gemm_block(g, plan);
  const Grid grid = count >= 2 * threads ? Grid{1, 1} : best_grid(g, plan, threads);
  const int64_t cells = grid.down * grid.across, all = count * cells;
  const auto border = [](int64_t n, int64_t cut, int64_t parts, int64_t i) {
    return std::min(n, (n + cut - 1) / cut * i / parts * cut);
  };
  parallel_for(all, threads == 1 ? all : 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      auto [at_a, at_b] = batch.offsets(i / cells);
      if (plan.swap) std::swap(at_a, at_b);
      Gemm one = g;
      one.a = moved(g, g.a, at_a);
      one.b = moved(g, g.b, at_b);
      one.out = moved(g, g.out, i / cells * batch.out);
      const int64_t down = i % cells / grid.across, across = i % cells % grid.across;
      const int64_t row = border(g.m, plan.cut_m, grid.down, down),
                    column = border(g.n, plan.cut_n, grid.across, across);
      one.m = border(g.m, plan.cut_m, grid.down, down + 1) - row;
      one.n = border(g.n, plan.cut_n, grid.across, across + 1) - column;
      if (one.m > 0 && one.n > 0) gemm_block(part(one, row, column), plan);
    }
  });
}

}  // namespace tenon::backend::cpu
