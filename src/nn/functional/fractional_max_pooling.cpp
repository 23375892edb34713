// The largest of windows at random distances: every plane has windows of its own.
#include <tenon/random.h>

#include "nn/functional/pool.h"
#include "ops/autocast.h"

namespace tenon::nn::functional {
namespace {

/// The first elements of the windows of one plane, as PyTorch computes them: each step rounded to the input's type.
void add_windows(std::vector<PoolWindow>& windows, DType type, double sample, int64_t size, int64_t result,
                 int64_t kernel) {
  const auto rounded = [type](double x) -> double {
    if (type == float64) return x;
    const auto f = static_cast<float>(x);
    return type == float32 ? f : type == float16 ? static_cast<float>(Half(f)) : static_cast<float>(BFloat16(f));
  };
  const auto real = [&](int64_t n) { return rounded(static_cast<double>(n)); };
  const double alpha = result > 1 ? rounded(real(size - kernel) / real(result - 1)) : 0;
  const auto whole = [&](double x) { return static_cast<int64_t>(rounded(x * alpha)); };
  for (int64_t i = 0; i < result; ++i) {
    const int64_t first = i == result - 1 ? size - kernel : whole(rounded(real(i) + sample)) - whole(sample);
    windows.push_back({first, kernel, 1});
  }
}

template <int N>
Tensor samples_for(const char* name, const Tensor& x, const Tensor& given) {
  const Shape shape{x.dim() == N + 1 ? 1 : x.shape()[0], x.size(-N - 1), N};
  if (!given.defined()) return rand(shape, {.dtype = x.dtype(), .device = x.device()});
  if (given.shape() != shape || given.dtype() != x.dtype())
    fail(name, "expected random_samples of {} and shape {}, got {} and {}", x.dtype(), shape.to_string(), given.dtype(),
         given.shape().to_string());
  return given;
}

template <int N>
ValuesAndIndices fractional_max_pool(const char* name, const Tensor& x, const Window<N>& kernel,
                                     const FractionalMaxPoolOptions<N>& o, bool indices) {
  if (autocasts()) [[unlikely]]
    return in_float_type([&](const Tensor& in) { return fractional_max_pool<N>(name, in, kernel, o, indices); }, x);
  if (!is_floating_point(x.dtype())) fail(name, "expected a tensor of floating-point numbers, got {}", x.dtype());
  check_pooled(name, x, N);
  if (!o.output_size.given() && !o.output_ratio.given())
    fail(name, "expected either an output_size or an output_ratio, got neither");
  std::vector<PoolDimension> dimensions(N);
  for (std::size_t d = 0; d < N; ++d) {
    PoolDimension& one = dimensions[d];
    one.size = x.size(static_cast<int64_t>(d) - N);
    one.result = o.output_size.given() ? o.output_size[d]
                                       : static_cast<int64_t>(static_cast<double>(one.size) * o.output_ratio[d]);
    one.windows.clear();
    if (kernel[d] < 1) fail(name, "expected a kernel_size of 1 or more, got {}", kernel[d]);
    if (one.result < 0) fail(name, "expected an output_size of 0 or more, got {}", one.result);
    if (kernel[d] > one.size || one.result - 1 > one.size - kernel[d])
      fail(name, "{} windows of {} do not fit side by side into a size of {}", one.result, kernel[d], one.size);
  }
  const Tensor samples = samples_for<N>(name, x, o.random_samples);
  const std::vector<double> numbers = x.is_meta() ? std::vector<double>() : samples.to_vector<double>();
  // In the order of PyTorch's: the first sample is that of the last of two dimensions, but of the first of three.
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const std::size_t d = N == 2 ? 1 - i % N : i % N;
    PoolDimension& one = dimensions[d];
    add_windows(one.windows, x.dtype(), numbers[i], one.size, one.result, kernel[d]);
  }
  return largest(x, pooling(name, x, dimensions, Channels::first, true), indices);
}

}  // namespace

#define TENON_FRACTIONAL(N)                                                                              \
  Tensor fractional_max_pool##N##d(const Tensor& x, const Window<N>& kernel_size,                        \
                                   const FractionalMaxPoolOptions<N>& options) {                         \
    return fractional_max_pool<N>("fractional_max_pool" #N "d", x, kernel_size, options, false).values;  \
  }                                                                                                      \
  ValuesAndIndices fractional_max_pool##N##d_with_indices(const Tensor& x, const Window<N>& kernel_size, \
                                                          const FractionalMaxPoolOptions<N>& options) {  \
    return fractional_max_pool<N>("fractional_max_pool" #N "d", x, kernel_size, options, true);          \
  }
TENON_FRACTIONAL(2)
TENON_FRACTIONAL(3)
#undef TENON_FRACTIONAL

}  // namespace tenon::nn::functional
