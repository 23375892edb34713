// Pooling. In planes, the rows of a window are put together first, element by element, for all windows side by side;
// then each takes its part of that one row. Lanes are put together as they lie.
#include "backend/pooling.h"

#include <cmath>
#include <limits>
#include <type_traits>

#include "backend/cpu/loop.h"
#include "backend/cpu/workspace.h"
#include "tensor/element.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backend/cpu/pooling.cpp"
#include <hwy/foreach_target.h>  // compiles the rest of this file once for each instruction set
#include <hwy/highway.h>
//
#include "backend/cpu/simd/vector_common-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tenon::backend::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// A row of the result: its plane, its windows of depth and height, those of each place in it.
struct ResultRow {
  ResultRow(const PoolArgs& a, int64_t unit)
      : plane(unit / (a.results[0] * a.results[1])),
        depth(at(a, 0, unit / a.results[1] % a.results[0])[0]),
        height(at(a, 1, unit % a.results[1])[0]),
        width(at(a, 2, 0)) {}
  int64_t plane;
  const PoolWindow &depth, &height;
  const PoolWindow* width;
  int64_t rows() const { return depth.count * height.count; }
  int64_t divisor(int64_t place) const { return depth.divisor * height.divisor * width[place].divisor; }

 private:
  const PoolWindow* at(const PoolArgs& a, std::size_t d, int64_t place) const {
    return a.windows[d].data() + (a.windows_of_planes ? plane * a.results[d] : 0) + place;
  }
};

/// f(row, k) for the input's rows in a window, by their numbers in the plane, in order.
template <class F>
HWY_INLINE void ForWindowRows(const PoolArgs& a, const ResultRow& r, F f) {
  int64_t k = 0;
  for (int64_t i = 0; i < r.depth.count; ++i)
    for (int64_t j = 0; j < r.height.count; ++j)
      f((r.depth.first + i * a.dilation[0]) * a.sizes[1] + r.height.first + j * a.dilation[1], k++);
}

/// Integers as wide as T's lanes.
template <class T>
using Place = std::conditional_t<sizeof(T) == 4, int32_t, int64_t>;

/// Where x counts more than the largest before it.
template <class V>
HWY_INLINE auto Beyond(V x, V best) {
  if constexpr (std::is_floating_point_v<hn::TFromV<V>>) return hn::Or(hn::Gt(x, best), hn::IsNaN(x));
  else return hn::Gt(x, best);
}
template <class T>
T Least() {
  return std::numeric_limits<T>::has_infinity ? -std::numeric_limits<T>::infinity() : std::numeric_limits<T>::lowest();
}

/// best(i) the largest of element i of all rows in the window, rows(i) the number of its row.
template <class T>
HWY_INLINE void MaxOfWindowRows(const PoolArgs& a, const ResultRow& r, const T* plane, T* best, Place<T>* rows) {
  const int64_t width = a.sizes[2];
  ForWindowRows(a, r, [&](int64_t row, int64_t k) HWY_ATTR {
    const T* in = plane + row * width;
    ForVectors<T>(width, [&](auto d, int64_t i) HWY_ATTR {
      const hn::Rebind<Place<T>, decltype(d)> di;
      const auto x = hn::LoadU(d, in + i);
      const auto here = hn::Set(di, static_cast<Place<T>>(row));
      if (k == 0) {
        hn::StoreU(x, d, best + i);
        hn::StoreU(here, di, rows + i);
        return;
      }
      const auto before = hn::LoadU(d, best + i);
      const auto beyond = Beyond(x, before);
      hn::StoreU(hn::IfThenElse(beyond, x, before), d, best + i);
      hn::StoreU(hn::IfThenElse(hn::RebindMask(di, beyond), here, hn::LoadU(di, rows + i)), di, rows + i);
    });
  });
}

