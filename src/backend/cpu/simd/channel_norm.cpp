#include "backend/cpu/simd/channel_norm.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backend/cpu/simd/channel_norm.cpp"
#include <hwy/foreach_target.h>  // compiles the rest of this file once for each instruction set
#include <hwy/highway.h>
//
#include "backend/cpu/simd/vector_common-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tenon::backend::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// add(d, i, first, second) adds what the elements at i give to two sums, in lanes of the type.
template <class T, class F>
HWY_INLINE TwoSums Sums(int64_t rows, int64_t stride, int64_t n, F add) {
  const hn::ScalableTag<T> d;
  const hn::CappedTag<T, 1> one;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  auto a = hn::Zero(d), b = a, c = a, e = a;
  auto last_a = hn::Zero(one), last_b = last_a;
  for (int64_t r = 0; r < rows; ++r) {
    int64_t i = r * stride;
    const int64_t end = i + n;
    for (; i + 2 * lanes <= end; i += 2 * lanes) {
      add(d, i, a, b);
      add(d, i + lanes, c, e);
    }
    if (i + lanes <= end) {
      add(d, i, a, b);
      i += lanes;
    }
    for (; i < end; ++i) add(one, i, last_a, last_b);
  }
  const auto total = [&](auto first, auto second, auto last) HWY_ATTR {
    return static_cast<double>(hn::GetLane(hn::SumOfLanes(d, hn::Add(first, second)))) +
           static_cast<double>(hn::GetLane(last));
  };
  return {total(a, c, last_a), total(b, e, last_b)};
}

template <class T>
TwoSums RowsDeviations(const T* x, double pivot, int64_t rows, int64_t stride, int64_t n) {
  const T p = static_cast<T>(pivot);
  return Sums<T>(rows, stride, n, [x, p](auto d, int64_t i, auto& sum, auto& squares) HWY_ATTR {
    const auto apart = hn::Sub(hn::LoadU(d, x + i), hn::Set(d, p));
    sum = hn::Add(sum, apart);
    squares = hn::MulAdd(apart, apart, squares);
  });
}

template <class T>
TwoSums RowsProducts(const T* g, const T* x, double center, int64_t rows, int64_t stride, int64_t n) {
  const T c = static_cast<T>(center);
  return Sums<T>(rows, stride, n, [g, x, c](auto d, int64_t i, auto& sum, auto& products) HWY_ATTR {
    const auto here = hn::LoadU(d, g + i);
    sum = hn::Add(sum, here);
    products = hn::MulAdd(here, hn::Sub(hn::LoadU(d, x + i), hn::Set(d, c)), products);
  });
}

template <class T>
void ColumnsProducts(T* sums, T* products, const T* g, const T* x, const T* centers, int64_t rows, int64_t stride,
                     int64_t width) {
  ForVectors<T>(width, [=](auto d, int64_t j) HWY_ATTR {
    const auto center = hn::LoadU(d, centers + j);
    auto sum = hn::Zero(d), product = sum;
    for (int64_t i = 0; i < rows; ++i) {
      const auto here = hn::LoadU(d, g + i * stride + j);
      sum = hn::Add(sum, here);
      product = hn::MulAdd(here, hn::Sub(hn::LoadU(d, x + i * stride + j), center), product);
    }
    hn::StoreU(sum, d, sums + j);
    hn::StoreU(product, d, products + j);
  });
}

/// The factors of one row's channel, and of a row of channels.
template <class T>
struct Same {
  const ChannelFactors& factors;
  int64_t row;
  template <class D>
  HWY_INLINE hn::Vec<D> operator()(D d, const void* of, int64_t) const {
    return hn::Set(d, static_cast<const T*>(of)[row]);
  }
};
template <class T>
struct Each {
  const ChannelFactors& factors;
  template <class D>
  HWY_INLINE hn::Vec<D> operator()(D d, const void* of, int64_t i) const {
    return hn::LoadU(d, static_cast<const T*>(of) + i);
  }
};

template <class T, class Factors>
HWY_INLINE void ScaledRow(T* out, const T* x, int64_t n, Factors f) {
  const ChannelFactors& of = f.factors;
  ForVectors<T>(n, [=, &of](auto d, int64_t i) HWY_ATTR {
    const auto apart = hn::Sub(hn::LoadU(d, x + i), f(d, of.center, i));
    hn::StoreU(hn::MulAdd(apart, f(d, of.scale, i), f(d, of.shift, i)), d, out + i);
  });
}
template <class T, class Factors>
HWY_INLINE void BackRow(T* out, const T* g, const T* x, int64_t n, Factors f) {
  const ChannelFactors& of = f.factors;
  ForVectors<T>(n, [=, &of](auto d, int64_t i) HWY_ATTR {
    const auto apart = hn::Sub(hn::LoadU(d, x + i), f(d, of.center, i));
    const auto straight = hn::MulSub(hn::LoadU(d, g + i), f(d, of.scale, i), f(d, of.shift, i));
    hn::StoreU(hn::NegMulAdd(apart, f(d, of.slope, i), straight), d, out + i);
  });
}

