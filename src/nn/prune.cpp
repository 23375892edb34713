#include <tenon/nn/prune.h>

#include <cmath>
#include <functional>

#include <tenon/creation.h>
#include <tenon/grad_mode.h>
#include <tenon/ops.h>
#include <tenon/random.h>

#include "nn/computed.h"
#include "nn/registered.h"
#include "tensor/layout.h"

namespace tenon::nn::prune {
namespace {

constexpr const char *original_suffix = "_orig", *mask_suffix = "_mask";

bool is_pruned_here(ModuleBase& module, const std::string& name) {
  if (!is_computed(module, name)) return false;
  for (const auto& parameter : module.tenon_state().registered->parameters)
    if (parameter.name == name + original_suffix) return true;
  return false;
}

Tensor original_of(ModuleBase& module, const std::string& name, const char* operation) {
  return is_pruned_here(module, name) ? module.get_parameter(name + original_suffix)
                                      : parameter_slot(module, name, operation);
}
Tensor mask_of(ModuleBase& module, const std::string& name, const char* operation) {
  return is_pruned_here(module, name) ? module.get_buffer(name + mask_suffix)
                                      : ones_like(original_of(module, name, operation));
}

Tensor masked(ModuleBase& module, const std::string& name) {
  return module.get_parameter(name + original_suffix) * module.get_buffer(name + mask_suffix);
}

void set_mask(ModuleBase& module, const std::string& name, const Tensor& mask, const char* operation) {
  if (is_pruned_here(module, name)) {
    module.get_buffer(name + mask_suffix) = mask;
    return compute_parameters(module);
  }
  const Parameter original = parameter_slot(module, name, operation);
  if (is_computed(module, name))
    fail(operation, "\"{}\" of {} is parametrized: remove that first", name, module.type_name());
  module.register_parameter(name + original_suffix, original);
  module.register_buffer(name + mask_suffix, Buffer(mask));
  start_computing(module, name, masked);
}

/// How many of `size` an amount is.
int64_t count_of(const Amount& amount, int64_t size, const char* operation) {
  if (amount.is_count ? amount.count < 0 : !(amount.fraction >= 0 && amount.fraction <= 1)) {
    if (amount.is_count) fail(operation, "expected an amount of 0 or more, got {}", amount.count);
    fail(operation, "expected a fraction between 0 and 1 or a whole number, got {}", amount.fraction);
  }
  if (!amount.is_count) return static_cast<int64_t>(std::nearbyint(amount.fraction * static_cast<double>(size)));
  if (amount.count > size) fail(operation, "the amount is {}, and there are only {} to prune", amount.count, size);
  return amount.count;
}

/// The mask without `amount` of its ones, those of the lowest scores; a vector as they.
Tensor without_lowest(const Tensor& mask, const std::function<Tensor(const Tensor& left)>& scores, const Amount& amount,
                      const char* operation) {
  const Tensor left = mask.ne(0).nonzero().squeeze(1);
  const int64_t count = count_of(amount, left.size(0), operation);
  if (count == 0) return mask;
  const Tensor lowest = scores(left).topk(count, 0, false).indices;
  return mask.index_fill(0, left.index_select(0, lowest), 0);
}

/// The lowest are those that drew the most.
Tensor drawn(const Tensor& left, DType dtype) { return -rand({left.size(0)}, {.dtype = dtype}); }

void prune_elements(const std::vector<OneOf>& parameters, const Amount& amount, const char* operation,
                    const std::function<Tensor(const Tensor& values, const Tensor& left)>& scores) {
  const NoGrad guard;
  std::vector<Tensor> masks, values;
  for (const auto& [module, name] : parameters) {
    const Tensor mask = mask_of(module, name, operation);
    masks.push_back(mask.flatten());
    values.push_back((original_of(module, name, operation) * mask).flatten());
  }
  if (masks.empty()) fail(operation, "expected one parameter or more");
  const Tensor all = cat(values);
  const Tensor mask = without_lowest(
      cat(masks), [&](const Tensor& left) { return scores(all, left); }, amount, operation);
  int64_t at = 0;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const auto& [module, name] = parameters[i];
    const Tensor original = original_of(module, name, operation);
    set_mask(module, name, mask.narrow(0, at, original.numel()).reshape(original.shape()).clone().to(original.dtype()),
             operation);
    at += original.numel();
  }
}

Tensor sizes(const Tensor& values, const Tensor& left) { return values.index_select(0, left).abs(); }
Tensor at_random(const Tensor& values, const Tensor& left) { return drawn(left, values.dtype()); }

struct Channels {
  Tensor mask;    ///< of the parameter
  Tensor values;  ///< the parameter as it is
  int64_t dim;
};

Channels channels_of(ModuleBase& module, const std::string& name, int64_t dim, const char* operation) {
  Channels c{mask_of(module, name, operation), original_of(module, name, operation), dim};
  if (c.values.dim() < 2)
    fail(operation, "channels can be pruned of two dimensions or more, and \"{}\" has shape {}", name,
         c.values.shape().to_string());
  c.dim = wrap_dim(dim, c.values.dim(), operation);
  c.values = c.values * c.mask;
  return c;
}

/// Of each index of `dim`, the n-norm.
Tensor norms(const Tensor& values, double n, int64_t dim) { return values.movedim({dim}, {0}).flatten(1).norm(n, {1}); }

void prune_channels(ModuleBase& module, const std::string& name, const Channels& c, const Amount& amount,
                    const std::function<Tensor(const Tensor& left)>& scores, const char* operation) {
  const Tensor kept = c.mask.movedim({c.dim}, {0}).flatten(1).sum({1}).ne(0).to(c.mask.dtype());
  Shape along(c.mask.shape().size(), int64_t{1});
  along[static_cast<std::size_t>(c.dim)] = -1;
  set_mask(module, name, c.mask * without_lowest(kept, scores, amount, operation).reshape(along), operation);
}

void check_importance(const Tensor& importance, const Tensor& values, const char* operation) {
  if (importance.defined() && importance.shape() != values.shape())
    fail(operation, "expected an importance for each element, of shape {}, got {}", values.shape().to_string(),
         importance.shape().to_string());
}

}  // namespace

