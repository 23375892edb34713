#include "backend/cpu/simd/vector_reduce.h"

#include <cmath>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backend/cpu/simd/vector_reduce.cpp"
#include <hwy/foreach_target.h>  // compiles the rest of this file once for each instruction set
#include <hwy/highway.h>
//
#include "backend/cpu/simd/vector_common-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tenon::backend::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Elements added up in lanes of their own type, before their sum is added in double: that keeps both speed and digits.
inline constexpr int64_t block = 2048;

/// As for vectors (vector_common-inl.h).
template <bool largest>
double Extremum(double a, double b) {
  return (largest ? a > b : a < b) || a != a ? a : b;
}

/// Calls f(each, combine, total, identity): what is taken of an element, how two are combined in vectors and in double,
/// where it begins.
template <class F>
HWY_INLINE auto WithOp(ReduceOp op, F f) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const auto add = [](auto a, auto b) HWY_ATTR { return hn::Add(a, b); };
  const auto plus = [](double a, double b) { return a + b; };
  const auto plain = [](auto, auto x) HWY_ATTR { return x; };
  switch (op) {
    case ReduceOp::sum: return f(plain, add, plus, 0.0);
    case ReduceOp::nansum:
      return f([](auto, auto x) HWY_ATTR { return hn::IfThenZeroElse(hn::IsNaN(x), x); }, add, plus, 0.0);
    case ReduceOp::sum_of_absolutes: return f([](auto, auto x) HWY_ATTR { return hn::Abs(x); }, add, plus, 0.0);
    case ReduceOp::sum_of_squares: return f([](auto, auto x) HWY_ATTR { return hn::Mul(x, x); }, add, plus, 0.0);
    case ReduceOp::prod:
      return f(
          plain, [](auto a, auto b) HWY_ATTR { return hn::Mul(a, b); }, [](double a, double b) { return a * b; }, 1.0);
    case ReduceOp::amax:
      return f(
          plain, [](auto a, auto b) HWY_ATTR { return Extremum<true>(a, b); },
          [](double a, double b) { return Extremum<true>(a, b); }, -infinity);
    case ReduceOp::amin: break;
  }
  return f(
      plain, [](auto a, auto b) HWY_ATTR { return Extremum<false>(a, b); },
      [](double a, double b) { return Extremum<false>(a, b); }, infinity);
}

/// Four accumulators for the lanes of each block, whose results are combined in double.
template <class T, class Each, class Combine, class Total>
HWY_INLINE double Row(const T* in, int64_t n, Each each, Combine combine, Total total, double identity) {
  const hn::ScalableTag<T> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto start = hn::Set(d, static_cast<T>(identity));
  double result = identity;
  HWY_ALIGN T ends[HWY_MAX_BYTES / sizeof(T)];
  for (int64_t from = 0; from < n; from += block) {
    const int64_t to = HWY_MIN(n, from + block);
    auto a = start, b = start, c = start, e = start;
    int64_t i = from;
    for (; i + 4 * lanes <= to; i += 4 * lanes) {
      a = combine(a, each(d, hn::LoadU(d, in + i)));
      b = combine(b, each(d, hn::LoadU(d, in + i + lanes)));
      c = combine(c, each(d, hn::LoadU(d, in + i + 2 * lanes)));
      e = combine(e, each(d, hn::LoadU(d, in + i + 3 * lanes)));
    }
    for (; i + lanes <= to; i += lanes) a = combine(a, each(d, hn::LoadU(d, in + i)));
    if (i > from) {
      hn::Store(combine(combine(a, b), combine(c, e)), d, ends);
      int64_t left = lanes;  // in halves, as vectors would be combined
      while (left > 1) {
        left /= 2;
        for (int64_t k = 0; k < left; ++k)
          ends[k] = static_cast<T>(total(static_cast<double>(ends[k]), static_cast<double>(ends[k + left])));
      }
      result = total(result, static_cast<double>(ends[0]));
    }
    const hn::CappedTag<T, 1> one;
    for (; i < to; ++i) result = total(result, static_cast<double>(hn::GetLane(each(one, hn::LoadU(one, in + i)))));
  }
  return result;
}

