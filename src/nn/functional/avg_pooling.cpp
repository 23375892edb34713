// Means of windows, and power means.
#include <cmath>

#include "nn/functional/pool.h"
#include "ops/autocast.h"

namespace tenon::nn::functional {
namespace {

template <int N>
Tensor avg_pool(const char* name, const Tensor& x, const Window<N>& kernel, const AvgPoolOptions<N>& o) {
  if constexpr (N == 3)
    if (autocasts()) [[unlikely]]
      return in_float_type([&](const Tensor& in) { return avg_pool<N>(name, in, kernel, o); }, x);
  if (!is_floating_point(x.dtype()) && x.dtype() != int64)
    fail(name, "expected a tensor of floating-point numbers or of int64, got {}", x.dtype());
  check_pooled(name, x, N);
  if (o.divisor_override == 0) fail(name, "expected a divisor_override other than 0");
  const Window<N>& stride = o.stride.given() ? o.stride : kernel;
  std::vector<PoolDimension> dimensions;
  for (std::size_t d = 0; d < N; ++d)
    dimensions.push_back(sliding(name, x.size(static_cast<int64_t>(d) - N),
                                 {kernel[d], stride[d], o.padding[d], 1, o.ceil_mode}, o.count_include_pad));
  if (o.divisor_override)
    for (std::size_t d = 0; d < N; ++d)
      for (PoolWindow& w : dimensions[d].windows) w.divisor = d == 0 ? *o.divisor_override : 1;
  return average(x, pooling(name, x, dimensions, N == 3 || x.dtype() == int64 ? Channels::first : Channels::stay));
}

template <int N>
Tensor adaptive_avg_pool(const char* name, const Tensor& x, const OutputSize<N>& size) {
  if constexpr (N == 3)
    if (autocasts()) [[unlikely]]
      return in_float_type([&](const Tensor& in) { return adaptive_avg_pool<N>(name, in, size); }, x);
  if (!is_floating_point(x.dtype())) fail(name, "expected a tensor of floating-point numbers, got {}", x.dtype());
  check_pooled(name, x, N, false);
  return average(x, pooling(name, x, covering<N>(name, x, size), N == 3 ? Channels::first : Channels::stay));
}

/// `max` and `avg` are the functions of this many dimensions.
template <int N, class Max, class Avg>
Tensor lp_pool(const char* name, const Tensor& x, double norm_type, const Window<N>& kernel, const LPPoolOptions<N>& o,
               Max max, Avg avg) {
  if (norm_type == 0) fail(name, "expected a norm_type other than 0");
  const MaxPoolOptions<N> as_max{.stride = o.stride, .ceil_mode = o.ceil_mode};
  if (std::isinf(norm_type)) return norm_type > 0 ? max(x.abs(), kernel, as_max) : -max(-x.abs(), kernel, as_max);
  const Tensor mean = avg(x.pow(norm_type), kernel, {.stride = o.stride, .ceil_mode = o.ceil_mode});
  double elements = 1;
  for (const int64_t n : kernel) elements *= static_cast<double>(n);
  // relu() as in PyTorch, so that the gradient of a sum of 0 is 0.
  return (mean.sign() * mean.abs().relu() * elements).pow(1 / norm_type);
}

}  // namespace

#define TENON_AVG_POOL(N)                                                                                    \
  Tensor avg_pool##N##d(const Tensor& x, const Window<N>& kernel_size, const AvgPoolOptions<N>& options) {   \
    return avg_pool<N>("avg_pool" #N "d", x, kernel_size, options);                                          \
  }                                                                                                          \
  Tensor adaptive_avg_pool##N##d(const Tensor& x, const OutputSize<N>& output_size) {                        \
    return adaptive_avg_pool<N>("adaptive_avg_pool" #N "d", x, output_size);                                 \
  }                                                                                                          \
  Tensor lp_pool##N##d(const Tensor& x, double norm_type, const Window<N>& kernel_size,                      \
                       const LPPoolOptions<N>& options) {                                                    \
    return lp_pool<N>("lp_pool" #N "d", x, norm_type, kernel_size, options, max_pool##N##d, avg_pool##N##d); \
  }
TENON_AVG_POOL(1)
TENON_AVG_POOL(2)
TENON_AVG_POOL(3)
#undef TENON_AVG_POOL

}  // namespace tenon::nn::functional