void l1_unstructured(ModuleBase& module, const std::string& name, const Amount& amount, const Tensor& importance) {
  constexpr const char* operation = "l1_unstructured";
  check_importance(importance, original_of(module, name, operation), operation);
  prune_elements({{module, name}}, amount, operation, [&](const Tensor& values, const Tensor& left) {
    return sizes(importance.defined() ? importance.flatten() : values, left);
  });
}

void random_unstructured(ModuleBase& module, const std::string& name, const Amount& amount) {
  prune_elements({{module, name}}, amount, "random_unstructured", at_random);
}

void ln_structured(ModuleBase& module, const std::string& name, const Amount& amount, double n, int64_t dim,
                   const Tensor& importance) {
  constexpr const char* operation = "ln_structured";
  const NoGrad guard;
  const Channels c = channels_of(module, name, dim, operation);
  check_importance(importance, c.values, operation);
  const auto scores = [&](const Tensor& left) {
    return norms(importance.defined() ? importance : c.values, n, c.dim).index_select(0, left);
  };
  prune_channels(module, name, c, amount, scores, operation);
}

void random_structured(ModuleBase& module, const std::string& name, const Amount& amount, int64_t dim) {
  constexpr const char* operation = "random_structured";
  const NoGrad guard;
  const Channels c = channels_of(module, name, dim, operation);
  const auto scores = [](const Tensor& left) { return rand({left.size(0)}); };
  prune_channels(module, name, c, amount, scores, operation);
}

void custom_from_mask(ModuleBase& module, const std::string& name, const Tensor& mask) {
  constexpr const char* operation = "custom_from_mask";
  const NoGrad guard;
  const Tensor now = mask_of(module, name, operation);
  if (!mask.defined() || mask.shape() != now.shape())
    fail(operation, "expected a mask of shape {}, got {}", now.shape().to_string(),
         mask.defined() ? mask.shape().to_string() : "an undefined tensor");
  set_mask(module, name, now * mask.to(now.dtype()), operation);
}

void identity(ModuleBase& module, const std::string& name) {
  const NoGrad guard;
  set_mask(module, name, mask_of(module, name, "identity"), "identity");
}

void global_l1_unstructured(const std::vector<OneOf>& parameters, const Amount& amount) {
  prune_elements(parameters, amount, "global_l1_unstructured", sizes);
}
void global_random_unstructured(const std::vector<OneOf>& parameters, const Amount& amount) {
  prune_elements(parameters, amount, "global_random_unstructured", at_random);
}

void remove(ModuleBase& module, const std::string& name) {
  if (!is_pruned_here(module, name)) fail("remove", "\"{}\" of {} is not pruned", name, module.type_name());
  const NoGrad guard;
  const Parameter original = module.get_parameter(name + original_suffix);
  original.set_data(masked(module, name).detach());
  stop_computing(module, name, original);
  module.unregister_parameter(name + original_suffix);
  module.unregister_buffer(name + mask_suffix);
}

bool is_pruned(const ModuleBase& module) {
  for (ModuleBase& m : const_cast<ModuleBase&>(module).modules()) {  // it changes nothing
    if (!m.tenon_state().registered) continue;
    for (const auto& computed : m.tenon_state().registered->computed)
      if (is_pruned_here(m, computed.name)) return true;
  }
  return false;
}

}  // namespace tenon::nn::prune