/// The largest of a window of a row in which each element is the largest of its column, and its place.
template <class T, class RowOf>
HWY_INLINE std::pair<T, int64_t> MaxInRow(const T* in, RowOf row_of, const PoolWindow& w, int64_t step, int64_t width) {
  int64_t at = w.first, column = at, row = row_of(at);
  T best = in[at];
  for (int64_t k = 1; k < w.count; ++k) {
    at += step;
    const T x = in[at];
    const int64_t here = row_of(at);
    // Columns go by, and rows count first: of equals the upper is the first, of NaNs the lower the last.
    const bool beyond = x > best || (x == best && here < row) || (x != x && (best == best || here >= row));
    if (!beyond) continue;
    best = x;
    column = at;
    row = here;
  }
  return {best, row * width + column};
}

template <class T>
void MaxInPlanes(const PoolArgs& a, T* out, int64_t* places, const T* in, int64_t begin, int64_t end) {
  const int64_t width = a.sizes[2], results = a.results[2], step = a.dilation[2];
  Workspace<T> best(static_cast<std::size_t>(width));
  Workspace<Place<T>> rows(static_cast<std::size_t>(width));
  for (int64_t unit = begin; unit < end; ++unit) {
    const ResultRow r(a, unit);
    const T* plane = in + r.plane * a.sizes[0] * a.sizes[1] * width;
    const int64_t first = r.depth.first * a.sizes[1] + r.height.first;
    if (r.rows() > 1) MaxOfWindowRows(a, r, plane, best.data(), rows.data());
    for (int64_t i = 0; i < results; ++i) {
      const PoolWindow& w = r.width[i];
      std::pair<T, int64_t> found{Least<T>(), 0};
      if (r.rows() * w.count == 0) found.second = first * width + w.first;
      else if (r.rows() == 1)
        found = MaxInRow(
            plane + first * width, [=](int64_t) { return first; }, w, step, width);
      else
        found = MaxInRow(
            best.data(), [&](int64_t at) -> int64_t { return rows[at]; }, w, step, width);
      out[unit * results + i] = found.first;
      if (places) places[unit * results + i] = found.second;
    }
  }
}

template <class T>
void MaxInLanes(const PoolArgs& a, T* out, int64_t* places, const T* in, int64_t begin, int64_t end) {
  const int64_t lanes = a.lanes, width = a.sizes[2];
  Workspace<Place<T>> found(static_cast<std::size_t>(lanes));
  for (int64_t unit = begin; unit < end; ++unit) {
    const ResultRow r(a, unit);
    const T* plane = in + r.plane * a.sizes[0] * a.sizes[1] * width * lanes;
    for (int64_t o = 0; o < a.results[2]; ++o) {
      const PoolWindow& w = r.width[o];
      const int64_t to = (unit * a.results[2] + o) * lanes,
                    first = (r.depth.first * a.sizes[1] + r.height.first) * width + w.first;
      const bool empty = r.rows() * w.count == 0;
      ForVectors<T>(lanes, [&](auto d, int64_t i) HWY_ATTR {
        const hn::Rebind<Place<T>, decltype(d)> di;
        auto best = empty ? hn::Set(d, Least<T>()) : hn::LoadU(d, plane + first * lanes + i);
        auto place = hn::Set(di, static_cast<Place<T>>(first));
        ForWindowRows(a, r, [&](int64_t row, int64_t) HWY_ATTR {
          for (int64_t k = 0; k < w.count; ++k) {
            const int64_t at = row * width + w.first + k * a.dilation[2];
            const auto x = hn::LoadU(d, plane + at * lanes + i);
            const auto beyond = Beyond(x, best);
            best = hn::IfThenElse(beyond, x, best);
            place = hn::IfThenElse(hn::RebindMask(di, beyond), hn::Set(di, static_cast<Place<T>>(at)), place);
          }
        });
        hn::StoreU(best, d, out + to + i);
        hn::StoreU(place, di, found.data() + i);
      });
      if (places) std::copy(found.begin(), found.end(), places + to);
    }
  }
}

