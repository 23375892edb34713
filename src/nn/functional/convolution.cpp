// Convolutions. A convolution, its gradient by the input and that by the weight are linear in two tensors each, and
// the gradients of any of the three are the other two: so all derivatives are these kernels.
#include "backend/convolution.h"

#include <tenon/nn/functional/convolution.h>

#include "ops/autocast.h"
#include "ops/common.h"
#include "tensor/layout.h"
#include "tensor/memory_format.h"

namespace tenon::nn::functional {
namespace {

struct Recipe {
  Convolution convolution;
  MemoryFormat format;  ///< of all that is computed
};

Tensor result(const Shape& shape, const Tensor& like, const Recipe& r) {
  return new_tensor(shape, r.format, like.dtype(), like.device(), "convolution");
}

Tensor laid_out(const Tensor& x, const Recipe& r) { return x.contiguous(r.format); }

Tensor bias_gradient(const Tensor& grad) {  // (N, C, *) → (C)
  Shape dims{0};
  for (int64_t d = 2; d < grad.dim(); ++d) dims.push_back(d);
  return grad.sum(dims);
}

Tensor gradient_by_input(const Tensor& y, const Tensor& weight, const Tensor& bias, const Recipe& r,
                         const Shape& shape);
Tensor gradient_by_weight(const Tensor& x, const Tensor& y, const Recipe& r, const Shape& shape);

/// x ⋆ weight + bias, recorded: (N, C, *in), (O, C/groups, *kernel) → `shape`, (N, O, *out).
Tensor forward(const Tensor& x, const Tensor& weight, const Tensor& bias, const Recipe& r, const Shape& shape) {
  Tensor y = result(shape, x, r);
  if (y.numel() > 0) {
    const NoGrad guard;
    on<ConvolutionKernels>(x.device())
        .convolution(y, laid_out(x, r), laid_out(weight, r), bias.defined() ? bias.contiguous() : bias, r.convolution);
  }
  if (needs_grad(x, weight, bias))
    record("convolution", y, {&x, &weight, &bias}, {on_tape(weight) ? &x : nullptr, on_tape(x) ? &weight : nullptr},
           [r, in = x.shape(), kernel = weight.shape()](Grads& g) {
             if (g.needs(0)) g.give(0, gradient_by_input(g.in(), g.saved(1), {}, r, in));
             if (g.needs(1)) g.give(1, gradient_by_weight(g.saved(0), g.in(), r, kernel));
             if (g.needs(2)) g.give(2, bias_gradient(g.in()));
           });
  return y;
}

/// The gradient by x of `shape`, where y's is `y`, plus bias; recorded.
Tensor gradient_by_input(const Tensor& y, const Tensor& weight, const Tensor& bias, const Recipe& r,
                         const Shape& shape) {
  Tensor x = result(shape, y, r);
  if (x.numel() > 0) {
    const NoGrad guard;
    on<ConvolutionKernels>(y.device())
        .convolution_input(x, laid_out(y, r), laid_out(weight, r), bias.defined() ? bias.contiguous() : bias,
                           r.convolution);
  }
  if (needs_grad(y, weight, bias))
    record("convolution", x, {&y, &weight, &bias}, {on_tape(weight) ? &y : nullptr, on_tape(y) ? &weight : nullptr},
           [r, out = y.shape(), kernel = weight.shape()](Grads& g) {
             if (g.needs(0)) g.give(0, forward(g.in(), g.saved(1), {}, r, out));
             if (g.needs(1)) g.give(1, gradient_by_weight(g.in(), g.saved(0), r, kernel));
             if (g.needs(2)) g.give(2, bias_gradient(g.in()));
           });
  return x;
}

/// The gradient by the weight of `shape`, where y's is `y`; recorded.
Tensor gradient_by_weight(const Tensor& x, const Tensor& y, const Recipe& r, const Shape& shape) {
  Tensor weight = result(shape, x, r);
  {
    const NoGrad guard;
    if (x.numel() > 0 && y.numel() > 0)
      on<ConvolutionKernels>(x.device()).convolution_weight(weight, laid_out(x, r), laid_out(y, r), r.convolution);
    else weight.zero_();
  }
  if (needs_grad(x, y))
    record("convolution_backward", weight, {&x, &y}, {on_tape(y) ? &x : nullptr, on_tape(x) ? &y : nullptr},
           [r, in = x.shape(), out = y.shape()](Grads& g) {
             if (g.needs(0)) g.give(0, gradient_by_input(g.saved(1), g.in(), {}, r, in));
             if (g.needs(1)) g.give(1, forward(g.saved(0), g.in(), {}, r, out));
           });
  return weight;
}

// ---- checks

std::string shape_text(std::size_t dims, const char* channels, bool batched) {
  constexpr const char* images[] = {"L", "H, W", "D, H, W"};
  return fmt::format("({}{}, {})", batched ? "N, " : "", channels, images[dims - 1]);
}

void check_numbers(const Shape& numbers, int64_t least, const char* what, const char* name) {
  for (const int64_t n : numbers)
    if (n < least) fail(name, "expected {} of {} or more, got {}", what, least, numbers.to_string());
}

/// a·b + c, where that is a number.
int64_t sum_of(int64_t a, int64_t b, int64_t c, const char* name) {
  int64_t product, sum;
  if (__builtin_mul_overflow(a, b, &product) || __builtin_add_overflow(product, c, &sum) || sum > most_elements)
    fail(name, "the sizes are too large: {}·{} + {}", a, b, c);
  return sum;
}

Shape image_of(const Tensor& x) { return Shape(x.shape().begin() + 2, x.shape().end()); }

/// What a convolution and a transposed one take alike; x has a batch. `in` and `out` channels are weight's sizes.
void check_operands(const Tensor& x, const Tensor& weight, const Tensor& bias, const Convolution& c, bool transposed,
                    const char* name) {
  check_floating_point(name, x);
  check_same_device(x, weight, name);
  if (weight.dtype() != x.dtype())
    fail(name, "expected a weight of type {}, as the input has, got {}", x.dtype(), weight.dtype());
  check_numbers(c.windows.stride, 1, "a stride", name);
  check_numbers(c.windows.dilation, 1, "a dilation", name);
  if (c.groups < 1) fail(name, "expected groups of 1 or more, got {}", c.groups);
  const Shape& kernel = weight.shape();
  if (kernel[0] < 1 || kernel[0] % c.groups != 0)
    fail(name, "expected a weight whose first size, {}, {} groups divide, got shape {}", kernel[0], c.groups,
         kernel.to_string());
  check_numbers(image_of(weight), 1, "a kernel size", name);
  const int64_t in = transposed ? kernel[0] : sum_of(kernel[1], c.groups, 0, name);
  if (x.shape()[1] != in)
    fail(name, "expected an input of {} channels for groups={} and a weight of shape {}, got shape {}", in, c.groups,
         kernel.to_string(), x.shape().to_string());
  const int64_t out = transposed ? sum_of(kernel[1], c.groups, 0, name) : kernel[0];
  if (bias.defined()) {
    check_same_device(x, bias, name);
    if (bias.dim() != 1 || bias.shape()[0] != out)
      fail(name, "expected a bias of shape ({},), got {}", out, bias.shape().to_string());
    if (bias.dtype() != x.dtype())
      fail(name, "expected a bias of type {}, as the input has, got {}", x.dtype(), bias.dtype());
  }
  for (const int64_t n : image_of(x))
    if (n < 1) fail(name, "expected an image of one point or more, got shape {}", x.shape().to_string());
}

/// f(x with a batch), and the result without one where x has none.
template <class F>
Tensor with_batch(const Tensor& x, const Tensor& weight, std::size_t dims, const char* name, F f) {
  if (weight.shape().size() != dims + 2)
    fail(name, "expected a weight of {} dimensions, got shape {}", dims + 2, weight.shape().to_string());
  if (x.shape().size() == dims + 1) return f(x.unsqueeze(0)).squeeze(0);
  if (x.shape().size() != dims + 2)
    fail(name, "expected an input of shape {} or {}, got {}", shape_text(dims, "C", true), shape_text(dims, "C", false),
         x.shape().to_string());
  return f(x);
}

/// Channels last where one of the two lies so.
MemoryFormat format_of(const Tensor& x, const Tensor& weight) {
  const MemoryFormat format = suggested_format(x);
  return format == contiguous_format ? suggested_format(weight) : format;
}

/// Where there are no channels there is nothing to convolve: PyTorch gives a result without channels, of which the
/// inputs' gradients are zeros.
Tensor without_channels(const Tensor& x, const Tensor& weight, const Tensor& bias, const Recipe& r, Shape shape) {
  shape[1] = 0;
  Tensor y = constant_in(constant_in(result(shape, x, r), x), weight);
  return bias.defined() ? constant_in(y, bias) : y;
}

template <int N>
Tensor conv(const Tensor& given, const Tensor& weight, const Tensor& bias, const ConvOptions<N>& o, const char* name) {
  if (autocasts()) [[unlikely]]
    return in_lower_type([&](const auto&... in) { return conv(in..., o, name); }, given, weight, bias);
  return with_batch(given, weight, N, name, [&](const Tensor& x) {
    Recipe r{{{o.stride.shape(), o.padding.numbers().shape(), o.dilation.shape()}, o.groups}, format_of(x, weight)};
    Windows& w = r.convolution.windows;
    check_numbers(w.padding, 0, "a padding", name);
    check_operands(x, weight, bias, r.convolution, false, name);
    Shape shape{x.shape()[0], weight.shape()[0]};
    Shape padded, extents;
    for (std::size_t d = 0; d < N; ++d) {
      const int64_t before = sum_of(weight.shape()[d + 2] - 1, w.dilation[d], 0, name);
      if (o.padding.is_same()) {
        if (w.stride[d] != 1) fail(name, "padding \"same\" is for a stride of 1, got {}", w.stride.to_string());
        w.padding[d] = before / 2;
      }
      const int64_t around = o.padding.is_same() ? before : sum_of(2, w.padding[d], 0, name);
      padded.push_back(sum_of(1, around, x.shape()[d + 2], name));
      extents.push_back(before + 1);
      shape.push_back((padded[d] - extents[d]) / w.stride[d] + 1);
    }
    for (std::size_t d = 0; d < N; ++d)
      if (extents[d] > padded[d])
        fail(name, "expected a window no larger than the padded image, got a window of {} and an image of {}",
             extents.to_string(), padded.to_string());
    check_numel(shape, name);
    return x.shape()[1] == 0 ? without_channels(x, weight, bias, r, shape) : forward(x, weight, bias, r, shape);
  });
}

template <int N>
Tensor conv_transpose(const Tensor& given, const Tensor& weight, const Tensor& bias, const ConvTransposeOptions<N>& o,
                      const char* name) {
  if (autocasts()) [[unlikely]]
    return in_lower_type([&](const auto&... in) { return conv_transpose(in..., o, name); }, given, weight, bias);
  return with_batch(given, weight, N, name, [&](const Tensor& x) {
    const Recipe r{{{o.stride.shape(), o.padding.shape(), o.dilation.shape()}, o.groups}, format_of(x, weight)};
    const Windows& w = r.convolution.windows;
    check_numbers(w.padding, 0, "a padding", name);
    check_numbers(o.output_padding.shape(), 0, "an output_padding", name);
    check_operands(x, weight, bias, r.convolution, true, name);
    Shape shape{x.shape()[0], weight.shape()[1] * o.groups};
    for (std::size_t d = 0; d < N; ++d) {
      if (o.output_padding[d] >= std::max(w.stride[d], w.dilation[d]))
        fail(name, "expected an output_padding below the stride {} or the dilation {}, got {}", w.stride.to_string(),
             w.dilation.to_string(), o.output_padding.to_string());
      const int64_t before = sum_of(weight.shape()[d + 2] - 1, w.dilation[d], o.output_padding[d] + 1, name);
      const int64_t whole = sum_of(x.shape()[d + 2] - 1, w.stride[d], before, name);
      shape.push_back(whole - sum_of(2, w.padding[d], 0, name));
    }
    for (std::size_t d = 0; d < N; ++d)
      if (shape[d + 2] < 1)
        fail(name, "expected a padding that leaves something, got {}, which makes an image of {}",
             w.padding.to_string(), Shape(shape.begin() + 2, shape.end()).to_string());
    check_numel(shape, name);
    return gradient_by_input(x, weight, bias, r, shape);
  });
}

// ---- windows as columns

Tensor columns_of(const Tensor& x, const Shape& shape, const Windows& w);

/// Columns (N, C, *kernel, *out) added up into (N, C, H, W); recorded.
Tensor image_of_columns(const Tensor& columns, const Shape& shape, const Windows& w) {
  Tensor x = new_tensor(shape, columns.dtype(), columns.device());
  if (x.numel() > 0) {
    const NoGrad guard;
    on<ConvolutionKernels>(x.device()).fold(x, columns.contiguous(), w);
  }
  if (needs_grad(columns))
    record("col2im", x, {&columns}, {}, [w, in = columns.shape()](Grads& g) { g.give(0, columns_of(g.in(), in, w)); });
  return x;
}

Tensor columns_of(const Tensor& x, const Shape& shape, const Windows& w) {
  Tensor columns = new_tensor(shape, x.dtype(), x.device());
  if (columns.numel() > 0) {
    const NoGrad guard;
    on<ConvolutionKernels>(x.device()).unfold(columns, x.contiguous(), w);
  }
  if (needs_grad(x))
    record("im2col", columns, {&x}, {}, [w, in = x.shape()](Grads& g) {
      const bool half = is_half(g.in().dtype());  // added up in float, rounded once
      const Tensor sums = image_of_columns(half ? g.in().to(float32) : g.in(), in, w);
      g.give(0, half ? sums.to(g.in().dtype()) : sums);
    });
  return columns;
}

struct Grid {
  Windows windows;
  Shape places;  ///< of windows, in each dimension
};

/// The windows on an image of this size.
Grid grid(const Shape& image, const IntList<2>& kernel, const UnfoldOptions& o, const char* name) {
  Grid g{{o.stride.shape(), o.padding.shape(), o.dilation.shape()}, {}};
  check_numbers(kernel.shape(), 1, "a kernel size", name);
  check_numbers(g.windows.dilation, 1, "a dilation", name);
  check_numbers(g.windows.padding, 0, "a padding", name);
  check_numbers(g.windows.stride, 1, "a stride", name);
  for (std::size_t d = 0; d < 2; ++d) {
    const int64_t padded = sum_of(2, o.padding[d], image[d], name),
                  extent = sum_of(kernel[d] - 1, o.dilation[d], 1, name);
    if (extent > padded)
      fail(name,
           "expected windows no larger than the padded image, got an image of {}, padding {}, kernel {}, dilation {}",
           image.to_string(), g.windows.padding.to_string(), kernel, g.windows.dilation.to_string());
    g.places.push_back((padded - extent) / o.stride[d] + 1);
  }
  return g;
}

}  // namespace

Tensor conv1d(const Tensor& x, const Tensor& weight, const Tensor& bias, const ConvOptions<1>& options) {
  return conv(x, weight, bias, options, "conv1d");
}
Tensor conv2d(const Tensor& x, const Tensor& weight, const Tensor& bias, const ConvOptions<2>& options) {
  return conv(x, weight, bias, options, "conv2d");
}
Tensor conv3d(const Tensor& x, const Tensor& weight, const Tensor& bias, const ConvOptions<3>& options) {
  return conv(x, weight, bias, options, "conv3d");
}

Tensor conv_transpose1d(const Tensor& x, const Tensor& weight, const Tensor& bias,
                        const ConvTransposeOptions<1>& options) {
  return conv_transpose(x, weight, bias, options, "conv_transpose1d");
}
Tensor conv_transpose2d(const Tensor& x, const Tensor& weight, const Tensor& bias,
                        const ConvTransposeOptions<2>& options) {
  return conv_transpose(x, weight, bias, options, "conv_transpose2d");
}
Tensor conv_transpose3d(const Tensor& x, const Tensor& weight, const Tensor& bias,
                        const ConvTransposeOptions<3>& options) {
  return conv_transpose(x, weight, bias, options, "conv_transpose3d");
}

Tensor unfold(const Tensor& x, const IntList<2>& kernel_size, const UnfoldOptions& options) {
  check_floating_point("unfold", x);
  if (x.dim() == 3) return unfold(x.unsqueeze(0), kernel_size, options).squeeze(0);
  if (x.dim() != 4 || x.shape()[1] < 1 || x.shape()[2] < 1 || x.shape()[3] < 1)
    fail("unfold", "expected an input of shape (N, C, H, W) or (C, H, W), of which N alone may be 0, got {}",
         x.shape().to_string());
  const Grid g = grid({x.shape()[2], x.shape()[3]}, kernel_size, options, "unfold");
  const Shape shape{x.shape()[0], x.shape()[1], kernel_size[0], kernel_size[1], g.places[0], g.places[1]};
  check_numel(shape, "unfold");
  return columns_of(x, shape, g.windows).reshape({shape[0], shape[1] * shape[2] * shape[3], shape[4] * shape[5]});
}

Tensor fold(const Tensor& x, const IntList<2>& output_size, const IntList<2>& kernel_size,
            const UnfoldOptions& options) {
  check_floating_point("fold", x);
  if (x.dim() == 2) return fold(x.unsqueeze(0), output_size, kernel_size, options).squeeze(0);
  if (x.dim() != 3 || x.shape()[1] < 1 || x.shape()[2] < 1)
    fail("fold", "expected an input of shape (N, C·kernel, L) or (C·kernel, L), of which N alone may be 0, got {}",
         x.shape().to_string());
  check_numbers(output_size.shape(), 1, "an output_size", "fold");
  const Grid g = grid(output_size.shape(), kernel_size, options, "fold");
  const int64_t each = sum_of(kernel_size[0], kernel_size[1], 0, "fold"), places = g.places.numel();
  if (x.shape()[1] % each != 0 || x.shape()[2] != places)
    fail("fold", "expected an input of shape (N, C·{}, {}) for kernel {} on an image of {}, got {}", each, places,
         kernel_size, output_size, x.shape().to_string());
  const Shape image{x.shape()[0], x.shape()[1] / each, output_size[0], output_size[1]};
  check_numel(image, "fold");
  if (is_half(x.dtype()))  // added up in float, rounded once
    return fold(x.to(float32), output_size, kernel_size, options).to(x.dtype());
  const Tensor columns = x.reshape({image[0], image[1], kernel_size[0], kernel_size[1], g.places[0], g.places[1]});
  return image_of_columns(columns, image, g.windows);
}

}  // namespace tenon::nn::functional
