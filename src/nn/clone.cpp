#include <tenon/nn/clone.h>

#include <unordered_map>

#include <tenon/autograd.h>
#include <tenon/creation.h>

#include "nn/registered.h"

namespace tenon::nn {

namespace detail {

struct Cloner::Memo {
  std::unordered_map<const TensorImpl*, Tensor> tensors;
  std::unordered_map<const void*, std::shared_ptr<void>> shared;
};

Cloner::Cloner(What what) : what_(what), memo_(std::make_unique<Memo>()) {}
Cloner::~Cloner() = default;

Tensor Cloner::tensor(const Tensor& original) {
  if (!original.defined()) return {};
  const auto [at, is_new] = memo_->tensors.try_emplace(original.impl());
  if (is_new) {
    const NoGrad guard;
    at->second = what_ == What::shapes ? empty_like(original, {.device = kMeta}) : original.clone();
    if (original.is_leaf() && original.requires_grad()) at->second.requires_grad_();
  }
  return at->second;
}

std::shared_ptr<void>& Cloner::shared(const void* original) { return memo_->shared[original]; }

std::shared_ptr<Registered> Cloner::registered(const std::shared_ptr<Registered>& original) {
  if (!original) return nullptr;
  auto copy = std::make_shared<Registered>(*original);
  for (auto& [name, parameter] : copy->parameters) parameter = cloned(*this, parameter);
  for (auto& [name, buffer] : copy->buffers) buffer = cloned(*this, buffer);
  for (auto& [name, module] : copy->modules) module = cloned(*this, module);
  return copy;
}

}  // namespace detail

std::unique_ptr<ModuleBase> ModuleBase::clone() {
  detail::Cloner cloner;
  return tenon_clone(cloner);
}

}  // namespace tenon::nn
