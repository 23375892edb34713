// Resizing along one dimension.
#include "backend/resize.h"

#include "backend/cpu/parallel.h"
#include "backend/cpu/workspace.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backend/cpu/resize.cpp"
#include <hwy/foreach_target.h>  // compiles the rest of this file once for each instruction set
#include <hwy/highway.h>
//
#include "backend/cpu/simd/vector_common-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tenon::backend::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Rows begin … end of the result (outer, places, inner), numbered one after the other.
template <class T>
void ResizeRows(const ResizeTable& table, const T* weights, T* out, const T* in, int64_t n, int64_t inner,
                int64_t begin, int64_t end) {
  const int64_t results = table.results();
  for (int64_t unit = begin; unit < end; ++unit) {
    const auto place = static_cast<std::size_t>(unit % results);
    const T* w = weights + table.begin[place];
    const int64_t count = table.begin[place + 1] - table.begin[place];
    const T* from = in + (unit / results * n + table.first[place]) * inner;
    T* to = out + unit * inner;
    ForVectors<T>(inner, [&](auto d, int64_t i) HWY_ATTR {
      auto sum = hn::Zero(d);
      for (int64_t k = 0; k < count; ++k) sum = hn::MulAdd(hn::LoadU(d, from + k * inner + i), hn::Set(d, w[k]), sum);
      hn::StoreU(sum, d, to + i);
    });
  }
}

/// The same where inner is 1: rows begin … end of `outer`.
template <class T>
void ResizeElements(const ResizeTable& table, const T* weights, T* out, const T* in, int64_t n, int64_t begin,
                    int64_t end) {
  const int64_t results = table.results();
  for (int64_t row = begin; row < end; ++row) {
    const T* from = in + row * n;
    T* to = out + row * results;
    const T* w = weights;
    for (int64_t i = 0; i < results; ++i) {
      const auto place = static_cast<std::size_t>(i);
      const T* x = from + table.first[place];
      const int64_t count = table.begin[place + 1] - table.begin[place];
      T sum{};
      for (int64_t k = 0; k < count; ++k) sum += x[k] * w[k];
      w += count;
      to[i] = sum;
    }
  }
}

void ResizeRowsOfType(DType type, const ResizeTable& table, const void* weights, void* out, const void* in, int64_t n,
                      int64_t inner, int64_t begin, int64_t end) {
  TENON_BY_TYPE(ResizeRows(table, static_cast<const T*>(weights), static_cast<T*>(out), static_cast<const T*>(in), n,
                           inner, begin, end));
}
void ResizeElementsOfType(DType type, const ResizeTable& table, const void* weights, void* out, const void* in,
                          int64_t n, int64_t begin, int64_t end) {
  TENON_BY_TYPE(ResizeElements(table, static_cast<const T*>(weights), static_cast<T*>(out), static_cast<const T*>(in),
                               n, begin, end));
}

}  // namespace tenon::backend::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tenon {
namespace backend::cpu {
namespace {

HWY_EXPORT(ResizeRowsOfType);
HWY_EXPORT(ResizeElementsOfType);

}  // namespace

void resize(const Tensor& out, const Tensor& in, int64_t outer, int64_t n, int64_t inner, const ResizeTable& table) {
  const DType type = in.dtype();
  const int64_t results = table.results(), each = static_cast<int64_t>(table.weights.size());
  if (out.numel() == 0) return;
  Workspace<float> narrow;
  const void* weights = table.weights.data();
  if (type == float32) {
    narrow.assign(table.weights.begin(), table.weights.end());
    weights = narrow.data();
  }
  std::byte *const to = out.impl()->data, *const from = in.impl()->data;
  if (inner == 1)
    return parallel_for(outer, elementwise_grain / std::max<int64_t>(each + results, 1),
                        [&](int64_t begin, int64_t end) {
                          HWY_DYNAMIC_DISPATCH(ResizeElementsOfType)(type, table, weights, to, from, n, begin, end);
                        });
  parallel_for(outer * results, elementwise_grain / std::max<int64_t>((each / results + 1) * inner, 1),
               [&](int64_t begin, int64_t end) {
                 HWY_DYNAMIC_DISPATCH(ResizeRowsOfType)(type, table, weights, to, from, n, inner, begin, end);
               });
}

}  // namespace backend::cpu

constinit const ResizeKernels ResizeKernels::cpu{.resize = backend::cpu::resize};

}  // namespace tenon
#endif
