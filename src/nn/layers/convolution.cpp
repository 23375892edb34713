#include <tenon/nn/layers/convolution.h>

#include <cmath>
#include <tuple>

#include <tenon/nn/functional/padding.h>
#include <tenon/nn/init.h>
#include <tenon/ops.h>

#include "nn/layers/factory.h"

namespace tenon::nn {
namespace {

constexpr std::array<std::string_view, 4> mode_names{"zeros", "reflect", "replicate", "circular"};

/// ", name=(2, 2)" where not all numbers are `usual`.
template <std::size_t N>
std::string part(std::string_view name, const IntList<N>& numbers, int64_t usual) {
  return numbers == IntList<N>(usual) ? "" : fmt::format(", {}={}", name, numbers);
}

/// What the constructors of both kinds of convolutions take alike.
template <class Layer>
void check_arguments(const Layer& l) {
  const auto name = Layer::class_name;
  if (l.in_channels < 0 || l.out_channels < 0)
    fail(name, "expected channels of 0 or more, got in_channels={}, out_channels={}", l.in_channels, l.out_channels);
  if (l.groups < 1) fail(name, "expected groups of 1 or more, got {}", l.groups);
  if (l.in_channels % l.groups != 0 || l.out_channels % l.groups != 0)
    fail(name, "expected numbers of channels that groups={} divides, got in_channels={}, out_channels={}", l.groups,
         l.in_channels, l.out_channels);
  const auto check = [&](const auto& numbers, int64_t least, const char* what) {
    for (const int64_t n : numbers)
      if (n < least) fail(name, "expected {} of {} or more, got {}", what, least, numbers);
  };
  check(l.kernel_size, 1, "a kernel_size");
  check(l.stride, 1, "a stride");
  check(l.dilation, 1, "a dilation");
  if constexpr (requires { l.output_padding; }) {
    check(l.padding, 0, "a padding");
    check(l.output_padding, 0, "an output_padding");
  } else {
    check(l.padding.numbers(), 0, "a padding");
    for (const int64_t n : l.stride)
      if (l.padding.is_same() && n != 1) fail(name, "padding \"same\" is for a stride of 1, got {}", l.stride);
  }
}

template <int N, class Layer>
void check_input(const Layer& l, const Tensor& x) {
  if (x.dim() != N + 1 && x.dim() != N + 2) [[unlikely]]
    fail(Layer::class_name, "expected an input of {} or {} dimensions, got shape {}", N + 1, N + 2,
         x.shape().to_string());
  if (x.size(-N - 1) != l.in_channels) [[unlikely]]
    fail(Layer::class_name, "expected an input of {} channels, got shape {}", l.in_channels, x.shape().to_string());
}

template <std::size_t N, class Options>
void make_parameters(Parameter& weight, Parameter& bias, int64_t first, int64_t second, const IntList<N>& kernel,
                     int64_t out_channels, const Options& options) {
  Shape shape{first, second};
  for (const int64_t n : kernel) shape.push_back(n);
  weight = Parameter(empty(shape, factory(options)));
  if (options.bias) bias = Parameter(empty({out_channels}, factory(options)));
}

void draw_parameters(const Parameter& weight, const Parameter& bias) {
  init::kaiming_uniform_(weight, {.a = std::sqrt(5.0)});
  if (!bias.defined()) return;
  const int64_t fan = init::calculate_fans(weight).in;
  if (fan == 0) return;
  const double bound = 1 / std::sqrt(static_cast<double>(fan));
  init::uniform_(bias, -bound, bound);
}

constexpr auto convolutions = std::make_tuple(functional::conv1d, functional::conv2d, functional::conv3d);
constexpr auto transposed_convolutions =
    std::make_tuple(functional::conv_transpose1d, functional::conv_transpose2d, functional::conv_transpose3d);

}  // namespace

// ---- ConvNd

template <int N>
ConvNd<N>::ConvNd(int64_t in_channels_, int64_t out_channels_, const IntList<N>& kernel_size_,
                  const ConvNdOptions<N>& options)
    : in_channels(in_channels_),
      out_channels(out_channels_),
      kernel_size(kernel_size_),
      stride(options.stride),
      padding(options.padding),
      dilation(options.dilation),
      groups(options.groups),
      padding_mode(options.padding_mode) {
  check_arguments(*this);
  make_parameters(weight, bias, out_channels, in_channels / groups, kernel_size, out_channels, options);
  reset_parameters();
}

template <int N>
void ConvNd<N>::reset_parameters() {
  draw_parameters(weight, bias);
}

template <int N>
std::string ConvNd<N>::extra_repr() const {
  std::string text = fmt::format("{}, {}, kernel_size={}, stride={}", in_channels, out_channels, kernel_size, stride);
  const std::string around = padding.to_string();
  if (around != IntList<N>(0).to_string()) text += ", padding=" + around;
  text += part("dilation", dilation, 1);
  if (groups != 1) text += fmt::format(", groups={}", groups);
  if (!bias.defined()) text += ", bias=False";
  if (padding_mode != ConvPaddingMode::zeros)
    text += fmt::format(", padding_mode={}", mode_names[static_cast<std::size_t>(padding_mode)]);
  return text;
}

template <int N>
Tensor ConvNd<N>::forward(const Tensor& x) const {
  check_input<N>(*this, x);
  constexpr auto convolution = std::get<N - 1>(convolutions);
  if (padding_mode == ConvPaddingMode::zeros) return convolution(x, weight, bias, {stride, padding, dilation, groups});
  constexpr std::array modes{functional::PaddingMode::constant, functional::PaddingMode::reflect,
                             functional::PaddingMode::replicate, functional::PaddingMode::circular};
  Shape margins;
  for (std::size_t d = N; d-- > 0;) {
    const int64_t both = padding.is_same() ? dilation[d] * (kernel_size[d] - 1) : 2 * padding.numbers()[d];
    margins.push_back(both / 2);
    margins.push_back(both - both / 2);
  }
  const Tensor wide = functional::pad(x, margins, modes[static_cast<std::size_t>(padding_mode)]);
  return convolution(wide, weight, bias, {stride, 0, dilation, groups});
}

template class ConvNd<1>;
template class ConvNd<2>;
template class ConvNd<3>;

// ---- ConvTransposeNd

template <int N>
ConvTransposeNd<N>::ConvTransposeNd(int64_t in_channels_, int64_t out_channels_, const IntList<N>& kernel_size_,
                                    const ConvTransposeNdOptions<N>& options)
    : in_channels(in_channels_),
      out_channels(out_channels_),
      kernel_size(kernel_size_),
      stride(options.stride),
      padding(options.padding),
      output_padding(options.output_padding),
      groups(options.groups),
      dilation(options.dilation) {
  check_arguments(*this);
  make_parameters(weight, bias, in_channels, out_channels / groups, kernel_size, out_channels, options);
  reset_parameters();
}

template <int N>
void ConvTransposeNd<N>::reset_parameters() {
  draw_parameters(weight, bias);
}

template <int N>
std::string ConvTransposeNd<N>::extra_repr() const {
  std::string text = fmt::format("{}, {}, kernel_size={}, stride={}", in_channels, out_channels, kernel_size, stride);
  text += part("padding", padding, 0) + part("dilation", dilation, 1) + part("output_padding", output_padding, 0);
  if (groups != 1) text += fmt::format(", groups={}", groups);
  if (!bias.defined()) text += ", bias=False";
  return text;
}

template <int N>
Tensor ConvTransposeNd<N>::forward(const Tensor& x, const Shape& output_size) const {
  check_input<N>(*this, x);
  IntList<N> behind = output_padding;
  if (!output_size.empty()) {
    const auto dims = static_cast<int64_t>(output_size.size());
    if (dims != N && dims != x.dim())
      fail(class_name, "expected an output_size of {} or {} numbers, got {}", N, x.dim(), output_size.to_string());
    for (std::size_t d = 0; d < N; ++d) {
      const int64_t least = (x.size(static_cast<int64_t>(d) - N) - 1) * stride[d] - 2 * padding[d] +
                            dilation[d] * (kernel_size[d] - 1) + 1;
      behind[d] = output_size[output_size.size() - N + d] - least;
      if (behind[d] < 0 || behind[d] >= stride[d])
        fail(class_name, "expected an output_size between {} and {} in dimension {} of the image, got {}", least,
             least + stride[d] - 1, d, output_size.to_string());
    }
  }
  return std::get<N - 1>(transposed_convolutions)(x, weight, bias, {stride, padding, behind, groups, dilation});
}

template class ConvTransposeNd<1>;
template class ConvTransposeNd<2>;
template class ConvTransposeNd<3>;

// ---- Unfold and Fold

namespace {

template <class Layer>
std::string windows_of(const Layer& l) {
  return fmt::format("kernel_size={}, dilation={}, padding={}, stride={}", l.kernel_size.to_string(),
                     l.dilation.to_string(), l.padding.to_string(), l.stride.to_string());
}

}  // namespace

Unfold::Unfold(const functional::OneOrTwo& kernel_size_, const functional::UnfoldOptions& options)
    : kernel_size(kernel_size_), dilation(options.dilation), padding(options.padding), stride(options.stride) {}

std::string Unfold::extra_repr() const { return windows_of(*this); }

Tensor Unfold::forward(const Tensor& x) const {
  return functional::unfold(x, kernel_size, {dilation, padding, stride});
}

Fold::Fold(const functional::OneOrTwo& output_size_, const functional::OneOrTwo& kernel_size_,
           const functional::UnfoldOptions& options)
    : output_size(output_size_),
      kernel_size(kernel_size_),
      dilation(options.dilation),
      padding(options.padding),
      stride(options.stride) {}

std::string Fold::extra_repr() const {
  return fmt::format("output_size={}, {}", output_size.to_string(), windows_of(*this));
}

Tensor Fold::forward(const Tensor& x) const {
  return functional::fold(x, output_size, kernel_size, {dilation, padding, stride});
}

}  // namespace tenon::nn
