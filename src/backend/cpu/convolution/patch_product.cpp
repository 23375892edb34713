#include "backend/cpu/convolution/patch_product.h"

#include <algorithm>
#include <array>
#include <utility>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backend/cpu/convolution/patch_product.cpp"
#include <hwy/foreach_target.h>  // compiles the rest of this file once for each instruction set
#include <hwy/highway.h>
//
#include "backend/cpu/gemm/pack-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tenon::backend::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <class T>
inline constexpr int lanes_of = static_cast<int>(hn::MaxLanes(hn::ScalableTag<T>()));

// Sums, the vectors of b that one step takes, and one number of a must be held in registers: 32 or 16. Channels are
// mostly powers of two.
inline constexpr int most_rows = 6, most_vectors = HWY_TARGET <= HWY_AVX3 ? 4 : 2;

/// R rows of V vectors.
template <int R, int V, class T>
HWY_NOINLINE void Tile(const PatchProduct<T>& p, int64_t first) {
  const hn::ScalableTag<T> d;
  using Vec = hn::Vec<decltype(d)>;
  constexpr int lanes = lanes_of<T>;
  const T* a[R];
  Vec sums[R][V];
#pragma GCC unroll 8
  for (int r = 0; r < R; ++r) {
    a[r] = p.a[first + r] + p.shift;
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) sums[r][v] = hn::Zero(d);
  }
  const T* HWY_RESTRICT b = p.b;
  const int64_t* HWY_RESTRICT offsets = p.offsets;
  const int64_t* const end = offsets + p.k;
  for (; offsets != end; ++offsets, b += V * lanes) {
    const int64_t at = *offsets;
    Vec y[V];
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) {
      y[v] = hn::LoadU(d, b + v * lanes);
      if (v * lanes * sizeof(T) % 64 == 0) __builtin_prefetch(b + (8 * V + v) * lanes);
    }
#pragma GCC unroll 8
    for (int r = 0; r < R; ++r) {
      const Vec x = hn::Set(d, a[r][at]);
#pragma GCC unroll 8
      for (int v = 0; v < V; ++v) sums[r][v] = hn::MulAdd(x, y[v], sums[r][v]);
    }
  }
  const T* bias = p.bias;
#pragma GCC unroll 8
  for (int r = 0; r < R; ++r) {
    T* to = p.sums[first + r];
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v)
      hn::StoreU(hn::Add(hn::LoadU(d, (bias ? bias : to) + v * lanes), sums[r][v]), d, to + v * lanes);
  }
}

template <class T, int V, int... R>
constexpr auto TilesOfWidth(std::integer_sequence<int, R...>) {
  return std::array<void (*)(const PatchProduct<T>&, int64_t), sizeof...(R)>{Tile<R + 1, V, T>...};
}
template <class T, int... V>
constexpr auto TilesOf(std::integer_sequence<int, V...>) {
  return std::array{TilesOfWidth<T, V + 1>(std::make_integer_sequence<int, most_rows>())...};
}
/// [vectors − 1][rows − 1]. `static`, because g++ would export it.
template <class T>
static constexpr auto patch_tiles = TilesOf<T>(std::make_integer_sequence<int, most_vectors>());

template <class T>
void Products(const PatchProduct<T>& p) {
  const auto& tiles = patch_tiles<T>[static_cast<std::size_t>(p.width / lanes_of<T> - 1)];
  const int64_t strips = (p.rows + most_rows - 1) / most_rows;
  for (int64_t i = 0; i < strips; ++i) {  // of heights that differ by 1 at most
    const int64_t first = p.rows * i / strips;
    tiles[static_cast<std::size_t>(p.rows * (i + 1) / strips - first - 1)](p, first);
  }
}

template <class T>
void ChannelProducts(const PatchProduct<T>& p) {
  const hn::ScalableTag<T> d;
  for (int64_t r = 0; r < p.rows; ++r)
    for (int64_t j = 0; j < p.width; j += lanes_of<T>) {
      T* to = p.sums[r] + j;
      const T* a = p.a[r] + j;
      auto sum = hn::LoadU(d, p.bias ? p.bias + j : to);
      for (int64_t l = 0; l < p.k; ++l)
        sum = hn::MulAdd(hn::LoadU(d, a + p.offsets[l]), hn::LoadU(d, p.b + l * p.width + j), sum);
      hn::StoreU(sum, d, to);
    }
}

