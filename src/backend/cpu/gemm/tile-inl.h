// A tile of a product that is kept in registers: the sum of outer products of a column of a and a row of b. Include
// after hwy/highway.h.
#if defined(TENON_BACKEND_CPU_GEMM_TILE_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef TENON_BACKEND_CPU_GEMM_TILE_INL_H
#undef TENON_BACKEND_CPU_GEMM_TILE_INL_H
#else
#define TENON_BACKEND_CPU_GEMM_TILE_INL_H
#endif

#include <array>
#include <cstdint>
#include <utility>

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace tenon::backend::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <class T>
inline constexpr int lanes_of = static_cast<int>(hn::MaxLanes(hn::ScalableTag<T>()));

// A tile's sums, the vectors of b that one step takes, and one number of a must be held in registers: 32 or 16.
#if HWY_TARGET <= HWY_AVX3
inline constexpr int most_rows = 8, most_vectors = 3;
#else
inline constexpr int most_rows = 6, most_vectors = 2;
#endif
template <class T>
inline constexpr int64_t panel_width = most_vectors* lanes_of<T>;

/// Where a tile's sums go: `width` columns; `first` and `last` of the parts of k that are added up.
template <class T>
struct TileOut {
  T* data;
  int64_t row, column, width;
  bool first, last;
  const T* bias;  ///< null for none
  int64_t bias_row, bias_column;
};

/// What is left to do with a tile's sums where they are not just written or added.
template <class T>
HWY_NOINLINE void StoreRows(const T* sums, int64_t count, int64_t width, const TileOut<T>& out, const T* bias) {
  const hn::ScalableTag<T> d;
  constexpr int64_t lanes = lanes_of<T>;
  const auto finish = [&](auto y, const T* to, const T* add, auto load) HWY_ATTR {
    if (!out.first) y = hn::Add(load(to), y);
    return bias ? hn::Add(y, load(add)) : y;
  };
  const bool vectors = out.column == 1 && !(bias && out.bias_row);
  for (int64_t r = 0; r < count; ++r) {
    T* to = out.data + r * out.row;
    int64_t j = 0;
    for (; vectors && j + lanes <= out.width; j += lanes)
      hn::StoreU(finish(hn::Load(d, sums + r * width + j), to + j, bias ? bias + j : nullptr,
                        [&](const T* p) HWY_ATTR { return hn::LoadU(d, p); }),
                 d, to + j);
#if HWY_TARGET <= HWY_AVX2  // older processors have no loads and stores of a part of a vector
    if (vectors && j < out.width) {
      const auto mask = hn::FirstN(d, static_cast<std::size_t>(out.width - j));
      hn::BlendedStore(finish(hn::Load(d, sums + r * width + j), to + j, bias ? bias + j : nullptr,
                              [&](const T* p) HWY_ATTR { return hn::MaskedLoad(mask, d, p); }),
                       mask, d, to + j);
      continue;
    }
#endif
    for (; j < out.width; ++j) {
      T y = sums[r * width + j];
      if (!out.first) y += to[j * out.column];
      if (bias) y += bias[r * out.bias_row + j * out.bias_column];
      to[j * out.column] = y;
    }
  }
}

/// How a tile's operands lie.
enum Operands {
  packed,  ///< a in a panel, whole vectors of b
  lying,   ///< a where it lies, whole vectors of b
  ragged,  ///< both where they lie, and of b's last vector only what belongs to it
};
#if HWY_TARGET <= HWY_AVX2
inline constexpr bool takes_ragged = true;
#else  // older processors have no loads of a part of a vector
inline constexpr bool takes_ragged = false;
#endif

