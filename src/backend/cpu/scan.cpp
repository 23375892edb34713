// Running sums, products and extrema: each line on its own, in order, in double for float and in float for half types.
#include <cmath>
#include <limits>

#include "backend/cpu/loop.h"
#include "backend/scan.h"

namespace tenon {
namespace backend::cpu {
namespace {

template <class T>
using running_t = std::conditional_t<std::is_same_v<T, float>, double, compute_t<T>>;

/// step(state, at, k) for every element `at` of each line, in order; k is its place in the line. Lines side by side are
/// walked together.
template <class State, class Step>
void scan_lines(int64_t outer, int64_t n, int64_t inner, bool reverse, State start, Step step) {
  if (inner == 1)  // the state stays in a register
    return parallel_for(outer, std::max<int64_t>(elementwise_grain / std::max<int64_t>(n, 1), 1),
                        [&](int64_t begin, int64_t end) {
                          for (int64_t line = begin; line < end; ++line) {
                            State state = start;
                            for (int64_t i = 0; i < n; ++i) {
                              const int64_t k = reverse ? n - 1 - i : i;
                              step(state, line * n + k, k);
                            }
                          }
                        });
  constexpr int64_t most = 256;
  const int64_t blocks = (inner + most - 1) / most;
  parallel_for(outer * blocks,
               std::max<int64_t>(elementwise_grain / std::max<int64_t>(n * std::min(inner, most), 1), 1),
               [&](int64_t begin, int64_t end) {
                 std::array<State, most> states;
                 for (int64_t unit = begin; unit < end; ++unit) {
                   const int64_t first = unit % blocks * most, width = std::min(most, inner - first);
                   states.fill(start);
                   for (int64_t i = 0; i < n; ++i) {
                     const int64_t k = reverse ? n - 1 - i : i, at = (unit / blocks * n + k) * inner + first;
                     for (int64_t j = 0; j < width; ++j) step(states[static_cast<std::size_t>(j)], at + j, k);
                   }
                 }
               });
}

/// log(e^a + e^b).
template <class A>
A log_add_exp(A a, A b) {
  const A high = a > b || a != a ? a : b, low = a > b || a != a ? b : a;
  if (low != low || high != high) return a + b;
  return std::isinf(high) ? high : high + std::log1p(std::exp(low - high));
}

template <class T>
T* elements(const Tensor& x) {
  return reinterpret_cast<T*>(x.impl()->data);
}

}  // namespace

void scan(ScanOp op, const Tensor& out, const Tensor& in, int64_t outer, int64_t n, int64_t inner, bool reverse) {
  const auto run = [&]<class T, class A>(A) {
    T* to = elements<T>(out);
    const T* from = elements<const T>(in);
    const auto each = [&](A start, auto next) {
      scan_lines(outer, n, inner, reverse, start, [to, from, next](A& total, int64_t at, int64_t) {
        total = next(total, static_cast<A>(from[at]));
        to[at] = static_cast<T>(static_cast<compute_t<T>>(total));
      });
    };
    if (op == ScanOp::sum) return each(A{0}, [](A a, A b) { return a + b; });
    if (op == ScanOp::prod) return each(A{1}, [](A a, A b) { return a * b; });
    if constexpr (std::is_floating_point_v<A>) each(-std::numeric_limits<A>::infinity(), log_add_exp<A>);
  };
  if (in.dtype() == int64) return run.template operator()<int64_t>(uint64_t{});  // wraps around
  with_real_type(in.dtype(), [&]<class T>() { run.template operator()<T>(running_t<T>{}); });
}

void linear_scan(const Tensor& out, const Tensor& a, const Tensor& b, int64_t outer, int64_t n, int64_t inner,
                 bool reverse) {
  with_real_type(out.dtype(), [&]<class T>() {
    using A = running_t<T>;
    T* to = elements<T>(out);
    const T *factors = elements<const T>(a), *terms = elements<const T>(b);
    const int64_t first = reverse ? n - 1 : 0;
    scan_lines(outer, n, inner, reverse, A{0}, [=](A& y, int64_t at, int64_t k) {
      const A term = static_cast<A>(terms[at]);
      y = k == first ? term : term + static_cast<A>(factors[at]) * y;
      to[at] = static_cast<T>(static_cast<compute_t<T>>(y));
    });
  });
}

void scan_extremum(const Tensor& values, const Tensor& places, const Tensor& in, int64_t outer, int64_t n,
                   int64_t inner, bool largest) {
  with_type(in.dtype(), [&]<class T>() {
    using C = compute_t<T>;
    struct Best {
      C value{};
      int64_t place = -1;
    };
    T* to = elements<T>(values);
    auto* where = elements<int64_t>(places);
    const T* from = elements<const T>(in);
    scan_lines(outer, n, inner, false, Best{}, [=](Best& best, int64_t at, int64_t k) {
      const C x = static_cast<C>(from[at]);
      if (best.place < 0 || x != x || (best.value == best.value && (largest ? x >= best.value : x <= best.value)))
        best = {x, k};
      to[at] = static_cast<T>(best.value);
      where[at] = best.place;
    });
  });
}

}  // namespace backend::cpu

constinit const ScanKernels ScanKernels::cpu{
    .scan = backend::cpu::scan,
    .linear_scan = backend::cpu::linear_scan,
    .scan_extremum = backend::cpu::scan_extremum,
};

}  // namespace tenon
