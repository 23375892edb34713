// Whether two tensors hold the same numbers: block by block, up to the first difference.
#include <atomic>

#include "backend/cpu/loop.h"
#include "backend/reduction.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backend/cpu/equal.cpp"
#include <hwy/foreach_target.h>  // compiles the rest of this file once for each instruction set
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace tenon::backend::cpu::HWY_NAMESPACE {

using Same = bool (*)(const std::byte* a, const std::byte* b, int64_t n);

/// 0 where x and y are the same number. A half type's bits say as much: of zeros the sign does not count.
template <class T>
HWY_INLINE auto Difference(T x, T y) {
  if constexpr (std::is_integral_v<T>) {
    return static_cast<std::make_unsigned_t<T>>(x ^ y);
  } else if constexpr (sizeof(T) == 2) {
    constexpr uint16_t infinity = std::is_same_v<T, Half> ? 0x7C00 : 0x7F80, no_sign = 0x7FFF;
    const bool nan = (x.bits & no_sign) > infinity, zeros = ((x.bits | y.bits) & no_sign) == 0;
    return static_cast<uint16_t>(nan | ((x.bits != y.bits) & !zeros));
  } else {
    return std::conditional_t<sizeof(T) == 8, uint64_t, uint32_t>(x == y ? 0 : 1);
  }
}

template <class T>
bool SameNumbers(const std::byte* a, const std::byte* b, int64_t n) {
  const T *x = reinterpret_cast<const T*>(a), *y = reinterpret_cast<const T*>(b);
  decltype(Difference(*x, *y)) any = 0;  // without a branch, so that the compiler makes vectors of it
  for (int64_t i = 0; i < n; ++i) any = static_cast<decltype(any)>(any | Difference(x[i], y[i]));
  return any == 0;
}

Same SameOf(DType type) {
  return with_type(type, []<class T>() -> Same {
    if constexpr (std::is_same_v<T, bool>) return SameNumbers<uint8_t>;
    else return SameNumbers<T>;
  });
}

}  // namespace tenon::backend::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tenon::backend::cpu {
namespace {
HWY_EXPORT(SameOf);
}

bool equal(const Tensor& a, const Tensor& b) {
  constexpr int64_t block = 4096;
  const int64_t size = item_size(a.dtype());
  const auto same = HWY_DYNAMIC_DISPATCH(SameOf)(a.dtype());
  const std::byte *x = a.impl()->data, *y = b.impl()->data;
  std::atomic<bool> all = true;
  parallel_for(a.numel(), elementwise_grain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end && all.load(std::memory_order_relaxed); i += block)
      if (!same(x + i * size, y + i * size, std::min(block, end - i))) all.store(false, std::memory_order_relaxed);
  });
  return all;
}

}  // namespace tenon::backend::cpu
#endif
