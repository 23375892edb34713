#include "nn/computed.h"

#include <algorithm>

#include "nn/registered.h"

namespace tenon::nn {
namespace {

/// A module's own parameters, also those that are not listed.
class FindParameter : public Visitor {
 public:
  FindParameter(ModuleBase& module, std::string_view name) : name_(name) {
    module.tenon_visit(*this);
    if (const auto& registered = module.tenon_state().registered)
      for (auto& [key, parameter] : registered->parameters) this->parameter(key, parameter);
  }
  void parameter(std::string_view key, Parameter& parameter) override {
    if (key == name_) found = &parameter;
  }
  Parameter* found = nullptr;

 private:
  std::string_view name_;
};

}  // namespace

Parameter& parameter_slot(ModuleBase& module, std::string_view name, std::string_view operation) {
  Parameter* const slot = FindParameter(module, name).found;
  if (!slot) fail(operation, "{} has no parameter \"{}\" of its own", module.type_name(), name);
  if (!slot->defined()) fail(operation, "\"{}\" of {} is an empty slot", name, module.type_name());
  return *slot;
}

bool is_computed(ModuleBase& module, std::string_view name) {
  const auto& registered = module.tenon_state().registered;
  return registered && std::any_of(registered->computed.begin(), registered->computed.end(),
                                   [&](const auto& c) { return c.name == name; });
}

void start_computing(ModuleBase& module, const std::string& name, Compute compute) {
  const auto& registered = detail::registered_with(module);
  if (registered->computed.empty())
    registered->computing =
        module.register_forward_pre_hook([](ModuleBase& called, Tensors) { compute_parameters(called); });
  registered->computed.push_back({name, compute});
  compute_parameters(module);
}

void stop_computing(ModuleBase& module, const std::string& name, Parameter parameter) {
  const auto& registered = detail::registered_with(module);
  std::erase_if(registered->computed, [&](const auto& c) { return c.name == name; });
  if (registered->computed.empty()) registered->computing.remove();
  *FindParameter(module, name).found = std::move(parameter);
}

void compute_parameters(ModuleBase& module) {
  const auto registered = module.tenon_state().registered;
  if (!registered) return;
  for (const auto& [name, compute] : registered->computed)
    static_cast<Tensor&>(*FindParameter(module, name).found) = compute(module, name);
}

}  // namespace tenon::nn
