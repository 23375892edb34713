// A single row times a matrix whose rows lie as they are. Include after hwy/highway.h.
#if defined(TENON_BACKEND_CPU_GEMM_ROW_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef TENON_BACKEND_CPU_GEMM_ROW_INL_H
#undef TENON_BACKEND_CPU_GEMM_ROW_INL_H
#else
#define TENON_BACKEND_CPU_GEMM_ROW_INL_H
#endif

#include <algorithm>
#include <cstdint>

#include <hwy/highway.h>

#include "backend/cpu/gemm/gemm.h"
#include "backend/cpu/simd/vector_common-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tenon::backend::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// The product by sums of b's rows, four at a time and each in one long stretch, which the caches foresee.
template <class T>
void Row(const Gemm& g) {
  constexpr int64_t most = 16384 / sizeof(T);  // numbers of the result that stay in the first cache
  const T *a = static_cast<const T*>(g.a.data), *bias = static_cast<const T*>(g.bias.data);
  for (int64_t j0 = 0; j0 < g.n; j0 += most) {
    const int64_t n = std::min(most, g.n - j0);
    T* HWY_RESTRICT out = static_cast<T*>(g.out.data) + j0;
    const T* HWY_RESTRICT b = static_cast<const T*>(g.b.data) + j0;
    if (!g.add) std::fill_n(out, n, T{0});
    const auto x = [&](int64_t l) { return a[l * g.a.column]; };
    int64_t l = 0;
    for (; l + 4 <= g.k; l += 4, b += 4 * g.b.row) {
      const T *b1 = b + g.b.row, *b2 = b1 + g.b.row, *b3 = b2 + g.b.row;
      ForVectors<T>(n, [&, x0 = x(l), x1 = x(l + 1), x2 = x(l + 2), x3 = x(l + 3)](auto d, int64_t i) HWY_ATTR {
        auto sum = hn::Mul(hn::Set(d, x0), hn::LoadU(d, b + i));
        sum = hn::MulAdd(hn::Set(d, x1), hn::LoadU(d, b1 + i), sum);
        sum = hn::MulAdd(hn::Set(d, x2), hn::LoadU(d, b2 + i), sum);
        sum = hn::MulAdd(hn::Set(d, x3), hn::LoadU(d, b3 + i), sum);
        hn::StoreU(hn::Add(hn::LoadU(d, out + i), sum), d, out + i);
      });
    }
    for (; l < g.k; ++l, b += g.b.row)
      ForVectors<T>(n, [&, x0 = x(l)](auto d, int64_t i) HWY_ATTR {
        hn::StoreU(hn::MulAdd(hn::Set(d, x0), hn::LoadU(d, b + i), hn::LoadU(d, out + i)), d, out + i);
      });
    for (int64_t j = 0; bias && j < n; ++j) out[j] += bias[(j0 + j) * g.bias.column];
  }
}

}  // namespace tenon::backend::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
