#pragma once
// Weights set to 0 for good: a parameter is computed as `weight_orig`, which is trained, times `weight_mask` of ones
// and zeros. Pruning again prunes some of what was left. Source: torch.nn.utils.prune.
#include <concepts>
#include <cstdint>
#include <string>
#include <vector>

#include <tenon/nn/module_base.h>

#pragma GCC visibility push(default)

namespace tenon::nn::prune {

/// How much of what is left is to go: a fraction between 0 and 1, or a number of elements (or channels).
struct Amount {
  Amount(double fraction_) : fraction(fraction_), is_count(false) {}
  template <std::integral T>
  requires(!std::same_as<T, bool>) Amount(T count_) : count(static_cast<int64_t>(count_)), is_count(true) {}

  double fraction = 0;
  int64_t count = 0;
  bool is_count;
};

// Each makes the parameter `name` of the module `name`_orig times `name`_mask. An error, and nothing is changed, where
// there is no such parameter, or the amount is more than there is.

/// Prunes the elements of the smallest size; `importance` (the parameter's shape) stands for their sizes where given.
void l1_unstructured(ModuleBase& module, const std::string& name, const Amount& amount, const Tensor& importance = {});
/// Prunes elements at random, drawn by the default generator.
void random_unstructured(ModuleBase& module, const std::string& name, const Amount& amount);
/// Prunes whole channels, the indices of `dim`, of the smallest n-norm.
void ln_structured(ModuleBase& module, const std::string& name, const Amount& amount, double n, int64_t dim,
                   const Tensor& importance = {});
/// Prunes whole channels at random.
void random_structured(ModuleBase& module, const std::string& name, const Amount& amount, int64_t dim);
/// Prunes where the mask, of the parameter's shape, is 0.
void custom_from_mask(ModuleBase& module, const std::string& name, const Tensor& mask);
/// Prunes nothing: a mask of ones.
void identity(ModuleBase& module, const std::string& name);

/// A parameter of a model, by its module and name.
struct OneOf {
  ModuleBase& module;
  std::string name;
};
/// l1_unstructured() of several parameters, as of one vector.
void global_l1_unstructured(const std::vector<OneOf>& parameters, const Amount& amount);
/// random_unstructured() of several parameters, as of one vector.
void global_random_unstructured(const std::vector<OneOf>& parameters, const Amount& amount);

/// Makes the pruning part of the parameter: it is one of its own again, with zeros where it was pruned. The Parameter
/// is the one that it was before. An error where it is not pruned.
void remove(ModuleBase& module, const std::string& name);

/// Whether the module, or one below it, has a pruned parameter.
bool is_pruned(const ModuleBase& module);

}  // namespace tenon::nn::prune

namespace tenon::nn::utils {
namespace prune = nn::prune;
}  // namespace tenon::nn::utils

#pragma GCC visibility pop
