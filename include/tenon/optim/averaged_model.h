#pragma once
// Averages of a model's weights over a training. Source: torch.optim.swa_utils.
#include <concepts>
#include <cstdint>
#include <functional>
#include <tuple>
#include <utility>
#include <vector>

#include <tenon/creation.h>
#include <tenon/grad_mode.h>
#include <tenon/nn/module.h>

#pragma GCC visibility push(default)

namespace tenon::optim {

/// What an averaged tensor becomes when the n-th one (n ≥ 1 were averaged before) comes; called without recording.
using Average = std::function<Tensor(const Tensor& averaged, const Tensor& current, int64_t n)>;

/// The mean of all: stochastic weight averaging (Izmailov et al. 2018, "Averaging weights leads to wider optima and
/// better generalization"). Source: torch.optim.swa_utils.get_swa_multi_avg_fn.
Average equal_average();
/// averaged·decay + current·(1 − decay), an exponential moving average. An error for a decay that is not in [0, 1].
/// Source: torch.optim.swa_utils.get_ema_multi_avg_fn.
Average exponential_average(double decay = 0.999);

struct AveragedModelOptions {
  Average average = equal_average();
  bool use_buffers = false;  ///< average the buffers, too; else they are the model's of the last update
};

namespace detail {
void update_average(nn::ModuleBase& averaged, const Tensor& n_averaged, nn::ModuleBase& model,
                    const AveragedModelOptions& options);
}  // namespace detail

/// A copy of a model, whose parameters are averages of the model's: after each step, or each epoch,
/// `averaged.update_parameters(model)`. A call is one of the copy. Batch norms' statistics are of the last model, not
/// of the averaged weights: see update_bn(). Source: torch.optim.swa_utils.AveragedModel.
template <class M>
class AveragedModel : public nn::Module<AveragedModel<M>> {
 public:
  nn::Buffer n_averaged;  ///< (), int64
  M module;

  explicit AveragedModel(M& model, AveragedModelOptions options = {})
      : n_averaged(zeros({}, {int64})), module(model.clone()), options_(std::move(options)) {}

  /// The first one is copied. An error for a model of other parameters, before anything changes.
  void update_parameters(M& model) { detail::update_average(module, n_averaged, model, options_); }

 protected:
  template <class... A>
  decltype(auto) forward(A&&... inputs) {
    return module(std::forward<A>(inputs)...);
  }

 private:
  AveragedModelOptions options_;

  TENON_MODULE(AveragedModel, n_averaged, module, options_)
};

namespace detail {

/// While it lives, the model's batch norms gather statistics anew, in training mode; afterwards the modes and momenta
/// are what they were.
class GatherStatistics {
 public:
  explicit GatherStatistics(nn::ModuleBase& model);
  ~GatherStatistics();
  GatherStatistics(const GatherStatistics&) = delete;
  GatherStatistics& operator=(const GatherStatistics&) = delete;
  bool has_any() const { return !put_back_.empty(); }

 private:
  std::vector<std::pair<nn::ModuleBase*, bool>> training_;
  std::vector<std::function<void()>> put_back_;
};

template <class Batch>
decltype(auto) first_of(const Batch& batch) {
  if constexpr (std::convertible_to<const Batch&, const Tensor&>) return static_cast<const Tensor&>(batch);
  else return std::get<0>(batch);
}

}  // namespace detail

/// Batch norms' statistics for a model's weights as they are: the mean over all batches of a loader, of which the
/// model gets the tensor, or the first part. Nothing happens where there is no batch norm. Source:
/// torch.optim.swa_utils.update_bn.
template <class Loader, class M>
void update_bn(const Loader& loader, M& model) {
  const NoGrad guard;
  const detail::GatherStatistics gather(model);
  if (!gather.has_any()) return;
  for (const auto& batch : loader) model(detail::first_of(batch));
}

}  // namespace tenon::optim

#pragma GCC visibility pop
