#include "backend/cpu/simd/layer_norm.h"

#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backend/cpu/simd/layer_norm.cpp"
#include <hwy/foreach_target.h>  // compiles the rest of this file once for each instruction set
#include <hwy/highway.h>
//
#include "backend/cpu/simd/vector_common-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tenon::backend::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Σ term(d, i), blocks of 2,048 added in double. term may be asked for one lane at the end.
template <class T, class F>
HWY_INLINE double Sum(int64_t n, F term) {
  const hn::ScalableTag<T> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  double total = 0;
  for (int64_t block = 0; block < n; block += 2048) {
    const int64_t end = HWY_MIN(n, block + 2048);
    auto a = hn::Zero(d), b = a;
    int64_t i = block;
    for (; i + 2 * lanes <= end; i += 2 * lanes) {
      a = hn::Add(a, term(d, i));
      b = hn::Add(b, term(d, i + lanes));
    }
    total += static_cast<double>(hn::GetLane(hn::SumOfLanes(d, hn::Add(a, b))));
    for (; i < end; ++i) total += static_cast<double>(hn::GetLane(term(hn::CappedTag<T, 1>(), i)));
  }
  return total;
}

template <class T>
Moments LayerNorm(const NormRow& r) {
  const T* in = static_cast<const T*>(r.in);
  const T *weight = static_cast<const T*>(r.weight), *bias = static_cast<const T*>(r.bias);
  T* out = static_cast<T*>(r.out);
  const auto n = static_cast<double>(r.n);
  const double mean =
      r.centered ? Sum<T>(r.n, [in](auto d, int64_t i) HWY_ATTR { return hn::LoadU(d, in + i); }) / n : 0;
  const T center = static_cast<T>(mean);
  const double squares = Sum<T>(r.n, [in, center](auto d, int64_t i) HWY_ATTR {
    const auto x = hn::Sub(hn::LoadU(d, in + i), hn::Set(d, center));
    return hn::Mul(x, x);
  });
  const double rest = mean - static_cast<double>(center);  // what rounding took from the mean
  const double rstd = 1 / std::sqrt(squares / n - rest * rest + r.eps);
  const T scale = static_cast<T>(rstd);
  ForVectors<T>(r.n, [=](auto d, int64_t i) HWY_ATTR {
    auto y = hn::Mul(hn::Sub(hn::LoadU(d, in + i), hn::Set(d, center)), hn::Set(d, scale));
    if (weight) y = hn::Mul(y, hn::LoadU(d, weight + i));
    if (bias) y = hn::Add(y, hn::LoadU(d, bias + i));
    hn::StoreU(y, d, out + i);
  });
  return {mean, rstd};
}

template <class T>
void LayerNormBackward(const NormBackwardRow& r) {
  const T *in = static_cast<const T*>(r.in), *grad = static_cast<const T*>(r.grad),
          *weight = static_cast<const T*>(r.weight);
  T *dx = static_cast<T*>(r.dx), *dweight = static_cast<T*>(r.dweight), *dbias = static_cast<T*>(r.dbias);
  const T mean = static_cast<T>(r.moments.mean), rstd = static_cast<T>(r.moments.rstd);
  const auto normalized = [=](auto d, int64_t i) HWY_ATTR {
    return hn::Mul(hn::Sub(hn::LoadU(d, in + i), hn::Set(d, mean)), hn::Set(d, rstd));
  };
  const auto scaled = [=](auto d, int64_t i) HWY_ATTR {
    const auto g = hn::LoadU(d, grad + i);
    return weight ? hn::Mul(g, hn::LoadU(d, weight + i)) : g;
  };
  if (dweight)
    ForVectors<T>(r.n, [=](auto d, int64_t i) HWY_ATTR {
      hn::StoreU(hn::MulAdd(hn::LoadU(d, grad + i), normalized(d, i), hn::LoadU(d, dweight + i)), d, dweight + i);
    });
  if (dbias)
    ForVectors<T>(r.n, [=](auto d, int64_t i) HWY_ATTR {
      hn::StoreU(hn::Add(hn::LoadU(d, dbias + i), hn::LoadU(d, grad + i)), d, dbias + i);
    });
  if (!dx) return;
  const auto n = static_cast<double>(r.n);
  const T mean_g =
      r.centered ? static_cast<T>(Sum<T>(r.n, [=](auto d, int64_t i) HWY_ATTR { return scaled(d, i); }) / n) : 0;
  const T mean_gx = static_cast<T>(
      Sum<T>(r.n, [=](auto d, int64_t i) HWY_ATTR { return hn::Mul(scaled(d, i), normalized(d, i)); }) / n);
  ForVectors<T>(r.n, [=](auto d, int64_t i) HWY_ATTR {
    const auto centered = hn::Sub(scaled(d, i), hn::Set(d, mean_g));
    hn::StoreU(hn::Mul(hn::NegMulAdd(normalized(d, i), hn::Set(d, mean_gx), centered), hn::Set(d, rstd)), d, dx + i);
  });
}

Moments LayerNormAny(DType type, const NormRow& row) {
  return type == DType::float64 ? LayerNorm<double>(row) : LayerNorm<float>(row);
}
void LayerNormBackwardAny(DType type, const NormBackwardRow& row) {
  return type == DType::float64 ? LayerNormBackward<double>(row) : LayerNormBackward<float>(row);
}

}  // namespace tenon::backend::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tenon::backend::cpu {

HWY_EXPORT(LayerNormAny);
HWY_EXPORT(LayerNormBackwardAny);

Moments vector_layer_norm(DType type, const NormRow& row) { return HWY_DYNAMIC_DISPATCH(LayerNormAny)(type, row); }
void vector_layer_norm_backward(DType type, const NormBackwardRow& row) {
  HWY_DYNAMIC_DISPATCH(LayerNormBackwardAny)(type, row);
}

}  // namespace tenon::backend::cpu
#endif
