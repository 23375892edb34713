#pragma once
#include <array>
#include <string_view>
#include <type_traits>

#include <tenon/nn/functional/pooling.h>
#include <tenon/nn/module.h>

#pragma GCC visibility push(default)

// The layers of functional/pooling.h, with its options. Those of the largest come in two kinds: MaxPool2d gives a
// tensor, and MaxPool2dWithIndices, PyTorch's MaxPool2d(…, return_indices=True), values and indices. Both print alike.
namespace tenon::nn {

template <bool with_indices>
using Pooled = std::conditional_t<with_indices, ValuesAndIndices, Tensor>;

/// The largest of each window. Source: torch.nn.MaxPool1d, MaxPool2d, MaxPool3d.
template <int N, bool with_indices = false>
class MaxPoolNd : public Module<MaxPoolNd<N, with_indices>> {
 public:
  static constexpr std::string_view class_name = std::array{"MaxPool1d", "MaxPool2d", "MaxPool3d"}[N - 1];

  functional::Window<N> kernel_size, stride, padding, dilation;
  bool ceil_mode;

  explicit MaxPoolNd(const functional::Window<N>& kernel_size, const functional::MaxPoolOptions<N>& options = {});
  std::string extra_repr() const override;

 protected:
  Pooled<with_indices> forward(const Tensor& x) const;

  TENON_MODULE(MaxPoolNd, kernel_size, stride, padding, dilation, ceil_mode)
};

struct MaxUnpoolCallOptions {
  Shape output_size = {};  ///< the last sizes, or all; default: the least from which a MaxPool makes the input
};
/// Zeros, with x where the indices that a MaxPool of the same arguments gave say. Source: torch.nn.MaxUnpool1d,
/// MaxUnpool2d, MaxUnpool3d.
template <int N>
class MaxUnpoolNd : public Module<MaxUnpoolNd<N>> {
 public:
  static constexpr std::string_view class_name = std::array{"MaxUnpool1d", "MaxUnpool2d", "MaxUnpool3d"}[N - 1];

  functional::Window<N> kernel_size, stride, padding;

  /// Without an output_size, which a call takes.
  explicit MaxUnpoolNd(const functional::Window<N>& kernel_size, const functional::Window<N>& stride = {},
                       const functional::Window<N>& padding = 0);
  std::string extra_repr() const override;

 protected:
  Tensor forward(const Tensor& x, const Tensor& indices, const MaxUnpoolCallOptions& options = {}) const;

  TENON_MODULE(MaxUnpoolNd, kernel_size, stride, padding)
};

/// The mean of each window. Source: torch.nn.AvgPool1d, AvgPool2d, AvgPool3d.
template <int N>
class AvgPoolNd : public Module<AvgPoolNd<N>> {
 public:
  static constexpr std::string_view class_name = std::array{"AvgPool1d", "AvgPool2d", "AvgPool3d"}[N - 1];

  functional::Window<N> kernel_size, stride, padding;
  bool ceil_mode, count_include_pad;
  std::optional<int64_t> divisor_override;

  explicit AvgPoolNd(const functional::Window<N>& kernel_size, const functional::AvgPoolOptions<N>& options = {});
  std::string extra_repr() const override;

 protected:
  Tensor forward(const Tensor& x) const;

  TENON_MODULE(AvgPoolNd, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)
};

/// (Σ x^norm_type)^(1/norm_type) of each window. Source: torch.nn.LPPool1d, LPPool2d, LPPool3d.
template <int N>
class LPPoolNd : public Module<LPPoolNd<N>> {
 public:
  static constexpr std::string_view class_name = std::array{"LPPool1d", "LPPool2d", "LPPool3d"}[N - 1];

  Scalar norm_type;
  functional::Window<N> kernel_size, stride;
  bool ceil_mode;

  LPPoolNd(const Scalar& norm_type, const functional::Window<N>& kernel_size,
           const functional::LPPoolOptions<N>& options = {});
  std::string extra_repr() const override;

 protected:
  Tensor forward(const Tensor& x) const;

  TENON_MODULE(LPPoolNd, norm_type, kernel_size, stride, ceil_mode)
};

/// Means of windows that cover the input, so that the result has this size, where None is the input's:
/// AdaptiveAvgPool2d(1), AdaptiveAvgPool2d({7, None}). Source: torch.nn.AdaptiveAvgPool1d, AdaptiveAvgPool2d,
/// AdaptiveAvgPool3d.
template <int N>
class AdaptiveAvgPoolNd : public Module<AdaptiveAvgPoolNd<N>> {
 public:
  static constexpr std::string_view class_name =
      std::array{"AdaptiveAvgPool1d", "AdaptiveAvgPool2d", "AdaptiveAvgPool3d"}[N - 1];