/// Row by row into the results, which stay in the cache; four rows at a time.
template <class T, class Each, class Combine>
HWY_INLINE void Columns(T* out, const T* in, int64_t rows, int64_t stride, int64_t width, Each each, Combine combine,
                        double identity) {
  ForVectors<T>(width,
                [&](auto d, int64_t j) HWY_ATTR { hn::StoreU(hn::Set(d, static_cast<T>(identity)), d, out + j); });
  int64_t i = 0;
  for (; i + 4 <= rows; i += 4) {
    const T* row = in + i * stride;
    ForVectors<T>(width, [&](auto d, int64_t j) HWY_ATTR {
      const auto a = combine(each(d, hn::LoadU(d, row + j)), each(d, hn::LoadU(d, row + stride + j)));
      const auto b = combine(each(d, hn::LoadU(d, row + 2 * stride + j)), each(d, hn::LoadU(d, row + 3 * stride + j)));
      hn::StoreU(combine(hn::LoadU(d, out + j), combine(a, b)), d, out + j);
    });
  }
  for (; i < rows; ++i) {
    const T* row = in + i * stride;
    ForVectors<T>(width, [&](auto d, int64_t j) HWY_ATTR {
      hn::StoreU(combine(hn::LoadU(d, out + j), each(d, hn::LoadU(d, row + j))), d, out + j);
    });
  }
}

template <class T>
double Reduce(ReduceOp op, const T* in, int64_t n) {
  return WithOp(op, [&](auto each, auto combine, auto total, double identity)
                        HWY_ATTR { return Row(in, n, each, combine, total, identity); });
}

template <class T>
void ReduceColumns(ReduceOp op, T* out, const T* in, int64_t rows, int64_t stride, int64_t width) {
  WithOp(op, [&](auto each, auto combine, auto, double identity)
                 HWY_ATTR { Columns(out, in, rows, stride, width, each, combine, identity); });
}

template <class T>
Deviations DeviationsOf(const T* in, double pivot, int64_t n) {
  const hn::ScalableTag<T> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const T p = static_cast<T>(pivot);
  const auto from = hn::Set(d, p);
  Deviations total{0, 0};
  for (int64_t begin = 0; begin < n; begin += block) {
    const int64_t end = HWY_MIN(n, begin + block);
    auto sum0 = hn::Zero(d), sum1 = sum0, squares0 = sum0, squares1 = sum0;
    int64_t i = begin;
    for (; i + 2 * lanes <= end; i += 2 * lanes) {
      const auto a = hn::Sub(hn::LoadU(d, in + i), from), b = hn::Sub(hn::LoadU(d, in + i + lanes), from);
      sum0 = hn::Add(sum0, a);
      sum1 = hn::Add(sum1, b);
      squares0 = hn::MulAdd(a, a, squares0);
      squares1 = hn::MulAdd(b, b, squares1);
    }
    total.sum += static_cast<double>(hn::GetLane(hn::SumOfLanes(d, hn::Add(sum0, sum1))));
    total.squares += static_cast<double>(hn::GetLane(hn::SumOfLanes(d, hn::Add(squares0, squares1))));
    for (; i < end; ++i) {
      const auto a = static_cast<double>(in[i] - p);
      total.sum += a;
      total.squares += a * a;
    }
  }
  return total;
}

template <class T>
void DeviationsOfColumns(T* sums, T* squares, const T* pivots, const T* in, int64_t rows, int64_t stride,
                         int64_t width) {
  ForVectors<T>(width, [&](auto d, int64_t j) HWY_ATTR {
    const auto from = hn::LoadU(d, pivots + j);
    auto sum = hn::Zero(d), square = sum;
    for (int64_t i = 0; i < rows; ++i) {
      const auto a = hn::Sub(hn::LoadU(d, in + i * stride + j), from);
      sum = hn::Add(sum, a);
      square = hn::MulAdd(a, a, square);
    }
    hn::StoreU(sum, d, sums + j);
    hn::StoreU(square, d, squares + j);
  });
}

template <class T>
int64_t Find(const T* in, double value, int64_t n) {
  const hn::ScalableTag<T> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const T wanted = static_cast<T>(value);
  const auto v = hn::Set(d, wanted);
  const bool nan = value != value;
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const auto x = hn::LoadU(d, in + i);
    const intptr_t at = hn::FindFirstTrue(d, nan ? hn::IsNaN(x) : hn::Eq(x, v));
    if (at >= 0) return i + at;
  }
  while (i < n && (nan ? in[i] == in[i] : in[i] != wanted)) ++i;
  return i;
}

