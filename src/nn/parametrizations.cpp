// The parametrizations of torch.nn.utils.parametrizations.
#include <cmath>

#include <tenon/grad_mode.h>
#include <tenon/nn/functional/normalization.h>
#include <tenon/nn/parametrize.h>
#include <tenon/ops.h>
#include <tenon/random.h>

#include "tensor/layout.h"

namespace tenon::nn::parametrizations {
namespace {

/// ‖v‖ for each index of a dimension, as wide as v; without one, of all.
Tensor norms(const Tensor& v, const std::optional<int64_t>& dim) {
  if (!dim) return v.norm();
  Shape others;
  for (int64_t d = 0; d < v.dim(); ++d)
    if (d != *dim) others.push_back(d);
  return others.empty() ? v.abs() : v.norm(2, others, true);
}

class WeightNorm : public Module<WeightNorm> {
 public:
  static constexpr std::string_view class_name = "_WeightNorm";
  std::optional<int64_t> dim;

  explicit WeightNorm(std::optional<int64_t> dim_) : dim(dim_) {}

  std::vector<Tensor> right_inverse(const Tensor& weight) const { return {norms(weight, dim), weight}; }

 protected:
  Tensor forward(const Tensor& length, const Tensor& direction) const {
    return direction * (length / norms(direction, dim));
  }

  TENON_MODULE(WeightNorm, dim)
};

Tensor unit(const Tensor& x, double eps) { return functional::normalize(x, {.dim = 0, .eps = eps}); }

class SpectralNorm : public Module<SpectralNorm> {
 public:
  static constexpr std::string_view class_name = "_SpectralNorm";
  int64_t dim, n_power_iterations;
  double eps;
  Buffer _u, _v;  // PyTorch's keys

  SpectralNorm(const Tensor& weight, int64_t dim_, const SpectralNormOptions& options)
      : dim(dim_), n_power_iterations(options.n_power_iterations), eps(options.eps) {
    if (weight.dim() < 2) return;
    const NoGrad guard;
    const Tensor w = matrix(weight);
    const auto drawn = [&](int64_t n) { return unit(w.new_empty({n}).normal_(0, 1), eps); };
    _u = Buffer(drawn(w.size(0)));
    _v = Buffer(drawn(w.size(1)));
    iterate(w, 15);
  }

  Tensor right_inverse(const Tensor& value) const { return value; }

 protected:
  Tensor forward(const Tensor& weight) {
    if (weight.dim() == 1) return unit(weight, eps);
    const Tensor w = matrix(weight);
    if (tenon_state_.training) iterate(w.detach(), n_power_iterations);
    const Tensor u = _u.clone(), v = _v.clone();  // of this call: the next one changes them in place
    return weight / u.dot(w.mv(v));
  }

 private:
  /// (size(dim), the rest).
  Tensor matrix(const Tensor& weight) const { return weight.movedim({dim}, {0}).flatten(1); }

  void iterate(const Tensor& w, int64_t times) const {
    const NoGrad guard;
    for (int64_t i = 0; i < times; ++i) {
      _u.copy_(unit(w.mv(_v), eps));
      _v.copy_(unit(w.mT().mv(_u), eps));
    }
  }

  TENON_MODULE(SpectralNorm, dim, n_power_iterations, eps, _u, _v)
};

/// Files that PyTorch's older weight_norm wrote have the two under other names.
void load_older_names(ModuleBase& module, const std::string& name) {
  module.register_load_state_dict_pre_hook([name](ModuleBase&, LoadingState& loading) {
    const auto rename = [&](const std::string& from, const std::string& to) {
      const Value* value = loading.state_dict.find(loading.prefix + from);
      if (!value) return;
      const Value moved = *value;
      loading.state_dict.erase(loading.prefix + from);
      loading.state_dict.set(loading.prefix + "parametrizations." + name + "." + to, moved);
    };
    if (!loading.state_dict.contains(loading.prefix + name + "_g") ||
        !loading.state_dict.contains(loading.prefix + name + "_v"))
      return;
    rename(name + "_g", "original0");
    rename(name + "_v", "original1");
  });
}

const Parameter& weight_of(ModuleBase& module, const std::string& name, const char* operation) {
  for (const NamedParameter& p : module.named_parameters({.recurse = false}))
    if (p.name == name) return module.get_parameter(name);
  if (parametrize::is_parametrized(module, name)) fail(operation, "\"{}\" is parametrized already", name);
  fail(operation, "{} has no parameter \"{}\" of its own", module.type_name(), name);
}

}  // namespace

void weight_norm(ModuleBase& module, const std::string& name, std::optional<int64_t> dim) {
  const Parameter& weight = weight_of(module, name, "weight_norm");
  if (dim) dim = wrap_dim(*dim, weight.dim(), "weight_norm");
  parametrize::register_parametrization(module, name, WeightNorm(dim), {.unsafe = true});
  load_older_names(module, name);
}

void spectral_norm(ModuleBase& module, const std::string& name, const SpectralNormOptions& options) {
  if (options.n_power_iterations <= 0)
    fail("spectral_norm", "expected 1 power iteration or more, got {}", options.n_power_iterations);
  const Parameter& weight = weight_of(module, name, "spectral_norm");
  const int64_t outputs = module.type_name().starts_with("ConvTranspose") ? 1 : 0;
  const int64_t dim = weight.dim() < 2 ? 0 : wrap_dim(options.dim.value_or(outputs), weight.dim(), "spectral_norm");
  parametrize::register_parametrization(module, name, SpectralNorm(weight, dim, options));
}

}  // namespace tenon::nn::parametrizations
