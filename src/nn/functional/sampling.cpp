// Images sampled at places: gathers, weighted.
#include <vector>

#include <tenon/nn/functional/sampling.h>

#include "ops/autocast.h"
#include "ops/common.h"

namespace tenon::nn::functional {
namespace {

/// One coordinate of all places, (N, P), among the elements of a dimension of this size.
struct Axis {
  Tensor at;
  int64_t size;
  bool align_corners;
};

double last_of(const Axis& a) { return static_cast<double>(a.size - 1); }

/// From −1 … 1 to places among the elements.
Tensor among_elements(const Tensor& grid, int64_t size, bool align_corners) {
  const auto n = static_cast<double>(size);
  return align_corners ? (grid + 1) * ((n - 1) / 2) : ((grid + 1) * n - 1) / 2;
}

/// The outermost elements' places for what lies beyond them; a NaN is the first. There the gradient is 0.
Tensor clipped(const Tensor& at, const Axis& a) {
  const Tensor above = where(at > 0, at, 0);
  return where(above < last_of(a), above, last_of(a));
}

Tensor reflected(const Tensor& at, const Axis& a) {
  const double low = a.align_corners ? 0 : -0.5, span = a.align_corners ? last_of(a) : static_cast<double>(a.size);
  if (span == 0) return at * 0;
  const Tensor from = (at - low).abs(), flips = (from.detach() / span).floor(), rest = from - flips * span;
  return where(flips.remainder(2) == 0, rest, -rest + span) + low;
}

Tensor padded(const Tensor& at, const Axis& a, SamplingPadding padding) {
  if (padding == SamplingPadding::zeros) return at;
  return clipped(padding == SamplingPadding::reflection ? reflected(at, a) : at, a);
}

/// A place of each axis that counts for the result, (N, P): its index, 0 where it lies outside, whether it does, and
/// its weight, undefined for 1.
struct Neighbour {
  Tensor index, outside, weight;
};

Neighbour neighbour(const Tensor& place, const Axis& a, const Tensor& weight) {
  const Tensor inside = (place >= 0).logical_and(place <= last_of(a));
  return {where(inside, place, 0).to(int64), inside.logical_not(), weight};
}

/// Keys' cubic kernel at 0 … 1 and at 1 … 2 from the middle.
Tensor cubic_near(const Tensor& x) { return (x * 1.25 - 2.25) * x * x + 1; }
Tensor cubic_far(const Tensor& x) { return ((x - 5) * x + 8) * x * -0.75 + 3; }

std::vector<Neighbour> neighbours(const Axis& axis, const GridSampleOptions& o) {
  if (o.mode == SamplingMode::bicubic) {
    const Tensor low = axis.at.detach().floor(), part = axis.at - low;
    const std::vector<Tensor> weights{cubic_far(part + 1), cubic_near(part), cubic_near(1 - part), cubic_far(2 - part)};
    std::vector<Neighbour> all;
    for (int k = 0; k < 4; ++k)
      all.push_back(
          neighbour(padded(low + (k - 1), axis, o.padding_mode).round(), axis, weights[static_cast<std::size_t>(k)]));
    return all;
  }
  const Tensor at = padded(axis.at, axis, o.padding_mode);
  if (o.mode == SamplingMode::nearest) return {neighbour(at.detach().round(), axis, {})};
  const Tensor low = at.detach().floor(), part = at - low;
  return {neighbour(low, axis, 1 - part), neighbour(low + 1, axis, part)};
}

/// The sum over all combinations of a neighbour of each axis: `index`, `outside` and `weight` are of the axes before.
Tensor sum_of(const Tensor& elements, const std::vector<std::vector<Neighbour>>& axes, const std::vector<Axis>& sizes,
              std::size_t axis, const Neighbour& before) {
  if (axis == axes.size()) {
    const Shape shape{elements.size(0), elements.size(1), before.index.size(1)};
    const Tensor y = elements.gather(2, before.index.unsqueeze(1).expand(shape))
                         .masked_fill(before.outside.unsqueeze(1).expand(shape), 0);
    return before.weight.defined() ? y * before.weight.unsqueeze(1) : y;
  }
  Tensor sum;
  for (const Neighbour& one : axes[axis]) {
    Neighbour all = one;
    if (before.index.defined()) {
      all.index = before.index * sizes[axis].size + one.index;
      all.outside = before.outside.logical_or(one.outside);
      if (one.weight.defined()) all.weight = before.weight * one.weight;
    }
    const Tensor part = sum_of(elements, axes, sizes, axis + 1, all);
    sum = sum.defined() ? sum + part : part;
  }
  return sum;
}

void check(const Tensor& x, const Tensor& grid, const GridSampleOptions& o) {
  const char* const name = "grid_sample";
  const int64_t dims = x.dim() - 2;
  if ((dims != 2 && dims != 3) || grid.dim() != x.dim() || grid.size(-1) != dims || grid.size(0) != x.size(0))
    fail(name,
         "expected an input (N, C, H, W) and a grid (N, H, W, 2), or (N, C, D, H, W) and (N, D, H, W, 3), got {} "
         "and {}",
         x.shape().to_string(), grid.shape().to_string());
  if (!is_floating_point(x.dtype()) || grid.dtype() != x.dtype())
    fail(name, "expected an input and a grid of one floating-point type, got {} and {}", x.dtype(), grid.dtype());
  check_same_device(x, grid, name);
  for (int64_t d = 2; d < x.dim(); ++d)
    if (x.size(d) == 0) fail(name, "expected an input with elements in each plane, got {}", x.shape().to_string());
  if (o.mode == SamplingMode::bicubic && dims != 2)
    fail(name, "bicubic takes an input of shape (N, C, H, W), got {}", x.shape().to_string());
}

}  // namespace

Tensor grid_sample(const Tensor& x, const Tensor& grid, const GridSampleOptions& o) {
  if (autocasts()) [[unlikely]]
    return in_float_type([&](const auto&... in) { return grid_sample(in..., o); }, x, grid);
  check(x, grid, o);
  if (is_half(x.dtype())) return grid_sample(x.to(float32), grid.to(float32), o).to(x.dtype());
  const int64_t dims = x.dim() - 2;
  Shape places = grid.shape(), result = x.shape();
  places.erase(places.size() - 1);
  std::copy(places.begin() + 1, places.end(), result.begin() + 2);
  const Tensor flat = grid.flatten(1, -2);  // (N, P, dimensions)
  std::vector<Axis> sizes;
  std::vector<std::vector<Neighbour>> axes;
  for (int64_t d = 0; d < dims; ++d) {  // the last coordinate is the first dimension's
    const int64_t size = x.size(d + 2);
    sizes.push_back({among_elements(flat.select(-1, dims - 1 - d), size, o.align_corners), size, o.align_corners});
    axes.push_back(neighbours(sizes.back(), o));
  }
  const Tensor y = sum_of(x.flatten(2), axes, sizes, 0, {}).reshape(result);
  return o.mode == SamplingMode::nearest ? constant_in(y, grid) : y;
}

Tensor affine_grid(const Tensor& theta, const Shape& size, bool align_corners) {
  const auto dims = static_cast<int64_t>(size.size()) - 2;
  if (!is_floating_point(theta.dtype()))
    fail("affine_grid", "expected a theta of floating-point numbers, got {}", theta.dtype());
  if (dims != 2 && dims != 3)
    fail("affine_grid", "expected a size (N, C, H, W) or (N, C, D, H, W), got {}", size.to_string());
  for (const int64_t n : size)
    if (n < 1) fail("affine_grid", "expected sizes of 1 or more, got {}", size.to_string());
  if (theta.shape() != Shape({size[0], dims, dims + 1}))
    fail("affine_grid", "expected a theta of shape {} for a size of {}, got {}",
         Shape({size[0], dims, dims + 1}).to_string(), size.to_string(), theta.shape().to_string());
  const Shape places(size.begin() + 2, size.end());
  check_numel(places, "affine_grid");
  const TensorOptions options{computed_type(theta.dtype()), theta.device()};
  std::vector<Tensor> coordinates;  // of each place: across, down, …, 1
  for (int64_t d = dims; d-- > 0;) {
    const int64_t n = places[static_cast<std::size_t>(d)];
    const double end = align_corners ? 1 : static_cast<double>(n - 1) / static_cast<double>(n);
    Shape along(static_cast<std::size_t>(dims), int64_t{1});
    along[static_cast<std::size_t>(d)] = n;
    const Tensor axis = n == 1 ? zeros({1}, options) : linspace(-end, end, n, options);
    coordinates.push_back(axis.reshape(along).expand(places));
  }
  coordinates.push_back(ones(places, options));
  const Tensor base = stack(coordinates, -1).flatten(0, -2).to(theta.dtype());  // (places, dimensions + 1)
  Shape result = places;
  result.insert(0, size[0]);
  result.push_back(dims);
  return matmul(base, theta.mT()).reshape(result);
}

}  // namespace tenon::nn::functional
