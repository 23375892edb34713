#pragma once
#include <array>
#include <string_view>

#include <tenon/nn/functional/convolution.h>
#include <tenon/nn/layers/options.h>
#include <tenon/nn/module.h>

#pragma GCC visibility push(default)

namespace tenon::nn {

/// What a convolution adds around its input: zeros, the image mirrored at its edges (without the edge itself), the edge
/// repeated, or the image as if it went round.
enum class ConvPaddingMode { zeros, reflect, replicate, circular };

template <int N>
struct ConvNdOptions {
  IntList<N> stride = 1;
  ConvPadding<N> padding = 0;
  IntList<N> dilation = 1;
  int64_t groups = 1;  ///< divides both numbers of channels
  bool bias = true;
  ConvPaddingMode padding_mode = ConvPaddingMode::zeros;
  TENON_FACTORY_OPTIONS;
};

/// Sums over windows of the input, each times the kernel, plus bias: (N, in_channels, *in) or (in_channels, *in) →
/// (N, out_channels, *out) or (out_channels, *out); functional::conv1d says how large.
///
/// weight (out_channels, in_channels/groups, *kernel_size) and bias (out_channels) start uniform in ±1/√fan,
/// fan = in_channels/groups·kernel_size, drawn in PyTorch's order. Source: torch.nn.Conv1d, Conv2d, Conv3d.
template <int N>
class ConvNd : public Module<ConvNd<N>> {
 public:
  static constexpr std::string_view class_name = std::array{"", "Conv1d", "Conv2d", "Conv3d"}[N];

  int64_t in_channels, out_channels;
  IntList<N> kernel_size, stride;
  ConvPadding<N> padding;
  IntList<N> dilation;
  int64_t groups;
  ConvPaddingMode padding_mode;
  Parameter weight;
  Parameter bias;  ///< an empty slot with {.bias = false}

  ConvNd(int64_t in_channels, int64_t out_channels, const IntList<N>& kernel_size,
         const ConvNdOptions<N>& options = {});

  /// Draws the weights anew.
  void reset_parameters();
  std::string extra_repr() const override;

 protected:
  Tensor forward(const Tensor& x) const;

  TENON_MODULE(ConvNd, in_channels, out_channels, kernel_size, stride, padding, dilation, groups, padding_mode, weight,
               bias)
};
extern template class ConvNd<1>;
extern template class ConvNd<2>;
extern template class ConvNd<3>;
using Conv1d = ConvNd<1>;
using Conv2d = ConvNd<2>;
using Conv3d = ConvNd<3>;

template <int N>
struct ConvTransposeNdOptions {
  IntList<N> stride = 1;
  IntList<N> padding = 0;         ///< that is cut off the result on both sides
  IntList<N> output_padding = 0;  ///< more of the result behind
  int64_t groups = 1;             ///< divides both numbers of channels
  bool bias = true;
  IntList<N> dilation = 1;
  TENON_FACTORY_OPTIONS;
};

/// The gradient of a convolution by its input, plus bias: (N, in_channels, *in) or (in_channels, *in) →
/// (N, out_channels, *out) or (out_channels, *out); functional::conv_transpose1d says how large.
///
/// A call may name the result's image, layer(x, {32, 32}), in the place of output_padding: an error where the layer
/// cannot make one of that size from x. weight (in_channels, out_channels/groups, *kernel_size) and bias (out_channels)
/// start uniform in ±1/√fan, fan = out_channels/groups·kernel_size, drawn in PyTorch's order. Source:
/// torch.nn.ConvTranspose1d, ConvTranspose2d, ConvTranspose3d.
template <int N>
class ConvTransposeNd : public Module<ConvTransposeNd<N>> {
 public:
  static constexpr std::string_view class_name =
      std::array{"", "ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d"}[N];

  int64_t in_channels, out_channels;
  IntList<N> kernel_size, stride, padding, output_padding;
  int64_t groups;
  IntList<N> dilation;
  Parameter weight;
  Parameter bias;  ///< an empty slot with {.bias = false}

  ConvTransposeNd(int64_t in_channels, int64_t out_channels, const IntList<N>& kernel_size,
                  const ConvTransposeNdOptions<N>& options = {});

  /// Draws the weights anew.
  void reset_parameters();
  std::string extra_repr() const override;

 protected:
  /// output_size: the image's, or the whole result's.
  Tensor forward(const Tensor& x, const Shape& output_size = {}) const;

  TENON_MODULE(ConvTransposeNd, in_channels, out_channels, kernel_size, stride, padding, output_padding, groups,
               dilation, weight, bias)
};
extern template class ConvTransposeNd<1>;
extern template class ConvTransposeNd<2>;
extern template class ConvTransposeNd<3>;
using ConvTranspose1d = ConvTransposeNd<1>;
using ConvTranspose2d = ConvTransposeNd<2>;
using ConvTranspose3d = ConvTransposeNd<3>;

/// Windows as columns of a matrix: (N, C, H, W) or (C, H, W) → (N, C·kernel, L) or (C·kernel, L), L windows counted row
/// by row. Source: torch.nn.Unfold.
class Unfold : public Module<Unfold> {
 public:
  functional::OneOrTwo kernel_size, dilation, padding, stride;

  explicit Unfold(const functional::OneOrTwo& kernel_size, const functional::UnfoldOptions& options = {});
  std::string extra_repr() const override;

 protected:
  Tensor forward(const Tensor& x) const;

  TENON_MODULE(Unfold, kernel_size, dilation, padding, stride)
};

/// Columns added up where Unfold of an image of output_size takes them from: (N, C·kernel, L) or (C·kernel, L) →
/// (N, C, *output_size) or (C, *output_size). Source: torch.nn.Fold.
class Fold : public Module<Fold> {
 public:
  functional::OneOrTwo output_size, kernel_size, dilation, padding, stride;

  Fold(const functional::OneOrTwo& output_size, const functional::OneOrTwo& kernel_size,
       const functional::UnfoldOptions& options = {});
  std::string extra_repr() const override;

 protected:
  Tensor forward(const Tensor& x) const;

  TENON_MODULE(Fold, output_size, kernel_size, dilation, padding, stride)
};

}  // namespace tenon::nn

#pragma GCC visibility pop