template <class T>
void SumsInPlanes(const PoolArgs& a, T* out, const T* in, int64_t begin, int64_t end) {
  const int64_t width = a.sizes[2], results = a.results[2], step = a.dilation[2];
  Workspace<T> sums(static_cast<std::size_t>(width));
  for (int64_t unit = begin; unit < end; ++unit) {
    const ResultRow r(a, unit);
    const T* plane = in + r.plane * a.sizes[0] * a.sizes[1] * width;
    const T* whole = r.rows() == 1 ? plane + (r.depth.first * a.sizes[1] + r.height.first) * width : sums.data();
    if (r.rows() != 1) {
      std::fill(sums.begin(), sums.end(), T{});
      ForWindowRows(a, r, [&](int64_t row, int64_t) HWY_ATTR {
        const T* x = plane + row * width;
        ForVectors<T>(width, [&](auto d, int64_t i) HWY_ATTR {
          hn::StoreU(hn::Add(hn::LoadU(d, sums.data() + i), hn::LoadU(d, x + i)), d, sums.data() + i);
        });
      });
    }
    for (int64_t i = 0; i < results; ++i) {
      T sum{};
      for (int64_t k = 0; k < r.width[i].count; ++k) sum += whole[r.width[i].first + k * step];
      out[unit * results + i] = sum / static_cast<T>(r.divisor(i));
    }
  }
}

template <class T>
void SumsInLanes(const PoolArgs& a, T* out, const T* in, int64_t begin, int64_t end) {
  const int64_t lanes = a.lanes, width = a.sizes[2];
  for (int64_t unit = begin; unit < end; ++unit) {
    const ResultRow r(a, unit);
    const T* plane = in + r.plane * a.sizes[0] * a.sizes[1] * width * lanes;
    for (int64_t o = 0; o < a.results[2]; ++o) {
      const PoolWindow& w = r.width[o];
      T* to = out + (unit * a.results[2] + o) * lanes;
      const T divisor = static_cast<T>(r.divisor(o));
      ForVectors<T>(lanes, [&](auto d, int64_t i) HWY_ATTR {
        auto sum = hn::Zero(d);
        ForWindowRows(a, r, [&](int64_t row, int64_t) HWY_ATTR {
          for (int64_t k = 0; k < w.count; ++k)
            sum = hn::Add(sum, hn::LoadU(d, plane + (row * width + w.first + k * a.dilation[2]) * lanes + i));
        });
        hn::StoreU(hn::Div(sum, hn::Set(d, divisor)), d, to + i);
      });
    }
  }
}

/// The gradients of whole planes, begin … end.
template <class T>
void SumsBackwardInPlanes(const PoolArgs& a, T* dx, const T* grad, int64_t begin, int64_t end) {
  const int64_t width = a.sizes[2], size = a.sizes[0] * a.sizes[1] * width, results = a.results[2],
                rows = a.results[0] * a.results[1], step = a.dilation[2];
  Workspace<T> row_of_gradients(static_cast<std::size_t>(width));
  T* g = row_of_gradients.data();
  for (int64_t plane = begin; plane < end; ++plane) {
    T* to = dx + plane * size;
    std::fill_n(to, size, T{});
    for (int64_t unit = plane * rows; unit < (plane + 1) * rows; ++unit) {
      const ResultRow r(a, unit);
      std::fill_n(g, width, T{});
      for (int64_t i = 0; i < results; ++i) {
        const T part = grad[unit * results + i] / static_cast<T>(r.divisor(i));
        for (int64_t k = 0; k < r.width[i].count; ++k) g[r.width[i].first + k * step] += part;
      }
      ForWindowRows(a, r, [&](int64_t row, int64_t) HWY_ATTR {
        T* x = to + row * width;
        ForVectors<T>(width, [&](auto d, int64_t i)
                                 HWY_ATTR { hn::StoreU(hn::Add(hn::LoadU(d, x + i), hn::LoadU(d, g + i)), d, x + i); });
      });
    }
  }
}