template <class T>
void RowsScaled(T* out, const T* x, const ChannelFactors& factors, int64_t rows, int64_t n) {
  for (int64_t r = 0; r < rows; ++r) ScaledRow(out + r * n, x + r * n, n, Same<T>{factors, r});
}
template <class T>
void RowsBack(T* out, const T* g, const T* x, const ChannelFactors& factors, int64_t rows, int64_t n) {
  for (int64_t r = 0; r < rows; ++r) BackRow(out + r * n, g + r * n, x + r * n, n, Same<T>{factors, r});
}
template <class T>
void ColumnsScaled(T* out, const T* x, const ChannelFactors& factors, int64_t rows, int64_t width) {
  for (int64_t r = 0; r < rows; ++r) ScaledRow(out + r * width, x + r * width, width, Each<T>{factors});
}
template <class T>
void ColumnsBack(T* out, const T* g, const T* x, const ChannelFactors& factors, int64_t rows, int64_t width) {
  for (int64_t r = 0; r < rows; ++r) BackRow(out + r * width, g + r * width, x + r * width, width, Each<T>{factors});
}

// ---- by element type, as they are exported
TwoSums RowsDeviationsAny(DType type, const void* x, double pivot, int64_t rows, int64_t stride, int64_t n) {
  TENON_BY_TYPE(RowsDeviations(static_cast<const T*>(x), pivot, rows, stride, n));
}
TwoSums RowsProductsAny(DType type, const void* g, const void* x, double center, int64_t rows, int64_t stride,
                        int64_t n) {
  TENON_BY_TYPE(RowsProducts(static_cast<const T*>(g), static_cast<const T*>(x), center, rows, stride, n));
}
void ColumnsProductsAny(DType type, void* sums, void* products, const void* g, const void* x, const void* centers,
                        int64_t rows, int64_t stride, int64_t width) {
  TENON_BY_TYPE(ColumnsProducts(static_cast<T*>(sums), static_cast<T*>(products), static_cast<const T*>(g),
                                static_cast<const T*>(x), static_cast<const T*>(centers), rows, stride, width));
}
void RowsScaledAny(DType type, void* out, const void* x, const ChannelFactors& factors, int64_t rows, int64_t n) {
  TENON_BY_TYPE(RowsScaled(static_cast<T*>(out), static_cast<const T*>(x), factors, rows, n));
}
void RowsBackAny(DType type, void* out, const void* g, const void* x, const ChannelFactors& factors, int64_t rows,
                 int64_t n) {
  TENON_BY_TYPE(RowsBack(static_cast<T*>(out), static_cast<const T*>(g), static_cast<const T*>(x), factors, rows, n));
}
void ColumnsScaledAny(DType type, void* out, const void* x, const ChannelFactors& factors, int64_t rows,
                      int64_t width) {
  TENON_BY_TYPE(ColumnsScaled(static_cast<T*>(out), static_cast<const T*>(x), factors, rows, width));
}
void ColumnsBackAny(DType type, void* out, const void* g, const void* x, const ChannelFactors& factors, int64_t rows,
                    int64_t width) {
  TENON_BY_TYPE(
      ColumnsBack(static_cast<T*>(out), static_cast<const T*>(g), static_cast<const T*>(x), factors, rows, width));
}

}  // namespace tenon::backend::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tenon::backend::cpu {

HWY_EXPORT(RowsDeviationsAny);
HWY_EXPORT(RowsProductsAny);
HWY_EXPORT(ColumnsProductsAny);
HWY_EXPORT(RowsScaledAny);
HWY_EXPORT(RowsBackAny);
HWY_EXPORT(ColumnsScaledAny);
HWY_EXPORT(ColumnsBackAny);

TwoSums vector_rows_deviations(DType type, const void* x, double pivot, int64_t rows, int64_t stride, int64_t n) {
  return HWY_DYNAMIC_DISPATCH(RowsDeviationsAny)(type, x, pivot, rows, stride, n);
}
TwoSums vector_rows_products(DType type, const void* g, const void* x, double center, int64_t rows, int64_t stride,
                             int64_t n) {
  return HWY_DYNAMIC_DISPATCH(RowsProductsAny)(type, g, x, center, rows, stride, n);
}
void vector_rows_scaled(DType type, void* out, const void* x, const ChannelFactors& factors, int64_t rows, int64_t n) {
  HWY_DYNAMIC_DISPATCH(RowsScaledAny)(type, out, x, factors, rows, n);
}
void vector_rows_back(DType type, void* out, const void* g, const void* x, const ChannelFactors& factors, int64_t rows,
                      int64_t n) {
  HWY_DYNAMIC_DISPATCH(RowsBackAny)(type, out, g, x, factors, rows, n);
}
void vector_columns_products(DType type, void* sums, void* products, const void* g, const void* x, const void* centers,
                             int64_t rows, int64_t stride, int64_t width) {
  HWY_DYNAMIC_DISPATCH(ColumnsProductsAny)(type, sums, products, g, x, centers, rows, stride, width);
}
void vector_columns_scaled(DType type, void* out, const void* x, const ChannelFactors& factors, int64_t rows,
                           int64_t width) {
  HWY_DYNAMIC_DISPATCH(ColumnsScaledAny)(type, out, x, factors, rows, width);
}
void vector_columns_back(DType type, void* out, const void* g, const void* x, const ChannelFactors& factors,
                         int64_t rows, int64_t width) {
  HWY_DYNAMIC_DISPATCH(ColumnsBackAny)(type, out, g, x, factors, rows, width);
}

}  // namespace tenon::backend::cpu
#endif
