#include <tenon/optim/averaged_model.h>

#include <tenon/nn/layers/batch_norm.h>
#include <tenon/ops.h>

namespace tenon::optim {

Average equal_average() {
  return [](const Tensor& averaged, const Tensor& current, int64_t n) {
    if (is_floating_point(averaged.dtype())) return averaged.lerp(current, 1 / static_cast<double>(n + 1));
    return averaged + (current - averaged) / static_cast<double>(n + 1);
  };
}

Average exponential_average(double decay) {
  if (!(decay >= 0 && decay <= 1)) fail("exponential_average", "expected a decay between 0 and 1, got {}", decay);
  return [decay](const Tensor& averaged, const Tensor& current, int64_t) {
    if (is_floating_point(averaged.dtype())) return averaged.lerp(current, 1 - decay);
    return averaged * decay + current * (1 - decay);
  };
}

void detail::update_average(nn::ModuleBase& averaged, const Tensor& n_averaged, nn::ModuleBase& model,
                            const AveragedModelOptions& options) {
  const NoGrad guard;
  struct Pair {
    Tensor to, from;
  };
  std::vector<Pair> means, copies;
  const auto pair = [](std::vector<Pair>& pairs, const char* what, const auto& ours, const auto& theirs, auto tensor) {
    if (ours.size() != theirs.size())
      fail("AveragedModel", "the copy has {} {}, the model {}", ours.size(), what, theirs.size());
    for (std::size_t i = 0; i < ours.size(); ++i) {
      const Tensor &to = ours[i].*tensor, &from = theirs[i].*tensor;
      if (to.shape() != from.shape())
        fail("AveragedModel", "{} is {} in the copy and {} in the model", ours[i].name, to.shape().to_string(),
             from.shape().to_string());
      pairs.push_back({to, from});
    }
  };
  pair(means, "parameters", averaged.named_parameters(), model.named_parameters(), &nn::NamedParameter::parameter);
  pair(options.use_buffers ? means : copies, "buffers", averaged.named_buffers(), model.named_buffers(),
       &nn::NamedBuffer::buffer);

  const int64_t n = n_averaged.item<int64_t>();
  for (const auto& [to, from] : means)
    to.copy_(n == 0 ? from.detach() : options.average(to.detach(), from.detach().to(to.device()), n));
  for (const auto& [to, from] : copies) to.copy_(from.detach());
  n_averaged.add_(1);
}

namespace {

template <int N>
bool begin_anew(nn::ModuleBase& module, std::vector<std::function<void()>>& put_back) {
  auto* const norm = dynamic_cast<nn::BatchNormNd<N>*>(&module);
  if (!norm) return false;
  norm->reset_running_stats();
  put_back.emplace_back([norm, momentum = norm->momentum] { norm->momentum = momentum; });
  norm->momentum.reset();
  return true;
}

}  // namespace

detail::GatherStatistics::GatherStatistics(nn::ModuleBase& model) {
  for (nn::ModuleBase& module : model.modules()) {
    training_.emplace_back(&module, module.training());
    static_cast<void>(begin_anew<1>(module, put_back_) || begin_anew<2>(module, put_back_) ||
                      begin_anew<3>(module, put_back_));
  }
  if (has_any()) model.train();
}

detail::GatherStatistics::~GatherStatistics() {
  for (const auto& put_back : put_back_) put_back();
  if (!has_any()) return;
  for (const auto& [module, was_training] : training_) module->train(was_training);  // from the root down
}

}  // namespace tenon::optim