/// Those of `width` lanes of a plane.
template <class T>
void SumsBackwardInLanes(const PoolArgs& a, T* dx, const T* grad, int64_t plane, int64_t lane, int64_t count) {
  const int64_t lanes = a.lanes, width = a.sizes[2], size = a.sizes[0] * a.sizes[1] * width,
                rows = a.results[0] * a.results[1];
  T* to = dx + plane * size * lanes + lane;
  for (int64_t i = 0; i < size; ++i) std::fill_n(to + i * lanes, count, T{});
  for (int64_t unit = plane * rows; unit < (plane + 1) * rows; ++unit) {
    const ResultRow r(a, unit);
    for (int64_t o = 0; o < a.results[2]; ++o) {
      const PoolWindow& w = r.width[o];
      const T* g = grad + (unit * a.results[2] + o) * lanes + lane;
      const T divisor = static_cast<T>(r.divisor(o));
      ForWindowRows(a, r, [&](int64_t row, int64_t) HWY_ATTR {
        for (int64_t k = 0; k < w.count; ++k) {
          T* x = to + (row * width + w.first + k * a.dilation[2]) * lanes;
          ForVectors<T>(count, [&](auto d, int64_t i) HWY_ATTR {
            hn::StoreU(hn::Add(hn::LoadU(d, x + i), hn::Div(hn::LoadU(d, g + i), hn::Set(d, divisor))), d, x + i);
          });
        }
      });
    }
  }
}

