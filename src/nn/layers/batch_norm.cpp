#include <tenon/nn/layers/batch_norm.h>

#include <tenon/nn/functional/normalization.h>
#include <tenon/nn/init.h>

#include "nn/extra_repr.h"
#include "nn/layers/factory.h"

namespace tenon::nn {
namespace {

// ---- what batch and instance normalisation share

/// "(N, 3) or (N, 3, L)" and the like.
std::string with_batch(int n, const std::string& channels) {
  const std::string places = std::array{"", ", L", ", H, W", ", D, H, W"}[static_cast<std::size_t>(n)];
  return "(N, " + channels + places + ")";
}
std::string without_batch(int n, const std::string& channels) {
  const std::string all = with_batch(n, channels);
  return "(" + all.substr(4);
}

template <class M, class Options>
void make(M& module, const Options& options) {
  if (module.num_features < 0) fail(M::class_name, "expected a num_features of 0 or more, got {}", module.num_features);
  const TensorOptions made = factory(options);
  if (options.affine) {
    module.weight = Parameter(empty({module.num_features}, made));
    if (options.bias) module.bias = Parameter(empty({module.num_features}, made));
  }
  if (options.track_running_stats) {
    module.running_mean = empty({module.num_features}, made);
    module.running_var = empty({module.num_features}, made);
    module.num_batches_tracked = empty({}, {.dtype = int64, .device = made.device});
  }
  module.reset_parameters();
}

template <class M>
void reset_statistics(M& module) {
  if (!module.running_mean.defined()) return;
  module.running_mean.zero_();
  module.running_var.fill_(1);
  module.num_batches_tracked.zero_();
}

template <class M>
void reset(M& module) {
  module.reset_running_stats();
  if (module.weight.defined()) init::ones_(module.weight);
  if (module.bias.defined()) init::zeros_(module.bias);
}

template <class M>
std::string repr(const M& module, bool sync = false) {
  return extra_repr_of({{module.num_features},
                        {"eps", module.eps},
                        {"momentum", module.momentum},
                        {"affine", module.affine},
                        {"bias", module.bias.defined()},
                        {"track_running_stats", module.track_running_stats},
                        {"sync", sync, false}});
}

/// Before version 2 the batches were not counted.
void add_count(LoadingState& loading, const Tensor& count) {
  if (!count.defined() || loading.version.value_or(0) >= 2) return;
  std::string key = loading.prefix + "num_batches_tracked";
  if (!loading.state_dict.contains(key))
    loading.state_dict.set(std::move(key), count.is_meta() ? zeros({}, {.dtype = int64}) : Tensor(count));
}

}  // namespace

template <int N>
BatchNormNd<N>::BatchNormNd(int64_t num_features_, const BatchNormOptions& o)
    : num_features(num_features_),
      eps(o.eps),
      momentum(o.momentum),
      affine(o.affine),
      track_running_stats(o.track_running_stats) {
  make(*this, o);
}

template <int N>
void BatchNormNd<N>::reset_running_stats() {
  reset_statistics(*this);
}

template <int N>
void BatchNormNd<N>::reset_parameters() {
  reset(*this);
}

template <int N>
std::string BatchNormNd<N>::extra_repr() const {
  return repr(*this, shared.gather_statistics != nullptr);
}

template <int N>
void BatchNormNd<N>::upgrade_state_dict(LoadingState& loading) {
  add_count(loading, num_batches_tracked);
}

template <int N>
Tensor BatchNormNd<N>::forward(const Tensor& x) const {
  const bool fits = x.dim() == N + 2 || (N == 1 && x.dim() == 2);
  if (!fits || x.size(1) != num_features) {
    const std::string channels = std::to_string(num_features);
    fail(class_name, "expected an input of shape {}{}, got {}", N == 1 ? "(N, " + channels + ") or " : "",
         with_batch(N, channels), x.shape().to_string());
  }
  const bool training = tenon_state_.training, follows = training && track_running_stats;
  const bool counts = follows && num_batches_tracked.defined();
  double share = momentum.value_or(0);
  if (!momentum && counts && !num_batches_tracked.is_meta())
    share = 1 / static_cast<double>(num_batches_tracked.template item<int64_t>() + 1);
  const Tensor none;
  const bool shown = !training || follows;
  Tensor y = functional::batch_norm(
      x, shown ? running_mean : none, shown ? running_var : none,
      {.weight = weight,
       .bias = bias,
       .training = training || (!running_mean.defined() && !running_var.defined()),
       .momentum = share,
       .eps = eps,
       .gather_statistics = training ? shared.gather_statistics : functional::GatherStatistics()});
  if (counts) num_batches_tracked.add_(1);
  return y;
}

template class BatchNormNd<1>;
template class BatchNormNd<2>;
template class BatchNormNd<3>;

template <int N>
InstanceNormNd<N>::InstanceNormNd(int64_t num_features_, const InstanceNormOptions& o)
    : num_features(num_features_),
      eps(o.eps),
      momentum(o.momentum),
      affine(o.affine),
      track_running_stats(o.track_running_stats) {
  make(*this, o);
}

template <int N>
void InstanceNormNd<N>::reset_running_stats() {
  reset_statistics(*this);
}

template <int N>
void InstanceNormNd<N>::reset_parameters() {
  reset(*this);
}

template <int N>
std::string InstanceNormNd<N>::extra_repr() const {
  return repr(*this);
}

template <int N>
void InstanceNormNd<N>::upgrade_state_dict(LoadingState& loading) {
  add_count(loading, num_batches_tracked);
  if (loading.version || track_running_stats) return;
  for (const char* name : {"running_mean", "running_var"}) {  // which all had before version 1
    const std::string key = loading.prefix + name;
    if (!loading.state_dict.contains(key)) continue;
    loading.errors.push_back(
        fmt::format("Unexpected running stats buffer \"{}\" for {} with track_running_stats=False: a state dict from "
                    "before PyTorch "
                    "0.4.0 has it. Take it out, or make the layer with track_running_stats = true.",
                    key, class_name));
    loading.state_dict.erase(key);
  }
}

template <int N>
Tensor InstanceNormNd<N>::forward(const Tensor& x) const {
  const bool batched = x.dim() == N + 2, fits = batched || x.dim() == N + 1;
  const bool any_channels = !weight.defined() && !running_mean.defined();
  if (!fits || (!any_channels && x.size(batched ? 1 : 0) != num_features)) {
    const std::string channels = any_channels ? "C" : std::to_string(num_features);
    fail(class_name, "expected an input of shape {} or {}, got {}", with_batch(N, channels), without_batch(N, channels),
         x.shape().to_string());
  }
  const Tensor y = functional::instance_norm(batched ? x : x.unsqueeze(0), running_mean, running_var,
                                             {.weight = weight,
                                              .bias = bias,
                                              .use_input_stats = tenon_state_.training || !track_running_stats,
                                              .momentum = momentum.value_or(0),
                                              .eps = eps});
  return batched ? y : y.squeeze(0);
}

template class InstanceNormNd<1>;
template class InstanceNormNd<2>;
template class InstanceNormNd<3>;

}  // namespace tenon::nn
