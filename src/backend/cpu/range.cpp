// Numbers at equal distances, rounded where PyTorch's kernels round them.
#include <cmath>

#include "backend/cpu/loop.h"
#include "backend/memory.h"

namespace tenon::backend::cpu {
namespace {

/// What PyTorch counts real numbers in: float for the half types, double for float.
template <class T>
using count_t = std::conditional_t<std::is_same_v<T, float>, double, compute_t<T>>;

/// PyTorch counts in vectors of 32 bytes, whose first element is rounded to T before the others are counted from it;
/// what is left over of pairs of vectors, one by one.
template <class T>
void count_reals(T* out, int64_t n, count_t<T> start, count_t<T> step) {
  constexpr int64_t vector = 32 / static_cast<int64_t>(sizeof(T));
  const int64_t whole = n - n % (2 * vector);
  parallel_for(n, elementwise_grain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t base = i < whole ? i - i % vector : i;
      const auto first =
          static_cast<T>(static_cast<compute_t<T>>(std::fma(static_cast<count_t<T>>(base), step, start)));
      out[i] = static_cast<T>(
          static_cast<compute_t<T>>(std::fma(static_cast<count_t<T>>(i - base), step, static_cast<count_t<T>>(first))));
    }
  });
}

}  // namespace

void arange(const Tensor& out, const Scalar& start, const Scalar& step) {
  with_type(out.dtype(), [&]<class T>() {
    T* const to = reinterpret_cast<T*>(out.impl()->data);
    if constexpr (std::is_integral_v<T>) {
      const auto from = start.to<uint64_t>(), by = step.to<uint64_t>();  // wraps around
      for (int64_t i = 0; i < out.numel(); ++i) to[i] = static_cast<T>(from + static_cast<uint64_t>(i) * by);
    } else {
      count_reals(to, out.numel(), start.to<count_t<T>>(), step.to<count_t<T>>());
    }
  });
}

void linspace(const Tensor& out, double start, double end, std::optional<double> base) {
  const int64_t n = out.numel();
  with_type(out.dtype(), [&]<class T>() {
    using C = std::conditional_t<std::is_integral_v<T>, double, compute_t<T>>;
    T* const to = reinterpret_cast<T*>(out.impl()->data);
    const auto rounded = [](double x) {  // to T first: integers without their fraction
      return static_cast<C>(static_cast<T>(number_to<std::conditional_t<std::is_integral_v<T>, T, C>>(x)));
    };
    const C from = base ? static_cast<C>(start) : rounded(start), last = base ? static_cast<C>(end) : rounded(end);
    const C step = n > 1 ? (last - from) / static_cast<C>(n - 1) : C{0};
    parallel_for(n, elementwise_grain, [&](int64_t begin, int64_t stop) {
      for (int64_t i = begin; i < stop; ++i) {  // from both ends, so that both are met exactly
        C x = i < n / 2 || n == 1 ? std::fma(step, static_cast<C>(i), from)
                                  : std::fma(-step, static_cast<C>(n - 1 - i), last);
        if (base) x = static_cast<C>(std::pow(*base, static_cast<double>(x)));
        to[i] = static_cast<T>(number_to<std::conditional_t<std::is_integral_v<T>, T, C>>(x));
      }
    });
  });
}

}  // namespace tenon::backend::cpu