template <class T>
void MaxAny(const PoolArgs& a, void* out, int64_t* places, const void* in, int64_t begin, int64_t end) {
  (a.lanes == 1 ? MaxInPlanes<T> : MaxInLanes<T>)(a, static_cast<T*>(out), places, static_cast<const T*>(in), begin,
                                                  end);
}
void MaxOfType(DType type, const PoolArgs& a, void* out, int64_t* places, const void* in, int64_t begin, int64_t end) {
  switch (type) {
    case DType::float64: return MaxAny<double>(a, out, places, in, begin, end);
    case DType::int32: return MaxAny<int32_t>(a, out, places, in, begin, end);
    case DType::int64: return MaxAny<int64_t>(a, out, places, in, begin, end);
    default: return MaxAny<float>(a, out, places, in, begin, end);
  }
}
template <class T>
void SumsAny(const PoolArgs& a, void* out, const void* in, int64_t begin, int64_t end) {
  (a.lanes == 1 ? SumsInPlanes<T> : SumsInLanes<T>)(a, static_cast<T*>(out), static_cast<const T*>(in), begin, end);
}
void SumsOfType(DType type, const PoolArgs& a, void* out, const void* in, int64_t begin, int64_t end) {
  if (type == DType::int64)
    return SumsInPlanes(a, static_cast<int64_t*>(out), static_cast<const int64_t*>(in), begin, end);
  TENON_BY_TYPE(SumsAny<T>(a, out, in, begin, end));
}
void SumsBackwardInPlanesOfType(DType type, const PoolArgs& a, void* dx, const void* grad, int64_t begin, int64_t end) {
  TENON_BY_TYPE(SumsBackwardInPlanes(a, static_cast<T*>(dx), static_cast<const T*>(grad), begin, end));
}
void SumsBackwardInLanesOfType(DType type, const PoolArgs& a, void* dx, const void* grad, int64_t plane, int64_t lane,
                               int64_t count) {
  TENON_BY_TYPE(SumsBackwardInLanes(a, static_cast<T*>(dx), static_cast<const T*>(grad), plane, lane, count));
}

}  // namespace tenon::backend::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tenon {
namespace backend::cpu {
namespace {

HWY_EXPORT(MaxOfType);
HWY_EXPORT(SumsOfType);
HWY_EXPORT(SumsBackwardInPlanesOfType);
HWY_EXPORT(SumsBackwardInLanesOfType);

/// How much a row of the result costs, in elements.
int64_t row_work(const PoolArgs& a) {
  int64_t each = a.lanes;
  for (const auto& windows : a.windows) each *= windows.empty() ? 1 : std::max<int64_t>(windows.front().count, 1);
  return std::max<int64_t>(each * a.results[2], 1);
}
int64_t result_rows(const PoolArgs& a) { return a.results[2] == 0 ? 0 : a.planes * a.results[0] * a.results[1]; }
int64_t plane_size(const PoolArgs& a) { return a.sizes[0] * a.sizes[1] * a.sizes[2]; }

/// f(plane, lane, count) for the lanes of all planes, some at a time: what is added up in an input's place is added by
/// one thread, in one order.
template <class F>
void for_lanes(const PoolArgs& a, F f) {
  constexpr int64_t at_once = 64;
  const int64_t blocks = (a.lanes + at_once - 1) / at_once;
  parallel_for(a.planes * blocks, elementwise_grain / std::max<int64_t>(plane_size(a) * std::min(a.lanes, at_once), 1),
               [&](int64_t begin, int64_t end) {
                 for (int64_t unit = begin; unit < end; ++unit) {
                   const int64_t lane = unit % blocks * at_once;
                   f(unit / blocks, lane, std::min(at_once, a.lanes - lane));
                 }
               });
}

}  // namespace

void max_pool(const Tensor& out, const Tensor& places, const Tensor& in, const PoolArgs& a) {
  parallel_for(result_rows(a), elementwise_grain / row_work(a), [&](int64_t begin, int64_t end) {
    HWY_DYNAMIC_DISPATCH(MaxOfType)
    (in.dtype(), a, out.impl()->data, places.defined() ? reinterpret_cast<int64_t*>(places.impl()->data) : nullptr,
     in.impl()->data, begin, end);
  });
}

void max_pool_backward(const Tensor& dx, const Tensor& grad, const Tensor& places, const PoolArgs& a) {
  const int64_t size = plane_size(a), results = a.results[0] * a.results[1] * a.results[2], lanes = a.lanes;
  const auto* place = reinterpret_cast<const int64_t*>(places.impl()->data);
  with_real_type(dx.dtype(), [&]<class T>() {
    T* const to = reinterpret_cast<T*>(dx.impl()->data);
    const T* const g = reinterpret_cast<const T*>(grad.impl()->data);
    if constexpr (std::is_floating_point_v<T>)
      for_lanes(a, [&](int64_t plane, int64_t lane, int64_t count) {
        T* x = to + plane * size * lanes;
        for (int64_t i = 0; i < size; ++i) std::fill_n(x + i * lanes + lane, count, T{});
        for (int64_t i = 0; i < results; ++i) {
          const int64_t at = (plane * results + i) * lanes;
          for (int64_t c = lane; c < lane + count; ++c) x[place[at + c] * lanes + c] += g[at + c];
        }
      });
  });
}

void avg_pool(const Tensor& out, const Tensor& in, const PoolArgs& a) {
  parallel_for(result_rows(a), elementwise_grain / row_work(a), [&](int64_t begin, int64_t end) {
    HWY_DYNAMIC_DISPATCH(SumsOfType)(in.dtype(), a, out.impl()->data, in.impl()->data, begin, end);
  });
}

void avg_pool_backward(const Tensor& dx, const Tensor& grad, const PoolArgs& a) {
  std::byte *const to = dx.impl()->data, *const g = grad.impl()->data;
  if (a.lanes == 1)
    return parallel_for(a.planes, elementwise_grain / std::max<int64_t>(plane_size(a), 1),
                        [&](int64_t begin, int64_t end) {
                          HWY_DYNAMIC_DISPATCH(SumsBackwardInPlanesOfType)(dx.dtype(), a, to, g, begin, end);
                        });
  for_lanes(a, [&](int64_t plane, int64_t lane, int64_t count) {
    HWY_DYNAMIC_DISPATCH(SumsBackwardInLanesOfType)(dx.dtype(), a, to, g, plane, lane, count);
  });
}

}  // namespace backend::cpu

constinit const PoolingKernels PoolingKernels::cpu{
    .max_pool = backend::cpu::max_pool,
    .max_pool_backward = backend::cpu::max_pool_backward,
    .avg_pool = backend::cpu::avg_pool,
    .avg_pool_backward = backend::cpu::avg_pool_backward,
};

}  // namespace tenon
#endif
