#include "backend/cpu/vector_kernels.h"

#include <type_traits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backend/cpu/vector_kernels.cpp"
#include <hwy/foreach_target.h>  // compiles the rest of this file once for each instruction set
#include <hwy/highway.h>
//
#include "backend/cpu/vector_common-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tenon::backend::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <class T>
void MatVec(T* out, const T* in, int64_t leading, const T* x, const T* bias, int64_t begin, int64_t end, int64_t k) {
  const hn::ScalableTag<T> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto finish = [&](int64_t j, T sum, int64_t l) HWY_ATTR {
    for (; l < k; ++l) sum += in[j * leading + l] * x[l];
    out[j] = bias ? sum + bias[j] : sum;
  };
  // A row's sum is made alike whether its neighbours are computed with it or not, so the borders between threads do not
  // show.
  const auto rows = [&](auto count, int64_t j) HWY_ATTR {
    constexpr int64_t n = decltype(count)::value;
    decltype(hn::Zero(d)) even[n], odd[n];
    for (int64_t r = 0; r < n; ++r) even[r] = odd[r] = hn::Zero(d);
    int64_t l = 0;
    for (; l + 2 * lanes <= k; l += 2 * lanes) {
      const auto x0 = hn::LoadU(d, x + l), x1 = hn::LoadU(d, x + l + lanes);
      for (int64_t r = 0; r < n; ++r) {
        even[r] = hn::MulAdd(hn::LoadU(d, in + (j + r) * leading + l), x0, even[r]);
        odd[r] = hn::MulAdd(hn::LoadU(d, in + (j + r) * leading + l + lanes), x1, odd[r]);
      }
    }
    for (int64_t r = 0; r < n; ++r) finish(j + r, hn::GetLane(hn::SumOfLanes(d, hn::Add(even[r], odd[r]))), l);
  };
  int64_t j = begin;
  for (; j + 4 <= end; j += 4) rows(std::integral_constant<int64_t, 4>(), j);
  for (; j < end; ++j) rows(std::integral_constant<int64_t, 1>(), j);
}

// ---- by element type, as they are exported
void MatVecAny(DType type, void* out, const void* in, int64_t leading, const void* x, const void* bias, int64_t begin,
               int64_t end, int64_t k) {
  TENON_BY_TYPE(MatVec(static_cast<T*>(out), static_cast<const T*>(in), leading, static_cast<const T*>(x),
                       static_cast<const T*>(bias), begin, end, k));
}

}  // namespace tenon::backend::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tenon::backend::cpu {

HWY_EXPORT(MatVecAny);

void vector_matvec(DType type, void* out, const void* in, int64_t leading, const void* x, const void* bias,
                   int64_t begin, int64_t end, int64_t k) {
  HWY_DYNAMIC_DISPATCH(MatVecAny)(type, out, in, leading, x, bias, begin, end, k);
}

}  // namespace tenon::backend::cpu
#endif
