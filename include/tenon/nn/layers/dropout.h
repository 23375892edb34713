#pragma once
#include <array>
#include <string_view>

#include <tenon/nn/layers/options.h>
#include <tenon/nn/module.h>

#pragma GCC visibility push(default)

namespace tenon::nn {

/// In training, zeroes with probability p and scales the rest by 1/(1−p); in eval mode gives its input. Draws as
/// PyTorch does on the CPU. An error for a p outside [0, 1].
///
/// Dropout zeroes single elements, in any shape; the others whole channels, (N, C, …) → the same. Dropout1d takes
/// (N, C, L) or (C, L), Dropout3d (N, C, D, H, W) or (C, D, H, W); for Dropout2d the first dimension is always the
/// batch's, as in PyTorch. Source: torch.nn.Dropout, Dropout1d, Dropout2d, Dropout3d (Tompson et al. 2015, "Efficient
/// object localization using convolutional networks").
template <int N>
class DropoutNd : public Module<DropoutNd<N>> {
 public:
  static constexpr std::string_view class_name = std::array{"Dropout", "Dropout1d", "Dropout2d", "Dropout3d"}[N];

  double p;
  bool inplace;

  explicit DropoutNd(double p = 0.5, const InplaceOptions& options = {});
  std::string extra_repr() const override;

 protected:
  Tensor forward(const Tensor& x) const;

  TENON_MODULE(DropoutNd, p, inplace)
};
extern template class DropoutNd<0>;
extern template class DropoutNd<1>;
extern template class DropoutNd<2>;
extern template class DropoutNd<3>;
using Dropout = DropoutNd<0>;
using Dropout1d = DropoutNd<1>;
using Dropout2d = DropoutNd<2>;
using Dropout3d = DropoutNd<3>;

/// In training, sets elements with probability p to what keeps the mean and the variance of selu's values; in eval mode
/// gives its input. FeatureAlphaDropout does so for whole channels, (N, C, …). An error for a p outside [0, 1]. Source:
/// torch.nn.AlphaDropout, FeatureAlphaDropout (Klambauer et al. 2017, "Self-normalizing neural networks").
template <bool of_channels>
class AlphaDropoutOf : public Module<AlphaDropoutOf<of_channels>> {
 public:
  static constexpr std::string_view class_name = of_channels ? "FeatureAlphaDropout" : "AlphaDropout";

  double p;
  bool inplace;

  explicit AlphaDropoutOf(double p = 0.5, const InplaceOptions& options = {});
  std::string extra_repr() const override;

 protected:
  Tensor forward(const Tensor& x) const;

  TENON_MODULE(AlphaDropoutOf, p, inplace)
};
extern template class AlphaDropoutOf<false>;
extern template class AlphaDropoutOf<true>;
using AlphaDropout = AlphaDropoutOf<false>;
using FeatureAlphaDropout = AlphaDropoutOf<true>;

}  // namespace tenon::nn

#pragma GCC visibility pop
