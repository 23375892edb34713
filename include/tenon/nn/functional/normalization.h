#pragma once
#include <functional>
#include <optional>

#include <tenon/tensor.h>

#pragma GCC visibility push(default)

namespace tenon::nn::functional {

/// (x − mean) / √(variance + eps)·weight + bias over the last dimensions: (*, normalized_shape). The variance is
/// divided by their number. Source: torch.nn.functional.layer_norm (Ba, Kiros and Hinton 2016, "Layer normalization").
Tensor layer_norm(const Tensor& x, const Shape& normalized_shape, const Tensor& weight = {}, const Tensor& bias = {},
                  double eps = 1e-5);

/// x / √(mean of x² + eps)·weight over the last dimensions: (*, normalized_shape). eps is by default the smallest
/// difference from 1 that float32 has (float64 for float64). Source: torch.nn.functional.rms_norm (Zhang and Sennrich
/// 2019, "Root mean square layer normalization").
Tensor rms_norm(const Tensor& x, const Shape& normalized_shape, const Tensor& weight = {},
                std::optional<double> eps = {});

// ---- of channels: (N, C, *). Weight, bias and statistics are (C) or undefined, of x's type, or float32 beside half
// types.

/// What several processes need to normalise their parts of one batch together: gives everybody's tensor (n), one below
/// the other, (processes, n). All of them call it as often as each other.
using GatherStatistics = std::function<Tensor(const Tensor&)>;

struct BatchNormOptions {
  Tensor weight = {}, bias = {};
  bool training = false;  ///< by the batch's own statistics, which the running ones follow
  double momentum = 0.1;  ///< the share that the batch has in the running statistics
  double eps = 1e-5;      ///< added to the variance
  /// In training: the batch is what all processes have, some perhaps nothing. Gradients by weight and bias are by this
  /// process's part; there are no second derivatives.
  GatherStatistics gather_statistics = {};
};
/// (x − mean) / √(variance + eps)·weight + bias, channel by channel over the batch and all places: in training by the
/// batch's own mean and variance (divided by their number), which the running ones, where defined, follow (theirs is
/// divided by one less); otherwise by the running ones, which are needed then. A batch without elements changes
/// nothing; one with a single value a channel is an error in training. Source: torch.nn.functional.batch_norm (Ioffe
/// and Szegedy 2015, "Batch normalization").
Tensor batch_norm(const Tensor& x, const Tensor& running_mean, const Tensor& running_var,
                  const BatchNormOptions& options = {});

struct InstanceNormOptions {
  Tensor weight = {}, bias = {};
  bool use_input_stats = true;  ///< false: by the running statistics, as in batch_norm
  double momentum = 0.1;
  double eps = 1e-5;
};
/// The same for each channel of each element of the batch. The running statistics, where defined, follow the batch's
/// averages. Source: torch.nn.functional.instance_norm (Ulyanov, Vedaldi and Lempitsky 2016, "Instance normalization").
Tensor instance_norm(const Tensor& x, const Tensor& running_mean = {}, const Tensor& running_var = {},
                     const InstanceNormOptions& options = {});

/// The same for each of num_groups groups of neighbouring channels of each element of the batch. Source:
/// torch.nn.functional.group_norm (Wu and He 2018, "Group normalization").
Tensor group_norm(const Tensor& x, int64_t num_groups, const Tensor& weight = {}, const Tensor& bias = {},
                  double eps = 1e-5);

struct ResponseNormOptions {
  double alpha = 1e-4;
  double beta = 0.75;
  double k = 1;
};
/// x / (k + alpha·m)^beta, m the mean of x² over `size` neighbouring channels, those beyond the ends counted as 0:
/// (N, C, L, …). Source: torch.nn.functional.local_response_norm (Krizhevsky, Sutskever and Hinton 2012, "ImageNet
/// classification with deep convolutional neural networks").
Tensor local_response_norm(const Tensor& x, int64_t size, const ResponseNormOptions& options = {});

struct NormalizeOptions {
  double p = 2;
  Shape dim = {1};
  double eps = 1e-12;  ///< the norm counts as no less
};
/// x divided by its p-norm along dimensions. Source: torch.nn.functional.normalize.
Tensor normalize(const Tensor& x, const NormalizeOptions& options = {});

}  // namespace tenon::nn::functional

#pragma GCC visibility pop
