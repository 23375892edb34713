#pragma once
#include <optional>

#include <tenon/nn/layers/options.h>
#include <tenon/nn/module.h>

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

}  // namespace tenon::nn

#pragma GCC visibility pop