template <class T, class Place>
void FindColumns(Place* places, const T* values, const T* in, int64_t rows, int64_t stride, int64_t width) {
  ForVectors<T>(width, [&](auto d, int64_t j) HWY_ATTR {
    const hn::RebindToSigned<decltype(d)> p;
    const auto v = hn::LoadU(d, values + j);
    const auto nan = hn::IsNaN(v);
    auto place = hn::Zero(p);
    for (int64_t i = rows; i-- > 0;) {  // backwards, so that the first stays
      const auto x = hn::LoadU(d, in + i * stride + j);
      const auto here = hn::Or(hn::Eq(x, v), hn::And(nan, hn::IsNaN(x)));
      place = hn::IfThenElse(hn::RebindMask(p, here), hn::Set(p, static_cast<Place>(i)), place);
    }
    hn::StoreU(place, p, places + j);
  });
}

// ---- by element type, as they are exported
double ReduceAny(DType type, ReduceOp op, const void* in, int64_t n) {
  TENON_BY_TYPE(Reduce(op, static_cast<const T*>(in), n));
}
Deviations DeviationsAny(DType type, const void* in, double pivot, int64_t n) {
  TENON_BY_TYPE(DeviationsOf(static_cast<const T*>(in), pivot, n));
}
int64_t FindAny(DType type, const void* in, double value, int64_t n) {
  TENON_BY_TYPE(Find(static_cast<const T*>(in), value, n));
}
void ReduceColumnsAny(DType type, ReduceOp op, void* out, const void* in, int64_t rows, int64_t stride, int64_t width) {
  TENON_BY_TYPE(ReduceColumns(op, static_cast<T*>(out), static_cast<const T*>(in), rows, stride, width));
}
void DeviationsColumnsAny(DType type, void* sums, void* squares, const void* pivots, const void* in, int64_t rows,
                          int64_t stride, int64_t width) {
  TENON_BY_TYPE(DeviationsOfColumns(static_cast<T*>(sums), static_cast<T*>(squares), static_cast<const T*>(pivots),
                                    static_cast<const T*>(in), rows, stride, width));
}
void FindColumnsAny(DType type, void* places, const void* values, const void* in, int64_t rows, int64_t stride,
                    int64_t width) {
  TENON_BY_TYPE(FindColumns(static_cast<hwy::MakeSigned<T>*>(places), static_cast<const T*>(values),
                            static_cast<const T*>(in), rows, stride, width));
}

}  // namespace tenon::backend::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tenon::backend::cpu {

HWY_EXPORT(ReduceAny);
HWY_EXPORT(DeviationsAny);
HWY_EXPORT(FindAny);
HWY_EXPORT(ReduceColumnsAny);
HWY_EXPORT(DeviationsColumnsAny);
HWY_EXPORT(FindColumnsAny);

double vector_reduce(DType type, ReduceOp op, const void* in, int64_t n) {
  return HWY_DYNAMIC_DISPATCH(ReduceAny)(type, op, in, n);
}
Deviations vector_deviations(DType type, const void* in, double pivot, int64_t n) {
  return HWY_DYNAMIC_DISPATCH(DeviationsAny)(type, in, pivot, n);
}
int64_t vector_find(DType type, const void* in, double value, int64_t n) {
  return HWY_DYNAMIC_DISPATCH(FindAny)(type, in, value, n);
}
void vector_reduce_columns(DType type, ReduceOp op, void* out, const void* in, int64_t rows, int64_t stride,
                           int64_t width) {
  HWY_DYNAMIC_DISPATCH(ReduceColumnsAny)(type, op, out, in, rows, stride, width);
}
void vector_deviations_columns(DType type, void* sums, void* squares, const void* pivots, const void* in, int64_t rows,
                               int64_t stride, int64_t width) {
  HWY_DYNAMIC_DISPATCH(DeviationsColumnsAny)(type, sums, squares, pivots, in, rows, stride, width);
}
void vector_find_columns(DType type, void* places, const void* values, const void* in, int64_t rows, int64_t stride,
                         int64_t width) {
  HWY_DYNAMIC_DISPATCH(FindColumnsAny)(type, places, values, in, rows, stride, width);
}

}  // namespace tenon::backend::cpu
#endif
