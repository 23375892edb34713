// Reductions. Partial results have fixed borders, so that they are the same for any number of threads.
#include <cmath>
#include <vector>

#include "backend/cpu/cpu_backend.h"
#include "backend/cpu/loop.h"
#include "backend/cpu/vector_kernels.h"

namespace tenon::backend::cpu {
namespace {

constexpr int64_t chunk = 1 << 16;       // elements of one partial sum
constexpr int64_t chunk_of_rows = 1024;  // rows of one partial sum of columns

bool vectorized(DType t) { return t == float32 || t == float64; }

/// Σ part(begin, end) over fixed chunks, added in order.
template <class F>
double chunked(int64_t n, F part) {
  if (n <= chunk) return part(int64_t{0}, n);
  std::vector<double> parts(static_cast<std::size_t>((n + chunk - 1) / chunk));
  parallel_chunks(n, chunk, [&](int64_t c, int64_t begin, int64_t end) { parts[static_cast<std::size_t>(c)] = part(begin, end); });
  double total = 0;
  for (const double p : parts) total += p;
  return total;
}

/// (rows, width) → (width) of float or double.
template <class T>
void sum_columns(T* out, const T* in, int64_t rows, int64_t width) {
  constexpr DType type = dtype_of<T>();
  parallel_for(width, std::max<int64_t>(elementwise_grain / std::max<int64_t>(rows, 1), 64), [&](int64_t begin, int64_t end) {
    if (rows <= chunk_of_rows) return vector_column_sum(type, out, in, rows, width, begin, end);
    std::vector<double> total(static_cast<std::size_t>(end - begin));
    std::vector<T> part(static_cast<std::size_t>(width));
    for (int64_t r = 0; r < rows; r += chunk_of_rows) {
      vector_column_sum(type, part.data(), in + r * width, std::min(chunk_of_rows, rows - r), width, begin, end);
      for (int64_t j = begin; j < end; ++j) total[static_cast<std::size_t>(j - begin)] += static_cast<double>(part[static_cast<std::size_t>(j)]);
    }
    for (int64_t j = begin; j < end; ++j) out[j] = static_cast<T>(total[static_cast<std::size_t>(j - begin)]);
  });
}

}  // namespace

void CpuBackend::sum(const Tensor& out, const Tensor& in, int64_t outer, int64_t n, int64_t inner) const {
  with_type(in.dtype(), [&]<class T>() {
    T* to = reinterpret_cast<T*>(out.impl()->data);
    const T* from = reinterpret_cast<const T*>(in.impl()->data);
    if constexpr (std::is_same_v<T, float> || std::is_same_v<T, double>) {
      if (inner == 1 && outer == 1) {
        to[0] = static_cast<T>(chunked(n, [&](int64_t b, int64_t e) { return vector_sum(in.dtype(), from + b, e - b); }));
        return;
      }
      if (inner == 1) {
        parallel_for(outer, std::max<int64_t>(elementwise_grain / std::max<int64_t>(n, 1), 1), [&](int64_t b, int64_t e) {
          for (int64_t i = b; i < e; ++i) to[i] = static_cast<T>(vector_sum(in.dtype(), from + i * n, n));
        });
        return;
      }
      for (int64_t o = 0; o < outer; ++o) sum_columns(to + o * inner, from + o * n * inner, n, inner);
      return;
    }
    using A = std::conditional_t<std::is_integral_v<T>, uint64_t, double>;  // integers wrap around
    for (int64_t o = 0; o < outer; ++o)
      for (int64_t j = 0; j < inner; ++j) {
        A total = 0;
        for (int64_t i = 0; i < n; ++i) total += static_cast<A>(static_cast<compute_t<T>>(from[(o * n + i) * inner + j]));
        to[o * inner + j] = static_cast<T>(static_cast<compute_t<T>>(total));
      }
  });
}

void CpuBackend::argmax(const Tensor& out, const Tensor& in, int64_t outer, int64_t n, int64_t inner) const {
  with_type(in.dtype(), [&]<class T>() {
    auto* to = reinterpret_cast<int64_t*>(out.impl()->data);
    const T* from = reinterpret_cast<const T*>(in.impl()->data);
    parallel_for(outer * inner, std::max<int64_t>(elementwise_grain / std::max<int64_t>(n, 1), 1), [&](int64_t b, int64_t e) {
      for (int64_t o = b; o < e; ++o) {
        const T* row = from + (o / inner) * n * inner + o % inner;
        int64_t best = 0;
        compute_t<T> top = row[0];
        for (int64_t i = 1; i < n && top == top; ++i)  // the first NaN is the largest; of equals the first
          if (const compute_t<T> x = row[i * inner]; x > top || x != x) {
            top = x;
            best = i;
          }
        to[o] = best;
      }
    });
  });
}

void CpuBackend::norm(const Tensor& out, const Tensor& in) const {
  with_real_type(in.dtype(), [&]<class T>() {
    const T* from = reinterpret_cast<const T*>(in.impl()->data);
    const double squares = chunked(in.numel(), [&](int64_t begin, int64_t end) {
      if (vectorized(in.dtype())) return vector_sum_of_squares(in.dtype(), from + begin, end - begin);
      double s = 0;
      for (int64_t i = begin; i < end; ++i) s += static_cast<double>(from[i]) * static_cast<double>(from[i]);
      return s;
    });
    at<T>(out.impl()->data) = static_cast<T>(static_cast<compute_t<T>>(std::sqrt(squares)));
  });
}

}  // namespace tenon::backend::cpu