  functional::OutputSize<N> output_size;

  explicit AdaptiveAvgPoolNd(const functional::OutputSize<N>& output_size);
  std::string extra_repr() const override;

 protected:
  Tensor forward(const Tensor& x) const;

  TENON_MODULE(AdaptiveAvgPoolNd, output_size)
};

/// The largest of windows that cover the input; the size as AdaptiveAvgPool's. Source: torch.nn.AdaptiveMaxPool1d,
/// AdaptiveMaxPool2d, AdaptiveMaxPool3d.
template <int N, bool with_indices = false>
class AdaptiveMaxPoolNd : public Module<AdaptiveMaxPoolNd<N, with_indices>> {
 public:
  static constexpr std::string_view class_name =
      std::array{"AdaptiveMaxPool1d", "AdaptiveMaxPool2d", "AdaptiveMaxPool3d"}[N - 1];

  functional::OutputSize<N> output_size;

  explicit AdaptiveMaxPoolNd(const functional::OutputSize<N>& output_size);
  std::string extra_repr() const override;

 protected:
  Pooled<with_indices> forward(const Tensor& x) const;

  TENON_MODULE(AdaptiveMaxPoolNd, output_size)
};

/// The largest of windows at random distances, which each plane of each call draws anew. Source:
/// torch.nn.FractionalMaxPool2d, FractionalMaxPool3d.
template <int N, bool with_indices = false>
class FractionalMaxPoolNd : public Module<FractionalMaxPoolNd<N, with_indices>> {
 public:
  static constexpr std::string_view class_name = std::array{"FractionalMaxPool2d", "FractionalMaxPool3d"}[N - 2];

  functional::Window<N> kernel_size, output_size;
  OneOrEach<double, N> output_ratio;
  Buffer random_samples;  ///< an empty slot where they are drawn

  /// An error unless either output_size or output_ratio, above 0 and below 1, is given.
  FractionalMaxPoolNd(const functional::Window<N>& kernel_size, const functional::FractionalMaxPoolOptions<N>& options);

 protected:
  Pooled<with_indices> forward(const Tensor& x) const;

  TENON_MODULE(FractionalMaxPoolNd, kernel_size, output_size, output_ratio, TENON_AS(random_samples, "_random_samples"))
};

#define TENON_POOLS(N)                                 \
  extern template class MaxPoolNd<N>;                  \
  extern template class MaxPoolNd<N, true>;            \
  extern template class MaxUnpoolNd<N>;                \
  extern template class AvgPoolNd<N>;                  \
  extern template class LPPoolNd<N>;                   \
  extern template class AdaptiveAvgPoolNd<N>;          \
  extern template class AdaptiveMaxPoolNd<N>;          \
  extern template class AdaptiveMaxPoolNd<N, true>;    \
  using MaxPool##N##d = MaxPoolNd<N>;                  \
  using MaxPool##N##dWithIndices = MaxPoolNd<N, true>; \
  using MaxUnpool##N##d = MaxUnpoolNd<N>;              \
  using AvgPool##N##d = AvgPoolNd<N>;                  \
  using LPPool##N##d = LPPoolNd<N>;                    \
  using AdaptiveAvgPool##N##d = AdaptiveAvgPoolNd<N>;  \
  using AdaptiveMaxPool##N##d = AdaptiveMaxPoolNd<N>;  \
  using AdaptiveMaxPool##N##dWithIndices = AdaptiveMaxPoolNd<N, true>
TENON_POOLS(1);
TENON_POOLS(2);
TENON_POOLS(3);
#undef TENON_POOLS
extern template class FractionalMaxPoolNd<2>;
extern template class FractionalMaxPoolNd<2, true>;
extern template class FractionalMaxPoolNd<3>;
extern template class FractionalMaxPoolNd<3, true>;
using FractionalMaxPool2d = FractionalMaxPoolNd<2>;
using FractionalMaxPool2dWithIndices = FractionalMaxPoolNd<2, true>;
using FractionalMaxPool3d = FractionalMaxPoolNd<3>;
using FractionalMaxPool3dWithIndices = FractionalMaxPoolNd<3, true>;

}  // namespace tenon::nn

#pragma GCC visibility pop
