// Whole rows by number.
#include <cstring>

#include "backend/cpu/cpu_backend.h"
#include "backend/cpu/loop.h"

namespace tenon::backend::cpu {
namespace {

/// Bytes of scattered rows from which a second thread pays: what takes the time is waiting for memory, which two can do at once.
constexpr int64_t copy_grain = 1 << 16;

/// The row that an index means; negative ones are refused, as index_select does.
int64_t checked(int64_t index, int64_t rows) {
  if (index < 0 || index >= rows) fail("index_select", "index {} is out of range for a dimension of size {}", index, rows);
  return index;
}

int64_t rows_of(const Tensor& x) { return x.size(0); }

}  // namespace

void CpuBackend::gather_rows(const Tensor& out, const Tensor& in, const Tensor& index, int64_t width) const {
  const auto* which = reinterpret_cast<const int64_t*>(index.impl()->data);
  const auto bytes = static_cast<std::size_t>(width * item_size(in.dtype()));
  const int64_t n = index.numel(), rows = rows_of(in);
  for (int64_t i = 0; i < n; ++i) checked(which[i], rows);
  if (bytes == 0) return;
  const std::byte* from = in.impl()->data;
  std::byte* to = out.impl()->data;
  parallel_for(n, std::max<int64_t>(copy_grain / static_cast<int64_t>(bytes), 1), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      std::memcpy(to + static_cast<std::size_t>(i) * bytes, from + static_cast<std::size_t>(which[i]) * bytes, bytes);
  });
}

void CpuBackend::add_rows(const Tensor& out, const Tensor& in, const Tensor& index, int64_t width) const {
  const auto* which = reinterpret_cast<const int64_t*>(index.impl()->data);
  const int64_t n = index.numel(), rows = rows_of(out);
  for (int64_t i = 0; i < n; ++i) checked(which[i], rows);
  with_type(out.dtype(), [&]<class T>() {
    T* to = reinterpret_cast<T*>(out.impl()->data);
    const T* from = reinterpret_cast<const T*>(in.impl()->data);
    // Threads share out the columns: each row's sum keeps its order.
    parallel_for(width, std::max<int64_t>(elementwise_grain / std::max<int64_t>(n, 1), 64), [&](int64_t begin, int64_t end) {
      for (int64_t i = 0; i < n; ++i)
        for (int64_t j = begin; j < end; ++j) {
          T& sum = to[which[i] * width + j];
          sum = static_cast<T>(static_cast<compute_t<T>>(sum) + static_cast<compute_t<T>>(from[i * width + j]));
        }
    });
  });
}

}  // namespace tenon::backend::cpu
