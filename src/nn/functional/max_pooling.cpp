// The largest of windows, and its inverse.
#include "backend/index.h"
#include "nn/functional/pool.h"
#include "ops/autocast.h"
#include "ops/indexing/offsets.h"
#include "tensor/memory_format.h"

namespace tenon::nn::functional {
namespace {

void check_type(const char* name, const Tensor& x, bool integers) {
  if (is_floating_point(x.dtype()) || (integers && is_integral(x.dtype()) && x.dtype() != boolean)) return;
  fail(name, "expected a tensor of floating-point numbers{}, got {}", integers ? " or integers" : "", x.dtype());
}

template <int N>
ValuesAndIndices max_pool(const char* name, const Tensor& x, const Window<N>& kernel, const MaxPoolOptions<N>& o,
                          bool indices) {
  if constexpr (N == 3)
    if (autocasts()) [[unlikely]]
      return in_float_type([&](const Tensor& in) { return max_pool<N>(name, in, kernel, o, indices); }, x);
  refuse_carried(x.dtype());
  check_type(name, x, true);
  check_pooled(name, x, N);
  const Window<N>& stride = o.stride.given() ? o.stride : kernel;
  std::vector<PoolDimension> dimensions;
  for (std::size_t d = 0; d < N; ++d)
    dimensions.push_back(sliding(name, x.size(static_cast<int64_t>(d) - N),
                                 {kernel[d], stride[d], o.padding[d], o.dilation[d], o.ceil_mode}, true));
  return largest(x, pooling(name, x, dimensions), indices);
}

template <int N>
ValuesAndIndices adaptive_max_pool(const char* name, const Tensor& x, const OutputSize<N>& size, bool indices) {
  if constexpr (N == 3)
    if (autocasts()) [[unlikely]]
      return in_float_type([&](const Tensor& in) { return adaptive_max_pool<N>(name, in, size, indices); }, x);
  check_type(name, x, false);
  check_pooled(name, x, N);
  return largest(x, pooling(name, x, covering<N>(name, x, size), N == 3 ? Channels::first : Channels::stay), indices);
}

template <int N>
Tensor max_unpool(const char* name, const Tensor& x, const Tensor& indices, const Window<N>& kernel,
                  const MaxUnpoolOptions<N>& o) {
  if constexpr (N > 1)
    if (autocasts()) [[unlikely]]
      return in_float_type([&](const Tensor& in) { return max_unpool<N>(name, in, indices, kernel, o); }, x);
  check_type(name, x, false);
  check_pooled(name, x, N);
  check_same_device(x, indices, name);
  if (indices.dtype() != int64) fail(name, "expected indices of int64, got {}", indices.dtype());
  if (indices.shape() != x.shape())
    fail(name, "expected indices of the input's shape {}, got {}", x.shape().to_string(), indices.shape().to_string());
  const Window<N>& stride = o.stride.given() ? o.stride : kernel;
  const std::size_t ahead = x.shape().size() - N, asked = o.output_size.size();
  if (asked != 0 && asked != N && asked != N + 2)
    fail(name, "expected an output_size of {} or {} numbers, got {}", N, N + 2, o.output_size.to_string());
  Shape sizes = x.shape();
  for (std::size_t d = 0; d < N; ++d) {
    int64_t& n = sizes[ahead + d];
    if (kernel[d] < 1 || stride[d] < 1)
      fail(name, "expected a kernel_size and a stride of 1 or more, got {} and {}", kernel[d], stride[d]);
    const int64_t usual = (n - 1) * stride[d] + kernel[d] - 2 * o.padding[d];
    n = asked == 0 ? usual : o.output_size[asked - N + d];
    if (n <= usual - stride[d] || n >= usual + stride[d] || n < 0)
      fail(name, "expected output sizes above {} and below {} in dimension {}, got {}",
           std::max<int64_t>(usual - stride[d], -1), usual + stride[d], static_cast<int64_t>(d) - N, n);
  }
  check_numel(sizes, name);
  const Tensor places = indices.flatten(-N), values = x.flatten(-N);
  Shape flat = values.shape();
  flat.back() = 1;
  for (std::size_t d = 0; d < N; ++d) flat.back() *= sizes[ahead + d];
  static_cast<void>(checked_index(places, -1, flat.back(), false, name));
  const Tensor y = zeros(flat, {x.dtype(), x.device()}).scatter(-1, places, values).reshape(sizes);
  const MemoryFormat format = suggested_format(x);
  return N == 2 && format == channels_last ? y.contiguous(format) : y;
}

}  // namespace

#define TENON_MAX_POOL(N)                                                                                    \
  Tensor max_pool##N##d(const Tensor& x, const Window<N>& kernel_size, const MaxPoolOptions<N>& options) {   \
    return max_pool<N>("max_pool" #N "d", x, kernel_size, options, false).values;                            \
  }                                                                                                          \
  ValuesAndIndices max_pool##N##d_with_indices(const Tensor& x, const Window<N>& kernel_size,                \
                                               const MaxPoolOptions<N>& options) {                           \
    return max_pool<N>("max_pool" #N "d", x, kernel_size, options, true);                                    \
  }                                                                                                          \
  Tensor adaptive_max_pool##N##d(const Tensor& x, const OutputSize<N>& output_size) {                        \
    return adaptive_max_pool<N>("adaptive_max_pool" #N "d", x, output_size, false).values;                   \
  }                                                                                                          \
  ValuesAndIndices adaptive_max_pool##N##d_with_indices(const Tensor& x, const OutputSize<N>& output_size) { \
    return adaptive_max_pool<N>("adaptive_max_pool" #N "d", x, output_size, true);                           \
  }                                                                                                          \
  Tensor max_unpool##N##d(const Tensor& x, const Tensor& indices, const Window<N>& kernel_size,              \
                          const MaxUnpoolOptions<N>& options) {                                              \
    return max_unpool<N>("max_unpool" #N "d", x, indices, kernel_size, options);                             \
  }
TENON_MAX_POOL(1)
TENON_MAX_POOL(2)
TENON_MAX_POOL(3)
#undef TENON_MAX_POOL

}  // namespace tenon::nn::functional
