// Binary search in sorted rows; counts of what falls into equal parts of a range.
#include "backend/cpu/parallel.h"
#include "backend/sort.h"

namespace tenon::backend::cpu {
namespace {

template <class T>
void search(const Tensor& out, const Tensor& sorted, const Tensor& values, bool right) {
  const T* rows = reinterpret_cast<const T*>(sorted.impl()->data);
  const T* wanted = reinterpret_cast<const T*>(values.impl()->data);
  auto* to = reinterpret_cast<int64_t*>(out.impl()->data);
  const int64_t n = sorted.size(-1),
                per_row = sorted.dim() > 1 ? values.size(-1) : std::max<int64_t>(values.numel(), 1);
  parallel_for(values.numel(), elementwise_grain / 16, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const T* row = rows + i / per_row * n;
      const T x = wanted[i];
      // Put so that NaN is greater than every number.
      const T* place = right ? std::partition_point(row, row + n, [x](T b) { return !(b > x); })
                             : std::partition_point(row, row + n, [x](T b) { return !(b >= x); });
      to[i] = place - row;
    }
  });
}

template <class T>
void count(int64_t* counts, int64_t bins, const T* values, int64_t n, T least, T greatest) {
  std::fill_n(counts, bins, 0);
  for (int64_t i = 0; i < n; ++i) {
    if (!(values[i] >= least && values[i] <= greatest)) continue;  // NaN, too
    const auto bin =
        static_cast<int64_t>((values[i] - least) * static_cast<T>(bins) / (greatest - least));  // rounded as PyTorch's
    ++counts[std::min(bin, bins - 1)];
  }
}

}  // namespace

void histogram(const Tensor& out, const Tensor& in, double min, double max) {
  auto* counts = reinterpret_cast<int64_t*>(out.impl()->data);
  const std::byte* values = in.impl()->data;
  if (in.dtype() == float64) count(counts, out.numel(), reinterpret_cast<const double*>(values), in.numel(), min, max);
  else
    count(counts, out.numel(), reinterpret_cast<const float*>(values), in.numel(), static_cast<float>(min),
          static_cast<float>(max));
}

void searchsorted(const Tensor& out, const Tensor& sorted, const Tensor& values, bool right) {
  if (sorted.dtype() == int64) search<int64_t>(out, sorted, values, right);
  else if (sorted.dtype() == float64) search<double>(out, sorted, values, right);
  else search<float>(out, sorted, values, right);
}

}  // namespace tenon::backend::cpu