/// R rows of V vectors: Σ_l a(r, l)·b(l, j) in order of l. a(r, l) lies at a[r·a_row + l·a_step],
/// b(l, j) at b[l·b_step + j].
template <int R, int V, Operands operands, class T>
HWY_NOINLINE void Tile(int64_t k, const T* HWY_RESTRICT a, int64_t a_row, int64_t a_step, const T* HWY_RESTRICT b,
                       int64_t b_step, const TileOut<T>& out) {
  const hn::ScalableTag<T> d;
  using Vec = hn::Vec<decltype(d)>;
  constexpr int lanes = lanes_of<T>;
  constexpr bool part = takes_ragged && operands == ragged;
  if constexpr (operands == packed) {
    a_row = 1;
    a_step = R;
  }
  const auto load = [&](const T* p, [[maybe_unused]] int v) HWY_ATTR {
    if constexpr (part)
      if (v == V - 1) return hn::MaskedLoad(hn::FirstN(d, static_cast<std::size_t>(out.width - v * lanes)), d, p);
    return hn::LoadU(d, p);
  };
  Vec sums[R][V];
#pragma GCC unroll 8
  for (int r = 0; r < R; ++r)
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) {
      sums[r][v] = hn::Zero(d);
      if (operands == packed && out.column == 1) __builtin_prefetch(out.data + r * out.row + v * lanes);
    }
  // The processor does not foresee b from one tile to the next, nor at all where its rows lie far apart.
  const T* soon = b + 8 * b_step;
#pragma GCC unroll 2
  for (int64_t l = 0; l < k; ++l) {
    Vec y[V];
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) {
      y[v] = load(b + v * lanes, v);
      if (v * lanes * sizeof(T) % 64 == 0) __builtin_prefetch(soon + v * lanes);
    }
#pragma GCC unroll 8
    for (int r = 0; r < R; ++r) {
      const Vec x = hn::Set(d, a[r * a_row]);
#pragma GCC unroll 8
      for (int v = 0; v < V; ++v) sums[r][v] = hn::MulAdd(x, y[v], sums[r][v]);
    }
    a += a_step;
    b += b_step;
    soon += b_step;
  }
  const T* bias = out.last ? out.bias : nullptr;
  constexpr bool masks = HWY_TARGET <= HWY_AVX3;  // where storing a part of a vector costs no more than a whole one
  if ((masks || out.width == V * lanes) && out.column == 1 && !bias) {
    const auto last = hn::FirstN(d, static_cast<std::size_t>(out.width - (V - 1) * lanes));
#pragma GCC unroll 8
    for (int r = 0; r < R; ++r)
#pragma GCC unroll 8
      for (int v = 0; v < V; ++v) {
        T* to = out.data + r * out.row + v * lanes;
        const bool masked = masks && v == V - 1;
        Vec y = sums[r][v];
        if (!out.first) y = hn::Add(masked ? hn::MaskedLoad(last, d, to) : hn::LoadU(d, to), y);
        if (masked) hn::BlendedStore(y, last, d, to);
        else hn::StoreU(y, d, to);
      }
    return;
  }
  HWY_ALIGN T rows[R * V * lanes];
#pragma GCC unroll 8
  for (int r = 0; r < R; ++r)
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) hn::Store(sums[r][v], d, rows + (r * V + v) * lanes);
  StoreRows(rows, R, V * lanes, out, bias);
}

template <class T>
using TileFunction = void (*)(int64_t, const T*, int64_t, int64_t, const T*, int64_t, const TileOut<T>&);

template <class T, Operands operands, int V, int... R>
constexpr auto TilesOfWidth(std::integer_sequence<int, R...>) {
  return std::array<TileFunction<T>, sizeof...(R)>{Tile<R + 1, V, operands, T>...};
}
template <class T, Operands operands, int... V>
constexpr auto TilesOf(std::integer_sequence<int, V...>) {
  return std::array{TilesOfWidth<T, operands, V + 1>(std::make_integer_sequence<int, most_rows>())...};
}
/// tiles[operands][vectors − 1][rows − 1].
template <class T>
inline constexpr std::array tiles = {
    TilesOf<T, packed>(std::make_integer_sequence<int, most_vectors>()),
    TilesOf<T, lying>(std::make_integer_sequence<int, most_vectors>()),
    TilesOf<T, takes_ragged ? ragged : lying>(std::make_integer_sequence<int, most_vectors>())};

}  // namespace tenon::backend::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
