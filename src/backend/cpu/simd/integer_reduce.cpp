#include "backend/cpu/simd/integer_reduce.h"

#include <algorithm>
#include <limits>
#include <type_traits>

#include "backend/cpu/loop.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backend/cpu/simd/integer_reduce.cpp"
#include <hwy/foreach_target.h>  // compiles the rest of this file once for each instruction set
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace tenon::backend::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// The compiler makes vectors of these loops.
template <class T, ReduceOp op>
struct Step {
  static constexpr bool adds = op == ReduceOp::sum || op == ReduceOp::prod;
  using Total = std::conditional_t<adds, uint64_t, T>;
  static constexpr Total start = op == ReduceOp::sum    ? Total{0}
                                 : op == ReduceOp::prod ? Total{1}
                                 : op == ReduceOp::amax ? std::numeric_limits<Total>::min()
                                                        : std::numeric_limits<Total>::max();
  static HWY_INLINE Total of(Total total, Total next) {
    if constexpr (op == ReduceOp::sum) return total + next;
    if constexpr (op == ReduceOp::prod) return total * next;
    if constexpr (op == ReduceOp::amax) return total > next ? total : next;
    return total < next ? total : next;
  }
};

template <class T, ReduceOp op>
uint64_t Row(const void* in, int64_t n) {
  using S = Step<T, op>;
  const T* x = static_cast<const T*>(in);
  auto total = S::start;
  if constexpr (op == ReduceOp::sum && sizeof(T) < 4) {  // in 32 bits, as long as these do not overflow
    constexpr int64_t block = 1 << 15;
    for (int64_t begin = 0; begin < n; begin += block) {
      const int64_t end = std::min(n, begin + block);
      int32_t part = 0;
      for (int64_t i = begin; i < end; ++i) part += x[i];
      total += static_cast<uint64_t>(static_cast<int64_t>(part));
    }
  } else {
    for (int64_t i = 0; i < n; ++i) total = S::of(total, static_cast<typename S::Total>(x[i]));
  }
  return static_cast<uint64_t>(total);
}

/// Eight bytes at a time have an instruction.
uint64_t SumOfBytes(const void* in, int64_t n) {
  const uint8_t* x = static_cast<const uint8_t*>(in);
  int64_t i = 0;
  uint64_t total = 0;
#if HWY_TARGET != HWY_SCALAR
  const hn::ScalableTag<uint8_t> d;
  const hn::Repartition<uint64_t, decltype(d)> wide;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  auto a = hn::Zero(wide), b = a;
  for (; i + 2 * lanes <= n; i += 2 * lanes) {
    a = hn::Add(a, hn::SumsOf8(hn::LoadU(d, x + i)));
    b = hn::Add(b, hn::SumsOf8(hn::LoadU(d, x + i + lanes)));
  }
  total = hn::GetLane(hn::SumOfLanes(wide, hn::Add(a, b)));
#endif
  for (; i < n; ++i) total += x[i];
  return total;
}

template <class T, ReduceOp op>
void Columns(void* out, const void* in, int64_t rows, int64_t stride, int64_t width) {
  using S = Step<T, op>;
  using Total = typename S::Total;
  Total* HWY_RESTRICT to = static_cast<Total*>(out);
  std::fill_n(to, width, S::start);
  const T* row = static_cast<const T*>(in);
  int64_t i = 0;
  for (; i + 4 <= rows; i += 4, row += 4 * stride)  // fewer turns through the results
    for (int64_t j = 0; j < width; ++j) {
      const auto x = [&](int64_t k) HWY_ATTR { return static_cast<Total>(row[k * stride + j]); };
      to[j] = S::of(to[j], S::of(S::of(x(0), x(1)), S::of(x(2), x(3))));
    }
  for (; i < rows; ++i, row += stride)
    for (int64_t j = 0; j < width; ++j) to[j] = S::of(to[j], static_cast<Total>(row[j]));
}

template <class F>
auto WithOp(DType type, ReduceOp op, F f) {
  return with_integer_type(type, [op, f]<class E>() {
    using T = std::conditional_t<std::is_same_v<E, bool>, uint8_t, E>;
    switch (op) {
      case ReduceOp::prod: return f.template operator()<T, ReduceOp::prod>();
      case ReduceOp::amax: return f.template operator()<T, ReduceOp::amax>();
      case ReduceOp::amin: return f.template operator()<T, ReduceOp::amin>();
      default: return f.template operator()<T, ReduceOp::sum>();
    }
  });
}

IntegerRow RowOf(DType type, ReduceOp op) {
  if (op == ReduceOp::sum && (type == DType::boolean || type == DType::uint8)) return SumOfBytes;
  return WithOp(type, op, []<class T, ReduceOp o>() -> IntegerRow { return Row<T, o>; });
}
IntegerColumns ColumnsOf(DType type, ReduceOp op) {
  return WithOp(type, op, []<class T, ReduceOp o>() -> IntegerColumns { return Columns<T, o>; });
}

}  // namespace tenon::backend::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tenon::backend::cpu {

HWY_EXPORT(RowOf);
HWY_EXPORT(ColumnsOf);

IntegerRow integer_row(DType type, ReduceOp op) { return HWY_DYNAMIC_DISPATCH(RowOf)(type, op); }
IntegerColumns integer_columns(DType type, ReduceOp op) { return HWY_DYNAMIC_DISPATCH(ColumnsOf)(type, op); }

}  // namespace tenon::backend::cpu
#endif
