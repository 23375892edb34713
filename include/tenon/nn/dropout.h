#pragma once
#include <tenon/nn/layer_options.h>
#include <tenon/nn/module.h>

#pragma GCC visibility push(default)

namespace tenon::nn {

/// In training, zeroes each element with probability p and scales the others by 1/(1−p); in eval mode gives its input.
/// Any shape. Draws as PyTorch does on the CPU. An error for a p outside [0, 1]. Source: torch.nn.Dropout.
class Dropout : public Module<Dropout> {
 public:
  double p;
  bool inplace;

  explicit Dropout(double p = 0.5, const InplaceOptions& options = {});
  std::string extra_repr() const override;

 protected:
  Tensor forward(const Tensor& x) const;

  TENON_MODULE(Dropout, p, inplace)
};

/// In training, zeroes whole channels with probability p and scales the others by 1/(1−p): (N, C, …) → the same.
/// Dropout1d takes (N, C, L) or (C, L), Dropout3d (N, C, D, H, W) or (C, D, H, W); for Dropout2d the first dimension is
/// always the batch's, as in PyTorch. Source: torch.nn.Dropout1d, Dropout2d, Dropout3d (Tompson et al. 2015, "Efficient
/// object localization using convolutional networks").
template <int N>
class DropoutNd : public Module<DropoutNd<N>> {
 public:
  static constexpr std::string_view class_name = N == 1 ? "Dropout1d" : N == 2 ? "Dropout2d" : "Dropout3d";

  double p;
  bool inplace;

  explicit DropoutNd(double p = 0.5, const InplaceOptions& options = {});
  std::string extra_repr() const override;

 protected:
  Tensor forward(const Tensor& x) const;

  TENON_MODULE(DropoutNd, p, inplace)
};
extern template class DropoutNd<1>;
extern template class DropoutNd<2>;
extern template class DropoutNd<3>;
using Dropout1d = DropoutNd<1>;
using Dropout2d = DropoutNd<2>;
using Dropout3d = DropoutNd<3>;

}  // namespace tenon::nn

#pragma GCC visibility pop
