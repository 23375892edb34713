// Binary search in sorted rows.
#include "backend/cpu/cpu_backend.h"
#include "backend/cpu/parallel.h"

namespace tenon::backend::cpu {
namespace {

template <class T>
void search(const Tensor& out, const Tensor& sorted, const Tensor& values, bool right) {
  const T* rows = reinterpret_cast<const T*>(sorted.impl()->data);
  const T* wanted = reinterpret_cast<const T*>(values.impl()->data);
  auto* to = reinterpret_cast<int64_t*>(out.impl()->data);
  const int64_t n = sorted.size(-1), per_row = sorted.dim() > 1 ? values.size(-1) : std::max<int64_t>(values.numel(), 1);
  parallel_for(values.numel(), elementwise_grain / 16, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const T* row = rows + i / per_row * n;
      const T x = wanted[i];
      // Put so that NaN is greater than every number.
      const T* place = right ? std::partition_point(row, row + n, [x](T b) { return !(b > x); }) : std::partition_point(row, row + n, [x](T b) { return !(b >= x); });
      to[i] = place - row;
    }
  });
}

}  // namespace

void CpuBackend::searchsorted(const Tensor& out, const Tensor& sorted, const Tensor& values, bool right) const {
  if (sorted.dtype() == int64) search<int64_t>(out, sorted, values, right);
  else if (sorted.dtype() == float64) search<double>(out, sorted, values, right);
  else search<float>(out, sorted, values, right);
}

}  // namespace tenon::backend::cpu