template <class T>
void ChannelGradients(const PatchProduct<T>& p) {
  const hn::ScalableTag<T> d;
  for (int64_t l = 0; l < p.k; ++l)
    for (int64_t j = 0; j < p.width; j += lanes_of<T>) {
      T* to = p.sums[l] + j;
      const int64_t at = p.offsets[l] + j;
      const T* b = p.b + j;
      auto even = hn::LoadU(d, to), odd = hn::Zero(d);
      int64_t r = 0;
      for (; r + 2 <= p.rows; r += 2) {
        even = hn::MulAdd(hn::LoadU(d, p.a[r] + at), hn::LoadU(d, b + r * p.width), even);
        odd = hn::MulAdd(hn::LoadU(d, p.a[r + 1] + at), hn::LoadU(d, b + (r + 1) * p.width), odd);
      }
      if (r < p.rows) even = hn::MulAdd(hn::LoadU(d, p.a[r] + at), hn::LoadU(d, b + r * p.width), even);
      hn::StoreU(hn::Add(even, odd), d, to);
    }
}

Panels PanelsOf(DType type, int64_t channels) {
  const int64_t lanes = type == DType::float64 ? lanes_of<double> : lanes_of<float>, widest = most_vectors * lanes;
  const int64_t count = (channels + widest - 1) / widest, each = (channels + count - 1) / count;
  return {count, (each + lanes - 1) / lanes * lanes};
}

void ProductsFloat(const PatchProduct<float>& p) { Products(p); }
void ProductsDouble(const PatchProduct<double>& p) { Products(p); }
void ChannelProductsFloat(const PatchProduct<float>& p) { ChannelProducts(p); }
void ChannelProductsDouble(const PatchProduct<double>& p) { ChannelProducts(p); }
void ChannelGradientsFloat(const PatchProduct<float>& p) { ChannelGradients(p); }
void ChannelGradientsDouble(const PatchProduct<double>& p) { ChannelGradients(p); }

/// f of null pointers to the type that is read and the one that is computed in.
template <class F>
void ByType(DType type, F f) {
  switch (type) {
    case DType::float64: return f(static_cast<const double*>(nullptr), static_cast<double*>(nullptr));
    case DType::float16: return f(static_cast<const tenon::Half*>(nullptr), static_cast<float*>(nullptr));
    case DType::bfloat16: return f(static_cast<const BFloat16*>(nullptr), static_cast<float*>(nullptr));
    default: return f(static_cast<const float*>(nullptr), static_cast<float*>(nullptr));
  }
}

void TransposeRows(DType type, void* to, int64_t to_row, const void* from, int64_t across, int64_t count, int64_t k) {
  ByType(type, [&]<class S, class T>(const S*, T*) HWY_ATTR {
    PackTransposed(static_cast<T*>(to), to_row, static_cast<const S*>(from), across, count, k);
  });
}

void CopyRow(DType type, void* to, const void* from, int64_t count, int64_t room) {
  ByType(type, [&]<class S, class T>(const S*, T*)
                   HWY_ATTR { PackRow(static_cast<T*>(to), static_cast<const S*>(from), count, room); });
}

}  // namespace tenon::backend::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tenon::backend::cpu {

HWY_EXPORT(PanelsOf);
HWY_EXPORT(ProductsFloat);
HWY_EXPORT(ProductsDouble);
HWY_EXPORT(ChannelProductsFloat);
HWY_EXPORT(ChannelProductsDouble);
HWY_EXPORT(ChannelGradientsFloat);
HWY_EXPORT(ChannelGradientsDouble);
HWY_EXPORT(TransposeRows);
HWY_EXPORT(CopyRow);

Panels panels_of(DType type, int64_t channels) { return HWY_DYNAMIC_DISPATCH(PanelsOf)(type, channels); }
void add_products(const PatchProduct<float>& p) { HWY_DYNAMIC_DISPATCH(ProductsFloat)(p); }
void add_products(const PatchProduct<double>& p) { HWY_DYNAMIC_DISPATCH(ProductsDouble)(p); }
void add_channel_products(const PatchProduct<float>& p) { HWY_DYNAMIC_DISPATCH(ChannelProductsFloat)(p); }
void add_channel_products(const PatchProduct<double>& p) { HWY_DYNAMIC_DISPATCH(ChannelProductsDouble)(p); }
void add_channel_gradients(const PatchProduct<float>& p) { HWY_DYNAMIC_DISPATCH(ChannelGradientsFloat)(p); }
void add_channel_gradients(const PatchProduct<double>& p) { HWY_DYNAMIC_DISPATCH(ChannelGradientsDouble)(p); }
void transpose_rows(DType type, void* to, int64_t to_row, const void* from, int64_t across, int64_t count, int64_t k) {
  HWY_DYNAMIC_DISPATCH(TransposeRows)(type, to, to_row, from, across, count, k);
}
void copy_row(DType type, void* to, const void* from, int64_t count, int64_t room) {
  HWY_DYNAMIC_DISPATCH(CopyRow)(type, to, from, count, room);
}

}  // namespace tenon::backend::cpu
#endif
