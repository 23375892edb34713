#include "nn/functional/pool.h"

#include <limits>

#include "tensor/memory_format.h"

namespace tenon::nn::functional {
namespace {

/// The gradient of x by that of the largest, which stand at `places`.
Tensor largest_backward(const Tensor& g, const Tensor& places, const Pooling& p) {
  const Tensor dx = new_tensor(p.input, p.format, g.dtype(), g.device(), "Tensor");
  {
    const NoGrad guard;
    on<PoolingKernels>(g.device()).max_pool_backward(dx, g.contiguous(p.format), places, *p.args);
  }
  if (needs_grad(g))
    record("max_pool_backward", dx, {&g}, {&places}, [dims = p.dims](Grads& h) {
      const Tensor at = h.saved(0);
      h.give(0, h.in().flatten(-dims).gather(-1, at.flatten(-dims)).reshape(at.shape()));
    });
  return dx;
}

Tensor average_backward(const Tensor& g, const Pooling& p) {
  const Tensor dx = new_tensor(p.input, p.format, g.dtype(), g.device(), "Tensor");
  {
    const NoGrad guard;
    on<PoolingKernels>(g.device()).avg_pool_backward(dx, g.contiguous(p.format), *p.args);
  }
  if (needs_grad(g)) record("avg_pool_backward", dx, {&g}, {}, [p](Grads& h) { h.give(0, average(h.in(), p)); });
  return dx;
}

/// The type that a kernel computes the largest of x's type in: one that holds all its numbers.
DType kernel_type(DType type) {
  if (is_half(type)) return float32;
  return type == int64 || is_floating_point(type) ? type : int32;
}

}  // namespace

Pooling pooling(const char* name, const Tensor& x, const std::vector<PoolDimension>& dimensions, Channels channels,
                bool windows_of_planes) {
  const std::size_t dims = dimensions.size(), ahead = x.shape().size() - dims;
  Pooling p{name,
            static_cast<int64_t>(dims),
            x.shape(),
            x.shape(),
            channels == Channels::stay ? suggested_format(x) : contiguous_format,
            nullptr};
  if (ahead != 2) p.format = contiguous_format;  // without a batch, the channels do not lie last
  const auto args = std::make_shared<PoolArgs>();
  args->sizes = args->results = args->dilation = {1, 1, 1};
  args->windows_of_planes = windows_of_planes;
  args->windows.fill({{0, 1, 1}});
  for (std::size_t d = 0; d < dims; ++d) {
    const PoolDimension& one = dimensions[d];
    const std::size_t at = 3 - dims + d;
    args->sizes[at] = one.size;
    args->results[at] = p.result[ahead + d] = one.result;
    args->dilation[at] = one.dilation;
    args->windows[at] = one.windows;
  }
  // A lane keeps its place in 32 bits.
  if (args->sizes[0] * args->sizes[1] * args->sizes[2] > std::numeric_limits<int32_t>::max())
    p.format = contiguous_format;
  const bool lanes = p.format != contiguous_format;
  args->lanes = lanes ? x.size(1) : 1;
  args->planes = lanes ? x.size(0) : x.shape()[0] * (ahead == 2 ? x.shape()[1] : 1);
  if (windows_of_planes && dims < 3) args->windows[0].assign(static_cast<std::size_t>(args->planes), {0, 1, 1});
  p.args = args;
  return p;
}

ValuesAndIndices largest(const Tensor& x, const Pooling& p, bool indices) {
  if (const DType type = kernel_type(x.dtype()); type != x.dtype()) {
    const ValuesAndIndices found = largest(x.to(type), p, indices);
    return {found.values.to(x.dtype()), found.indices};
  }
  const Tensor values = new_tensor(p.result, p.format, x.dtype(), x.device(), "Tensor");
  const Tensor places =
      indices || needs_grad(x) ? new_tensor(p.result, p.format, int64, x.device(), "Tensor") : Tensor();
  {
    const NoGrad guard;
    on<PoolingKernels>(x.device()).max_pool(values, places, x.contiguous(p.format), *p.args);
  }
  if (needs_grad(x))
    record(p.name, values, {&x}, {&places}, [p](Grads& g) { g.give(0, largest_backward(g.in(), g.saved(0), p)); });
  return {values, indices ? places : Tensor()};
}

Tensor average(const Tensor& x, const Pooling& p) {
  if (is_half(x.dtype())) return average(x.to(float32), p).to(x.dtype());
  const Tensor y = new_tensor(p.result, p.format, x.dtype(), x.device(), "Tensor");
  {
    const NoGrad guard;
    on<PoolingKernels>(x.device()).avg_pool(y, x.contiguous(p.format), *p.args);
  }
  if (needs_grad(x)) record(p.name, y, {&x}, {}, [p](Grads& g) { g.give(0, average_backward(g.in(), p)); });
  return y;
}

void check_pooled(const char* name, const Tensor& x, int64_t dims, bool channels) {
  static constexpr std::array sizes{"W", "H, W", "D, H, W"};
  const std::string last = sizes[static_cast<std::size_t>(dims - 1)];
  bool fits = x.dim() == dims + 1 || x.dim() == dims + 2;
  for (int64_t d = x.dim() - dims - (channels ? 1 : 0); fits && d < x.dim(); ++d) fits = x.size(d) != 0;
  if (!fits)
    fail(name, "expected an input of shape (N, C, {}) or (C, {}), of which N alone may be 0, got {}", last, last,
         x.shape().to_string());
}

PoolDimension sliding(const char* name, int64_t size, const Sliding& s, bool count_pad) {
  const auto positive = [&](const char* what, int64_t n) {
    if (n < 1) fail(name, "expected a {} of 1 or more, got {}", what, n);
  };
  positive("kernel_size", s.kernel);
  positive("stride", s.stride);
  positive("dilation", s.dilation);
  if (s.padding < 0) fail(name, "expected a padding of 0 or more, got {}", s.padding);
  int64_t reach = 0, whole = 0;  // of a window, of the padded input
  if (__builtin_mul_overflow(s.kernel - 1, s.dilation, &reach) || __builtin_add_overflow(reach, 1, &reach))
    fail(name, "a kernel_size of {} with a dilation of {} is more than memory has addresses", s.kernel, s.dilation);
  if (s.padding > s.kernel / 2)
    fail(name, "expected a padding of at most half the kernel_size of {}, got {}", s.kernel, s.padding);
  if (__builtin_add_overflow(size, 2 * s.padding, &whole))
    fail(name, "a padding of {} is more than memory has addresses", s.padding);
  PoolDimension d{.size = size, .result = 0, .dilation = s.dilation, .windows = {}};
  int64_t steps = 0;
  if (const int64_t left = whole - reach; s.ceil_mode) {
    steps = left < 0 ? -(-left / s.stride) : left / s.stride + (left % s.stride != 0 ? 1 : 0);
    d.result = steps + 1;
    if (steps * s.stride >= size + s.padding) --d.result;  // a window that would begin in the padding behind
  } else if (left >= 0) {
    d.result = left / s.stride + 1;
  }
  if (d.result < 1)
    fail(name, "a window of {} is larger than the padded input: size {} with {} on either side", reach, size,
         s.padding);
  d.windows.reserve(static_cast<std::size_t>(d.result));
  for (int64_t i = 0; i < d.result; ++i) {
    const int64_t begin = i * s.stride - s.padding, skipped = begin < 0 ? (-begin + s.dilation - 1) / s.dilation : 0,
                  first = begin + skipped * s.dilation, end = std::min(begin + reach, size),
                  count = end > first ? (end - first + s.dilation - 1) / s.dilation : 0;
    d.windows.push_back(
        {std::min(first, size - 1), count, count_pad ? std::min(begin + s.kernel, size + s.padding) - begin : count});
  }
  return d;
}

PoolDimension covering(int64_t size, int64_t result) {
  PoolDimension d{.size = size, .result = result, .dilation = 1, .windows = {}};
  try {
    d.windows.reserve(static_cast<std::size_t>(result));
  } catch (const std::exception&) {
    fail("Tensor", "there is not enough memory for {} windows", result);
  }
  for (int64_t i = 0; i < result; ++i) {
    const int64_t first = i * size / result, end = 1 + ((i + 1) * size - 1) / result;
    d.windows.push_back({first, end - first, end - first});
  }
  return d;
}

}  // namespace tenon::nn::functional
