#pragma once
#include <array>
#include <optional>
#include <string_view>

#include <tenon/nn/functional/normalization.h>
#include <tenon/nn/layers/options.h>
#include <tenon/nn/module.h>

#pragma GCC visibility push(default)

namespace tenon::nn {

struct BatchNormOptions {
  double eps = 1e-5;  ///< added to the variance
  std::optional<double> momentum =
      0.1;                          ///< a batch's share in the running statistics; none: all batches count the same
  bool affine = true;               ///< false: neither weight nor bias
  bool track_running_stats = true;  ///< false: by the batch's own statistics in eval mode, too
  bool bias = true;
  TENON_FACTORY_OPTIONS;
};

/// How a batch norm whose batch is shared out between processes learns of the others' parts:
/// distributed::convert_sync_batchnorm.
struct SharedBatch {
  functional::GatherStatistics gather_statistics = {};  ///< empty: the batch is this process's alone
};

/// (x − mean) / √(variance + eps)·weight + bias, channel by channel. In training by the mean and variance of the batch,
/// which running_mean and running_var follow; in eval mode by those. A batch without elements changes no statistic; one
/// with a single value a channel is an error in training.
///
/// BatchNorm1d takes (N, C) or (N, C, L), BatchNorm2d (N, C, H, W), BatchNorm3d (N, C, D, H, W); the result lies in
/// memory as the input does. weight starts as ones and bias as zeros. State dicts of before num_batches_tracked load,
/// too. Source: torch.nn.BatchNorm1d, BatchNorm2d, BatchNorm3d (Ioffe and Szegedy 2015, "Batch normalization").
template <int N>
class BatchNormNd : public Module<BatchNormNd<N>> {
 public:
  static constexpr std::string_view class_name = std::array{"", "BatchNorm1d", "BatchNorm2d", "BatchNorm3d"}[N];

  int64_t num_features;
  double eps;
  std::optional<double> momentum;
  bool affine;
  bool track_running_stats;
  Parameter weight;            ///< (num_features); an empty slot without affine
  Parameter bias;              ///< (num_features); an empty slot without affine, or with {.bias = false}
  Buffer running_mean;         ///< (num_features); these three are empty slots without track_running_stats
  Buffer running_var;          ///< (num_features), of variances divided by one less than their number
  Buffer num_batches_tracked;  ///< (), int64
  Untracked<SharedBatch> shared;

  explicit BatchNormNd(int64_t num_features, const BatchNormOptions& options = {});

  void reset_running_stats();
  void reset_parameters();
  std::string extra_repr() const override;
  int64_t state_dict_version() const override { return 2; }
  void upgrade_state_dict(LoadingState& loading) override;

 protected:
  Tensor forward(const Tensor& x) const;

  TENON_MODULE(BatchNormNd, num_features, eps, momentum, affine, track_running_stats, weight, bias, running_mean,
               running_var, num_batches_tracked, shared)
};
extern template class BatchNormNd<1>;
extern template class BatchNormNd<2>;
extern template class BatchNormNd<3>;
using BatchNorm1d = BatchNormNd<1>;
using BatchNorm2d = BatchNormNd<2>;
using BatchNorm3d = BatchNormNd<3>;

struct InstanceNormOptions {
  double eps = 1e-5;                     ///< added to the variance
  std::optional<double> momentum = 0.1;  ///< a batch's share in the running statistics; none: they do not change
  bool affine = false;
  bool track_running_stats = false;  ///< true: by the running statistics in eval mode
  bool bias = true;                  ///< false: no bias beside the weight
  TENON_FACTORY_OPTIONS;
};

/// The same for each channel of each element of the batch by itself.
///
/// InstanceNorm1d takes (N, C, L) or (C, L), InstanceNorm2d (N, C, H, W) or (C, H, W), InstanceNorm3d (N, C, D, H, W)
/// or (C, D, H, W). Without affine and running statistics any number of channels will do. Source:
/// torch.nn.InstanceNorm1d, InstanceNorm2d, InstanceNorm3d (Ulyanov, Vedaldi and Lempitsky 2016, "Instance
/// normalization").
template <int N>
class InstanceNormNd : public Module<InstanceNormNd<N>> {
 public:
  static constexpr std::string_view class_name =
      std::array{"", "InstanceNorm1d", "InstanceNorm2d", "InstanceNorm3d"}[N];

  int64_t num_features;
  double eps;
  std::optional<double> momentum;
  bool affine;
  bool track_running_stats;
  Parameter weight;            ///< (num_features); an empty slot without affine
  Parameter bias;              ///< (num_features); an empty slot without affine, or with {.bias = false}
  Buffer running_mean;         ///< (num_features); these three are empty slots without track_running_stats
  Buffer running_var;          ///< (num_features)
  Buffer num_batches_tracked;  ///< (), int64; stays 0, as in PyTorch

  explicit InstanceNormNd(int64_t num_features, const InstanceNormOptions& options = {});

  void reset_running_stats();
  void reset_parameters();
  std::string extra_repr() const override;
  int64_t state_dict_version() const override { return 2; }
  void upgrade_state_dict(LoadingState& loading) override;

 protected:
  Tensor forward(const Tensor& x) const;

  TENON_MODULE(InstanceNormNd, num_features, eps, momentum, affine, track_running_stats, weight, bias, running_mean,
               running_var, num_batches_tracked)
};
extern template class InstanceNormNd<1>;
extern template class InstanceNormNd<2>;
extern template class InstanceNormNd<3>;
using InstanceNorm1d = InstanceNormNd<1>;
using InstanceNorm2d = InstanceNormNd<2>;
using InstanceNorm3d = InstanceNormNd<3>;

}  // namespace tenon::nn

#pragma GCC visibility pop
