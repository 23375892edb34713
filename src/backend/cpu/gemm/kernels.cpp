#include "backend/cpu/gemm/kernels.h"

#include <algorithm>

#include "backend/cpu/gemm/bf16.h"
#include "backend/cpu/gemm/scratch.h"
#include "backend/cpu/simd/vector_elementwise.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backend/cpu/gemm/kernels.cpp"
#include <hwy/foreach_target.h>  // compiles the rest of this file once for each instruction set
#include <hwy/highway.h>
//
#include "backend/cpu/gemm/dot-inl.h"
#include "backend/cpu/gemm/pack-inl.h"
#include "backend/cpu/gemm/row-inl.h"
#include "backend/cpu/gemm/tile-inl.h"

#ifndef TENON_BACKEND_CPU_GEMM_KERNELS_ONCE
#define TENON_BACKEND_CPU_GEMM_KERNELS_ONCE
namespace tenon::backend::cpu {
namespace {

int64_t round_up(int64_t n, int64_t to) { return (n + to - 1) / to * to; }

template <class T>
T* at(const MatrixView& x, int64_t row, int64_t column) {
  return static_cast<T*>(x.data) + row * x.row + column * x.column;
}

}  // namespace
}  // namespace tenon::backend::cpu
#endif

HWY_BEFORE_NAMESPACE();
namespace tenon::backend::cpu::HWY_NAMESPACE {

template <class S>
using sum_t = std::conditional_t<std::is_same_v<S, double>, double, float>;

// What is kept in the caches: a panel of a (rows × depth) in the first, `group` columns of b's panels (× depth) in the
// second, all panels of a for `most_m` rows in the third, beside a part of the result for half types.
inline constexpr int64_t most_m = 1024, most_n = 4096, most_half_m = 256, most_half_n = 2048;
// Between a's panels, so that they do not lie a power of two apart and drive each other out of the cache.
inline constexpr int64_t a_gap = 2;
template <class T>
inline constexpr int64_t group_width = std::max<int64_t>(1, 384 / panel_width<T>) * panel_width<T>;

/// By tiles: each is a sum of outer products of a's columns and b's rows, `depth` of them at a time.
template <class S>
void Tiles(const Gemm& g, const GemmPlan& plan) {
  using T = sum_t<S>;
  constexpr bool same = std::is_same_v<S, T>;
  constexpr int64_t lanes = lanes_of<T>, widest = panel_width<T>;
  // Two panels of like widths: a narrow one would load a number of a for each product.
  const int64_t width = g.n > widest && g.n < 2 * widest ? round_up((g.n + 1) / 2, lanes) : widest;
  const int64_t rows_at_once = std::min(g.m, same ? most_m : most_half_m);
  const int64_t columns_at_once = std::min(g.n, same ? most_n : most_half_n), depth = std::min(plan.depth, g.k);
  // Where all of a stays in the second cache, a panel of b is packed, used up while it is in the first, and given up;
  // the next one comes in from memory meanwhile.
  const bool panel_by_panel = plan.pack_b && g.b.row == 1 && rows_at_once * depth <= (1 << 15);
  const int64_t group_most = panel_by_panel ? width : group_width<T>;
  // b's panels are read where they lie, if they may: all, but for a last one that is not of whole vectors and must be.
  const bool ragged_too = takes_ragged && !plan.pack_a;
  const int64_t b_room = plan.pack_b || (g.n % lanes != 0 && !ragged_too)
                             ? round_up(std::min(columns_at_once, group_most), width) * depth
                             : 0;
  const Scratch<T> a_panels(plan.pack_a ? rows_at_once * (depth + a_gap) : 0), b_panels(b_room);
  MatrixView bias = g.bias;
  const int64_t biases = same || !bias.data ? 0 : bias.row ? g.m : g.n;
  const Scratch<T> sums(same ? 0 : rows_at_once * columns_at_once), wide_bias(biases);
  for (int64_t i = 0; i < biases; ++i) wide_bias.get()[i] = static_cast<T>(static_cast<const S*>(bias.data)[i]);
  if (biases > 0) bias.data = wide_bias.get();

  for (int64_t i0 = 0; i0 < g.m; i0 += rows_at_once)
    for (int64_t j0 = 0; j0 < g.n; j0 += columns_at_once) {
      const int64_t m = std::min(rows_at_once, g.m - i0), n = std::min(columns_at_once, g.n - j0);
      const int64_t strips = (m + most_rows - 1) / most_rows, height = (m + strips - 1) / strips;
      const MatrixView out =
          same ? MatrixView{at<T>(g.out, i0, j0), g.out.row, g.out.column} : MatrixView{sums.get(), n, 1};
      for (int64_t l0 = 0; l0 < g.k; l0 += depth) {
        const int64_t k = std::min(depth, g.k - l0);
        if (plan.pack_a)
          Pack<most_rows>(a_panels.get(), at<const S>(g.a, i0, l0), g.a.row, g.a.column, m, k, height, 1, k + a_gap);
        for (int64_t jg = 0; jg < n; jg += group_most) {
          const int64_t group = std::min(group_most, n - jg);
          const int64_t direct = plan.pack_b ? 0 : ragged_too || group % lanes == 0 ? group : group / width * width;
          if (direct < group)
            Pack<panel_width<T>>(b_panels.get() + direct * k, at<const S>(g.b, l0, j0 + jg + direct), g.b.column,
                                 g.b.row, group - direct, k, width, lanes, k);
          const auto tile = [&](int64_t row, int64_t column) {
            const int64_t rows = std::min(height, m - row), columns = std::min(width, group - column),
                          vectors = (columns + lanes - 1) / lanes;
            const T* b = nullptr;
            int64_t b_step = vectors * lanes;
            if constexpr (same)
              if (column < direct) {
                b = at<const T>(g.b, l0, j0 + jg + column);
                b_step = g.b.row;
              }
            if (!b) b = b_panels.get() + column * k;
            const TileOut<T> to{at<T>(out, row, jg + column),
                                out.row,
                                out.column,
                                columns,
                                l0 == 0 && !g.add,
                                l0 + k == g.k,
                                bias.data ? at<const T>(bias, i0 + row, j0 + jg + column) : nullptr,
                                bias.row,
                                bias.column};
            const T* a = nullptr;
            int64_t a_row = 1, a_step = rows;
            Operands operands = Operands::packed;
            if constexpr (same)
              if (!plan.pack_a) {
                a = at<const T>(g.a, i0 + row, l0);
                a_row = g.a.row;
                a_step = g.a.column;
                operands = column < direct && columns % lanes != 0 ? Operands::ragged : Operands::lying;
              }
            if (!a) a = a_panels.get() + row * (k + a_gap);
            tiles<T>[operands][vectors - 1][rows - 1](k, a, a_row, a_step, b, b_step, to);
          };
          // The columns of the next panel, some with each strip of a.
          const auto ask = [&](int64_t strip) {
            const int64_t next = jg + group, columns = std::min(width, n - next);
            for (int64_t c = columns * strip / strips; c < columns * (strip + 1) / strips; ++c)
              for (int64_t l = 0; l < k; l += 64 / static_cast<int64_t>(sizeof(S)))
                __builtin_prefetch(at<const S>(g.b, l0 + l, j0 + next + c));
          };
          // Of b what lies far away is used up while it is in the first cache.
          if (plan.pack_a && direct > 0)
            for (int64_t j = 0; j < group; j += width)
              for (int64_t i = 0; i < m; i += height) tile(i, j);
          else
            for (int64_t i = 0; i < m; i += height) {
              if (panel_by_panel) ask(i / height);
              for (int64_t j = 0; j < group; j += width) tile(i, j);
            }
        }
      }
      if constexpr (!same)
        for (int64_t i = 0; i < m; ++i) {
          if (g.out.column == 1) vector_narrow(g.type, at<S>(g.out, i0 + i, j0), sums.get() + i * n, n);
          else
            for (int64_t j = 0; j < n; ++j) *at<S>(g.out, i0 + i, j0 + j) = static_cast<S>(sums.get()[i * n + j]);
        }
    }
}

/// By dot products: b's columns lie along k, and a's few rows are made to where they do not.
template <class S>
void Dots(const Gemm& g) {
  using T = sum_t<S>;
  constexpr int64_t depth = 4096 / sizeof(T);  // so that a tile's rows stay in the first cache
  const bool packed = g.a.column != 1;
  const Scratch<T> sums(g.m * dot_columns);
  const Scratch<S> rows_of_a(packed ? g.m * g.k : 0);
  if (packed) {
    if constexpr (std::is_same_v<S, T>)
      Pack<0>(rows_of_a.get(), static_cast<const S*>(g.a.data), g.a.column, g.a.row, g.k, g.m, g.k, 1, g.m);
    else
      for (int64_t l = 0; l < g.k; ++l)
        for (int64_t i = 0; i < g.m; ++i) rows_of_a.get()[i * g.k + l] = *at<const S>(g.a, i, l);
  }
  const S *a = packed ? rows_of_a.get() : static_cast<const S*>(g.a.data), *b = static_cast<const S*>(g.b.data);
  const int64_t a_row = packed ? g.k : g.a.row;
  for (int64_t j = 0; j < g.n;) {
    constexpr int64_t widths[] = {dot_columns, dot_columns / 2, 1};
    const int which = g.n - j >= widths[0] ? 0 : g.n - j >= widths[1] ? 1 : 2;
    const int64_t columns = widths[which];
    std::fill(sums.get(), sums.get() + g.m * dot_columns, T{0});
    for (int64_t l = 0; l < g.k; l += depth)
      for (int64_t i = 0; i < g.m; i += dot_rows) {
        const int64_t rows = std::min<int64_t>(dot_rows, g.m - i);
        dots<S, T>[which][rows - 1](std::min(depth, g.k - l), a + i * a_row + l, a_row, b + j * g.b.column + l,
                                    g.b.column, sums.get() + i * dot_columns);
      }
    for (int64_t i = 0; i < g.m; ++i)
      for (int64_t c = 0; c < columns; ++c) {
        T y = sums.get()[i * dot_columns + c];
        if (g.bias.data) y += static_cast<T>(*at<const S>(g.bias, i, j + c));
        if (g.add) y += static_cast<T>(*at<const S>(g.out, i, j + c));
        *at<S>(g.out, i, j + c) = static_cast<S>(y);
      }
    j += columns;
  }
}

/// Measured on processors with AVX-512 and with AVX2 (bench/products): where one way begins to beat another.
template <class T>
GemmPlan PlanOf(const Gemm& given) {
  constexpr int64_t lanes = lanes_of<T>;
  GemmPlan plan{};
  const bool a_down = given.a.row == 1, a_across = given.a.column == 1, b_down = given.b.row == 1,
             b_across = given.b.column == 1;
  // Few rows (or columns), and the other operand along k: packing it would take as long as the product.
  const int64_t few = std::min(given.m, given.n);
  const int64_t few_dots = given.type == bfloat16 && has_bf16_products() ? 4 : 40;
  plan.swap = given.n < given.m;
  if ((plan.swap ? a_across : b_down) && few <= few_dots && given.k >= (few <= 4 ? 2 : 8) * lanes) {
    plan.dot = true;
    plan.cut_m = dot_rows;
    plan.cut_n = dot_columns;
    return plan;
  }
  if (given.type == bfloat16 && given.m * given.n * given.k >= 4096 && has_bf16_products()) {
    plan.bf16 = true;
    plan.swap = false;
    plan.cut_m = plan.cut_n = bf16_cut;
    return plan;
  }
  // Vectors run along n; where there are hardly any columns but rows enough, along m.
  plan.swap = given.n < lanes && a_down && given.m > given.n && (!b_down || given.m >= 4 * given.n);
  const int64_t m = plan.swap ? given.n : given.m, n = plan.swap ? given.m : given.n, k = given.k;
  const bool lies_down = plan.swap ? b_across : a_down, lies_across = plan.swap ? a_down : b_across;
  const bool half = is_half(given.type), small_b = n * k <= 1 << 18;
  const int64_t few_strips = n * k <= 1 << 16 ? 512 : n > 8192 && !small_b ? 8 : 128;
  plan.row = m == 1 && !half && lies_across && n > 300 && (plan.swap ? given.out.row : given.out.column) == 1;
  // Rows of b that lie whole pages apart would drive each other out of the first cache.
  const int64_t b_step = (plan.swap ? given.a.column : given.b.row) * item_size(given.type);
  const bool collides = b_step % 4096 == 0 && m >= 16;
  plan.pack_b = half || !lies_across || m > few_strips || collides;
  plan.pack_a = half || n > 300 || (lies_down && m * k > 1 << 16);
  // Rows of b that are not packed come in few at a time, each for a long stretch, which the caches foresee.
  plan.depth = plan.pack_b || small_b ? 384 : m <= 4 ? 32 : m <= 24 ? 64 : 192;
  plan.cut_m = most_rows;
  plan.cut_n = panel_width<T>;
  return plan;
}

GemmPlan Plan(const Gemm& g) { return g.type == float64 ? PlanOf<double>(g) : PlanOf<float>(g); }

template <class S>
void BlockOf(const Gemm& g, const GemmPlan& plan) {
  if (plan.dot) return Dots<S>(g);
  if constexpr (std::is_same_v<S, sum_t<S>>)
    if (plan.row) return Row<S>(g);
  Tiles<S>(g, plan);
}

void Block(const Gemm& g, const GemmPlan& plan) {
  switch (g.type) {
    case DType::float64: return BlockOf<double>(g, plan);
    case DType::float16: return BlockOf<tenon::Half>(g, plan);
    case DType::bfloat16: return BlockOf<BFloat16>(g, plan);
    default: return BlockOf<float>(g, plan);
  }
}

}  // namespace tenon::backend::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tenon::backend::cpu {

HWY_EXPORT(Plan);
HWY_EXPORT(Block);

GemmPlan gemm_plan(const Gemm& g) { return HWY_DYNAMIC_DISPATCH(Plan)(g); }
void gemm_block(const Gemm& g, const GemmPlan& plan) {
  if (plan.bf16) gemm_block_bf16(g);
  else HWY_DYNAMIC_DISPATCH(Block)(g, plan);
}

}  // namespace tenon::backend::cpu
#endif
