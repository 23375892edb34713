#pragma once
#include <optional>

#include <tenon/nn/functional/normalization.h>
#include <tenon/nn/layers/options.h>
#include <tenon/nn/module.h>
#include <tenon/scalar.h>

#pragma GCC visibility push(default)

namespace tenon::nn {

struct LayerNormOptions {
  double eps = 1e-5;               ///< added to the variance
  bool elementwise_affine = true;  ///< false: neither weight nor bias
  bool bias = true;
  TENON_FACTORY_OPTIONS;
};

/// (x − mean) / √(variance + eps)·weight + bias, over the last dimensions: (*, normalized_shape) → the same.
///
/// weight starts as ones and bias as zeros, both of normalized_shape. Source: torch.nn.LayerNorm.
class LayerNorm : public Module<LayerNorm> {
 public:
  Shape normalized_shape;
  double eps;
  bool elementwise_affine;
  Parameter weight;  ///< an empty slot without elementwise_affine
  Parameter bias;    ///< an empty slot without elementwise_affine, or with {.bias = false}

  LayerNorm(const Shape& normalized_shape, const LayerNormOptions& options = {});

  void reset_parameters();
  std::string extra_repr() const override;

 protected:
  Tensor forward(const Tensor& x) const;

  TENON_MODULE(LayerNorm, normalized_shape, eps, elementwise_affine, weight, bias)
};

struct RMSNormOptions {
  std::optional<double> eps = {};  ///< added to the mean square; default: functional::rms_norm's
  bool elementwise_affine = true;  ///< false: no weight
  TENON_FACTORY_OPTIONS;
};

/// x / √(mean of x² + eps)·weight, over the last dimensions: (*, normalized_shape) → the same.
///
/// weight starts as ones of normalized_shape. Source: torch.nn.RMSNorm.
class RMSNorm : public Module<RMSNorm> {
 public:
  Shape normalized_shape;
  std::optional<double> eps;
  bool elementwise_affine;
  Parameter weight;  ///< an empty slot without elementwise_affine

  RMSNorm(const Shape& normalized_shape, const RMSNormOptions& options = {});

  void reset_parameters();
  std::string extra_repr() const override;

 protected:
  Tensor forward(const Tensor& x) const;

  TENON_MODULE(RMSNorm, normalized_shape, eps, elementwise_affine, weight)
};

struct GroupNormOptions {
  double eps = 1e-5;   ///< added to the variance
  bool affine = true;  ///< false: neither weight nor bias
  bool bias = true;
  TENON_FACTORY_OPTIONS;
};

/// (x − mean) / √(variance + eps)·weight + bias over groups of neighbouring channels of each element of the batch:
/// (N, num_channels, *) → the same. An error for a num_groups that does not divide num_channels.
///
/// weight starts as ones and bias as zeros, both (num_channels). Source: torch.nn.GroupNorm.
class GroupNorm : public Module<GroupNorm> {
 public:
  int64_t num_groups;
  int64_t num_channels;
  double eps;
  bool affine;
  Parameter weight;  ///< an empty slot without affine
  Parameter bias;    ///< an empty slot without affine, or with {.bias = false}

  GroupNorm(int64_t num_groups, int64_t num_channels, const GroupNormOptions& options = {});

  void reset_parameters();
  std::string extra_repr() const override;

 protected:
  Tensor forward(const Tensor& x) const;

  TENON_MODULE(GroupNorm, num_groups, num_channels, eps, affine, weight, bias)
};

/// x / (k + alpha·m)^beta, m the mean of x² over `size` neighbouring channels: (N, C, *) → the same. Source:
/// torch.nn.LocalResponseNorm.
class LocalResponseNorm : public Module<LocalResponseNorm> {
 public:
  int64_t size;
  double alpha;
  double beta;
  double k;

  explicit LocalResponseNorm(int64_t size_, const functional::ResponseNormOptions& options = {})
      : size(size_), alpha(options.alpha), beta(options.beta), k(options.k) {}
  std::string extra_repr() const override;

 protected:
  Tensor forward(const Tensor& x) const;

  TENON_MODULE(LocalResponseNorm, size, alpha, beta, k)
};

/// The same for images, (N, C, H, W), as Torch7 had it: (size − 1) / 2 neighbours, rounded down, on either side, and
/// for the channels further on the first one, too, as PyTorch counts; the sum is divided by the size. The gradient is
/// that of this function (PyTorch's leaves the first channel out). Source: torch.nn.CrossMapLRN2d.
class CrossMapLRN2d : public Module<CrossMapLRN2d> {
 public:
  int64_t size;
  double alpha;
  double beta;
  Scalar k;  ///< printed as it was given, 1 or 1.0

  explicit CrossMapLRN2d(int64_t size, double alpha = 1e-4, double beta = 0.75, const Scalar& k = 1);
  std::string extra_repr() const override;

 protected:
  Tensor forward(const Tensor& x) const;

  TENON_MODULE(CrossMapLRN2d, size, alpha, beta, k)
};

}  // namespace tenon::nn

#pragma GCC visibility pop
