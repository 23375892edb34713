// interpolate(): one dimension after the other, each a table of weights. The gradient is the transposed table's.
#include <cmath>
#include <memory>
#include <numbers>
#include <string>
#include <vector>

#include <tenon/nn/functional/pooling.h>
#include <tenon/nn/functional/resizing.h>

#include "backend/resize.h"
#include "ops/common.h"
#include "tensor/memory_format.h"

namespace tenon::nn::functional {
namespace {

using Mode = InterpolationMode;

/// One dimension of one size made one of another.
struct ResizedDimension {
  int64_t size, result;
  ResizeTable table;
};
using Resizing = std::vector<ResizedDimension>;

// ---------------------------------------------------------------- weights

struct Scaling {
  int64_t size, result;
  std::optional<double> factor;  ///< that the user gave
  Mode mode;
  bool align_corners, antialias;

  /// Elements of the input from one place of the result to the next.
  double step() const {
    if (align_corners) return result > 1 ? static_cast<double>(size - 1) / static_cast<double>(result - 1) : 0;
    return factor && *factor > 0 ? 1 / *factor : static_cast<double>(size) / static_cast<double>(result);
  }
  /// Where a place of the result lies among the input's elements.
  double source(int64_t place) const {
    return align_corners ? step() * static_cast<double>(place) : step() * (static_cast<double>(place) + 0.5) - 0.5;
  }
};

/// The element that a place takes, in float as PyTorch computes it.
int64_t nearest(const Scaling& s, int64_t place) {
  if (s.mode == Mode::nearest && s.result == s.size) return place;
  if (s.mode == Mode::nearest && s.result == 2 * s.size) return place / 2;
  const float step = s.factor && *s.factor > 0 ? static_cast<float>(1 / *s.factor)
                                               : static_cast<float>(s.size) / static_cast<float>(s.result);
  const float at = (static_cast<float>(place) + (s.mode == Mode::nearest ? 0.0F : 0.5F)) * step;
  return std::min(static_cast<int64_t>(std::floor(at)), s.size - 1);
}

/// Keys' cubic kernel; a is the slope at 1.
double cubic(double x, double a) {
  x = std::abs(x);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
}

double lanczos(double x) {
  const auto sinc = [](double t) { return t == 0 ? 1 : std::sin(std::numbers::pi * t) / (std::numbers::pi * t); };
  return std::abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0;
}

/// Adds a place whose weights are those of elements from `first` on; what lies beyond the ends counts for the last
/// element there.
void add_place(ResizeTable& table, int64_t first, const std::vector<double>& weights, int64_t size) {
  const int64_t count = static_cast<int64_t>(weights.size()), from = std::clamp<int64_t>(first, 0, size - 1),
                to = std::clamp<int64_t>(first + count - 1, 0, size - 1);
  const std::size_t begin = table.weights.size();
  table.first.push_back(from);
  table.weights.resize(begin + static_cast<std::size_t>(to - from + 1));
  for (int64_t k = 0; k < count; ++k)
    table.weights[begin + static_cast<std::size_t>(std::clamp<int64_t>(first + k, 0, size - 1) - from)] +=
        weights[static_cast<std::size_t>(k)];
  table.begin.push_back(static_cast<int64_t>(table.weights.size()));
}

/// All elements that a place covers, weighed by a filter as wide as the step, as Pillow does.
void add_covered(ResizeTable& table, const Scaling& s, int64_t place) {
  const double step = s.step(), wide = std::max(step, 1.0), center = step * (static_cast<double>(place) + 0.5);
  const double reach = (s.mode == Mode::bilinear ? 1 : s.mode == Mode::bicubic ? 2 : 3) * wide;
  const int64_t first = std::max<int64_t>(static_cast<int64_t>(center - reach + 0.5), 0),
                end = std::min(static_cast<int64_t>(center + reach + 0.5), s.size);
  std::vector<double> weights;
  double sum = 0;
  for (int64_t i = first; i < end; ++i) {
    const double x = (static_cast<double>(i) - center + 0.5) / wide;
    weights.push_back(s.mode == Mode::bilinear  ? std::max(1 - std::abs(x), 0.0)
                      : s.mode == Mode::bicubic ? cubic(x, -0.5)
                                                : lanczos(x));
    sum += weights.back();
  }
  for (double& w : weights) w = sum == 0 ? w : w / sum;
  add_place(table, first, weights, s.size);
}

ResizeTable table_for(const Scaling& s) {
  ResizeTable table;
  table.begin.push_back(0);
  for (int64_t place = 0; place < s.result; ++place) {
    if (s.mode == Mode::nearest || s.mode == Mode::nearest_exact) {
      add_place(table, nearest(s, place), {1}, s.size);
    } else if (s.antialias) {
      add_covered(table, s, place);
    } else if (s.mode == Mode::bicubic) {
      const double at = s.source(place), low = std::floor(at), part = at - low;
      add_place(table, static_cast<int64_t>(low) - 1,
                {cubic(part + 1, -0.75), cubic(part, -0.75), cubic(1 - part, -0.75), cubic(2 - part, -0.75)}, s.size);
    } else {
      const double at = std::max(s.source(place), 0.0), low = std::floor(at), part = at - low;
      add_place(table, static_cast<int64_t>(low), {1 - part, part}, s.size);
    }
  }
  return table;
}

/// Each element's weights in the places that take it: these are neighbours.
ResizeTable transposed(const ResizeTable& table, int64_t size) {
  const auto elements = static_cast<std::size_t>(size);
  std::vector<int64_t> first(elements, 0), count(elements, 0);
  const auto for_each_weight = [&](auto f) {
    for (std::size_t place = 0; place < table.first.size(); ++place)
      for (int64_t k = table.begin[place]; k < table.begin[place + 1]; ++k)
        f(static_cast<int64_t>(place), static_cast<std::size_t>(table.first[place] + k - table.begin[place]),
          table.weights[static_cast<std::size_t>(k)]);
  };
  for_each_weight([&](int64_t place, std::size_t element, double) {
    if (count[element] == 0) first[element] = place;
    count[element] = place - first[element] + 1;
  });
  ResizeTable turned;
  turned.first = first;
  turned.begin.push_back(0);
  for (const int64_t n : count) turned.begin.push_back(turned.begin.back() + n);
  turned.weights.resize(static_cast<std::size_t>(turned.begin.back()));
  for_each_weight([&](int64_t place, std::size_t element, double weight) {
    turned.weights[static_cast<std::size_t>(turned.begin[element] + place - first[element])] += weight;
  });
  return turned;
}

Resizing transposed(const Resizing& all) {
  Resizing turned;
  for (const ResizedDimension& one : all) turned.push_back({one.result, one.size, transposed(one.table, one.size)});
  return turned;
}

// ---------------------------------------------------------------- the operation

/// One dimension of a dense tensor in this format.
Tensor resized_along(const Tensor& x, int64_t dim, const ResizedDimension& one, MemoryFormat format) {
  Shape sizes = x.shape();
  sizes[static_cast<std::size_t>(dim)] = one.result;
  const Tensor y = new_tensor(sizes, format, x.dtype(), x.device(), "interpolate");
  if (y.numel() == 0) return y;
  int64_t inner = format == contiguous_format ? 1 : sizes[1];
  for (std::size_t d = static_cast<std::size_t>(dim) + 1; d < sizes.size(); ++d) inner *= sizes[d];
  on<ResizeKernels>(x.device()).resize(y, x, y.numel() / inner / one.result, one.size, inner, one.table);
  return y;
}

/// x's last dimensions resized, those that become smaller first.
Tensor resized(const char* name, const Tensor& x, const std::shared_ptr<const Resizing>& all) {
  const MemoryFormat format = suggested_format(x);
  Tensor y;
  {
    const NoGrad guard;
    const auto dims = static_cast<int64_t>(all->size());
    y = x.contiguous(format);
    for (const bool smaller : {true, false})
      for (int64_t k = 0; k < dims; ++k) {
        const int64_t at = smaller ? k : dims - 1 - k;
        const ResizedDimension& one = (*all)[static_cast<std::size_t>(at)];
        if ((one.result < one.size) == smaller) y = resized_along(y, x.dim() - dims + at, one, format);
      }
  }
  if (needs_grad(x))
    record(name, y, {&x}, {}, [name, all](Grads& g) {
      g.give(0, resized(name, g.in(), std::make_shared<const Resizing>(transposed(*all))));
    });
  return y;
}

/// A picture of bytes, which PyTorch keeps between the directions, the last first: what bicubic overshoots in one is
/// gone in the next.
Tensor resized_bytes(const Tensor& x, const Resizing& all) {
  const MemoryFormat format = suggested_format(x);
  Tensor y = x.contiguous(format);
  for (std::size_t k = all.size(); k-- > 0;) {
    const int64_t dim = x.dim() - static_cast<int64_t>(all.size() - k);
    y = (resized_along(y.to(float32), dim, all[k], format) + 0.5).floor().clamp(0, 255).to(uint8);
  }
  return y;
}

struct Named {
  const char *name, *operation;
  int64_t dims;  ///< 0: any number
};
Named named(Mode mode) {
  switch (mode) {
    case Mode::nearest: return {"nearest", "upsample_nearest", 0};
    case Mode::nearest_exact: return {"nearest-exact", "upsample_nearest_exact", 0};
    case Mode::linear: return {"linear", "upsample_linear1d", 1};
    case Mode::bilinear: return {"bilinear", "upsample_bilinear2d", 2};
    case Mode::bicubic: return {"bicubic", "upsample_bicubic2d", 2};
    case Mode::trilinear: return {"trilinear", "upsample_trilinear3d", 3};
    case Mode::lanczos: return {"lanczos", "upsample_lanczos2d", 2};
    case Mode::area: break;
  }
  return {"area", "area", 0};
}

bool interpolates(Mode mode) { return mode != Mode::nearest && mode != Mode::nearest_exact && mode != Mode::area; }

void check(const Tensor& x, const InterpolateOptions& o) {
  const auto [name, operation, dims] = named(o.mode);
  const int64_t own = x.dim() - 2;
  if (own < 1 || own > 3 || (dims != 0 && dims != own))
    fail("interpolate", "expected an input of shape {} for {}, got {}",
         dims == 0   ? "(N, C, W), (N, C, H, W) or (N, C, D, H, W)"
         : dims == 1 ? "(N, C, W)"
         : dims == 2 ? "(N, C, H, W)"
                     : "(N, C, D, H, W)",
         name, x.shape().to_string());
  if (!is_floating_point(x.dtype()) && (x.dtype() != uint8 || own != 2 || o.mode == Mode::area))
    fail("interpolate", "expected a tensor of floating-point numbers, got {}", x.dtype());
  const auto fits = [own](std::size_t n) { return n <= 1 || n == static_cast<std::size_t>(own); };
  if (o.size.empty() == o.scale_factor.empty())
    fail("interpolate", "expected either a size or a scale_factor, got {}", o.size.empty() ? "neither" : "both");
  if (!fits(o.size.size()) || !fits(o.scale_factor.size()))
    fail("interpolate", "expected one number or {} for an input of shape {}, got {}", own, x.shape().to_string(),
         std::max(o.size.size(), o.scale_factor.size()));
  if (o.align_corners && !interpolates(o.mode)) fail("interpolate", "{} has no align_corners", name);
  if (o.recompute_scale_factor && o.scale_factor.empty())
    fail("interpolate", "recompute_scale_factor goes with a scale_factor, got a size");
  if (o.antialias && o.mode != Mode::bilinear && o.mode != Mode::bicubic && o.mode != Mode::lanczos)
    fail("interpolate", "{} has no antialias: expected bilinear, bicubic or lanczos", name);
  if (o.mode == Mode::lanczos && (!o.antialias || o.align_corners.value_or(false)))
    fail("interpolate", "lanczos takes antialias, and no align_corners");
}

/// The result's last sizes.
Shape result_sizes(const Tensor& x, const InterpolateOptions& o) {
  Shape sizes;
  const auto own = static_cast<std::size_t>(x.dim() - 2);
  for (std::size_t d = 0; d < own; ++d) {
    const int64_t size = x.shape()[d + 2];
    if (!o.size.empty()) {
      sizes.push_back(o.size[o.size.size() == 1 ? 0 : d]);
    } else {
      const double n = static_cast<double>(size) * o.scale_factor[o.scale_factor.size() == 1 ? 0 : d];
      if (!(std::abs(n) < static_cast<double>(most_elements)))
        fail("interpolate", "a size of {} times {} is more than memory has addresses", size,
             o.scale_factor[o.scale_factor.size() == 1 ? 0 : d]);
      sizes.push_back(static_cast<int64_t>(n));
    }
  }
  for (std::size_t d = 0; d <= own && o.mode != Mode::area; ++d)
    if (x.shape()[d + 1] == 0 || (d > 0 && sizes[d - 1] < 1))
      fail("interpolate", "expected sizes of 1 or more, got {} for an input of shape {}", sizes.to_string(),
           x.shape().to_string());
  return sizes;
}

Tensor area(const Tensor& x, const Shape& sizes) {
  if (sizes.size() == 1) return adaptive_avg_pool1d(x, {sizes[0]});
  if (sizes.size() == 2) return adaptive_avg_pool2d(x, {sizes[0], sizes[1]});
  return adaptive_avg_pool3d(x, {sizes[0], sizes[1], sizes[2]});
}

}  // namespace

Tensor interpolate(const Tensor& x, const InterpolateOptions& o) {
  check(x, o);
  const Shape sizes = result_sizes(x, o);
  if (o.mode == Mode::area) return area(x, sizes);
  if (is_half(x.dtype())) return interpolate(x.to(float32), o).to(x.dtype());
  auto all = std::make_shared<Resizing>();
  for (std::size_t d = 0; d < sizes.size(); ++d) {
    std::optional<double> factor;
    if (!o.scale_factor.empty() && !o.recompute_scale_factor)
      factor = o.scale_factor[o.scale_factor.size() == 1 ? 0 : d];
    const Scaling s{x.shape()[d + 2], sizes[d], factor, o.mode, o.align_corners.value_or(false), o.antialias};
    all->push_back({s.size, s.result, table_for(s)});
  }
  return x.dtype() == uint8 ? resized_bytes(x, *all) : resized(named(o.mode).operation, x, all);
}

}  // namespace tenon::nn::functional
