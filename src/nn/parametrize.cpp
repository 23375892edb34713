#include <tenon/nn/parametrize.h>

#include <algorithm>

#include <tenon/grad_mode.h>
#include <tenon/nn/module_dict.h>

#include "nn/computed.h"
#include "nn/entries.h"

namespace tenon::nn::parametrize {
namespace {

constexpr const char* holder = "parametrizations";

ModuleBase* child_of(ModuleBase& module, std::string_view name) {
  for (const auto& [key, child] : Entries(module).children)
    if (key == name) return child;
  return nullptr;
}

ParametrizationList& list_of(ModuleBase& module, std::string_view name, std::string_view operation) {
  if (!is_parametrized(module, name)) fail(operation, "\"{}\" of {} is not parametrized", name, module.type_name());
  return static_cast<ParametrizationList&>(*child_of(*child_of(module, holder), name));
}

Tensor compute_one(ModuleBase& module, const std::string& name) { return list_of(module, name, "parametrize")(); }

void check_result(const Tensor& result, const Tensor& parameter, const ModuleBase& parametrization) {
  if (!result.defined() || result.shape() != parameter.shape() || result.dtype() != parameter.dtype())
    fail("register_parametrization",
         "{} makes {} of a parameter of shape {} and type {}: it must keep both, or be registered with .unsafe = true",
         parametrization.type_name(),
         result.defined() ? fmt::format("shape {} and type {}", result.shape().to_string(), result.dtype())
                          : "an undefined tensor",
         parameter.shape().to_string(), parameter.dtype());
}

/// What the first parametrization of a parameter is computed from: the parameter itself, with other data perhaps, or
/// several new ones. `values` are what right_inverse() gave.
std::vector<Parameter> originals_from(const Parameter& parameter, const std::vector<Tensor>& values) {
  const NoGrad guard;
  if (values.size() == 1) {
    if (!values[0].is_same(parameter)) parameter.set_data(values[0].detach());
    return {parameter};
  }
  std::vector<Parameter> originals;
  for (const Tensor& value : values)
    originals.emplace_back(value.detach(), ParameterOptions{.requires_grad = parameter.requires_grad()});
  return originals;
}

}  // namespace

std::vector<Parameter> ParametrizationList::originals() const { return parameters(false); }

ModuleBase& ParametrizationList::parametrization(std::size_t i) { return *child_of(*this, std::to_string(i)); }

void ParametrizationList::append(const std::shared_ptr<ModuleBase>& parametrization, const Functions& functions) {
  register_module(std::to_string(functions_.size()), parametrization);
  functions_.push_back(functions);
}

Tensor ParametrizationList::forward() {
  std::vector<Tensor> values;
  for (const Parameter& original : originals()) values.push_back(original);
  for (std::size_t i = 0; i < functions_.size(); ++i) values = {functions_[i].forward(parametrization(i), values)};
  return values.at(0);
}

void ParametrizationList::assign(const Tensor& value) {
  const NoGrad guard;
  std::vector<Tensor> values{value};
  for (std::size_t i = functions_.size(); i-- > 0;) {
    if (!functions_[i].right_inverse)
      fail("assign", "{} has no right_inverse(), so that its result cannot be assigned",
           parametrization(i).type_name());
    values = functions_[i].right_inverse(parametrization(i), values[0]);
  }
  const std::vector<Parameter> now = originals();
  if (values.size() != now.size())
    fail("assign", "right_inverse() of {} gives {} tensors, and there are {} originals", parametrization(0).type_name(),
         values.size(), now.size());
  for (std::size_t i = 0; i < now.size(); ++i)
    if (values[i].shape() != now[i].shape())
      fail("assign", "right_inverse() of {} gives shape {} for an original of shape {}", parametrization(0).type_name(),
           values[i].shape().to_string(), now[i].shape().to_string());
  for (std::size_t i = 0; i < now.size(); ++i) now[i].copy_(values[i]);
}

void detail::fail_originals(const ModuleBase& parametrization, std::size_t expected, std::size_t got) {
  fail("register_parametrization", "forward() of {} takes {} originals, and right_inverse() gave {}",
       parametrization.type_name(), expected, got);
}

void detail::register_parametrization(ModuleBase& module, const std::string& name,
                                      const std::shared_ptr<ModuleBase>& parametrization,
                                      const ParametrizationList::Functions& functions,
                                      const ParametrizationOptions& options) {
  constexpr const char* operation = "register_parametrization";
  const Parameter parameter = parameter_slot(module, name, operation);
  if (is_parametrized(module, name)) {
    ParametrizationList& list = list_of(module, name, operation);
    if (!options.unsafe) {
      const NoGrad guard;
      const Tensor before = list();
      check_result(functions.forward(*parametrization, {before}), before, *parametrization);
    }
    list.append(parametrization, functions);
    return compute_parameters(module);
  }
  if (is_computed(module, name))
    fail(operation, "\"{}\" of {} is computed already: remove its pruning first", name, module.type_name());
  std::vector<Tensor> values{parameter};
  {
    const NoGrad guard;
    if (functions.right_inverse) values = functions.right_inverse(*parametrization, parameter.detach());
    if (values.empty()) fail(operation, "right_inverse() of {} gives no tensors", parametrization->type_name());
    if (!options.unsafe) check_result(functions.forward(*parametrization, values), parameter, *parametrization);
  }
  const bool is_new = !child_of(module, holder);
  if (is_new) module.register_module(holder, ModuleDict<>());
  const auto list = std::make_shared<ParametrizationList>();
  list->train(module.training());
  const std::vector<Parameter> originals = originals_from(parameter, values);
  for (std::size_t i = 0; i < originals.size(); ++i)
    list->register_parameter(originals.size() == 1 ? "original" : fmt::format("original{}", i), originals[i]);
  list->append(parametrization, functions);
  child_of(module, holder)->register_module(name, list);
  start_computing(module, name, compute_one);
}

bool is_parametrized(const ModuleBase& module, std::optional<std::string_view> name) {
  auto& m = const_cast<ModuleBase&>(module);  // it changes nothing; it is not const since a visitor may
  if (!m.tenon_state().registered) return false;
  ModuleBase* const lists = child_of(m, holder);
  if (!lists) return false;
  if (!name) return !lists->children().empty();
  return is_computed(m, *name) && child_of(*lists, *name);
}

void compute(ModuleBase& module) { compute_parameters(module); }

void assign(ModuleBase& module, std::string_view name, const Tensor& value) {
  list_of(module, name, "assign").assign(value);
  compute_parameters(module);
}

void remove_parametrizations(ModuleBase& module, const std::string& name, bool leave_parametrized) {
  ParametrizationList& list = list_of(module, name, "remove_parametrizations");
  const std::vector<Parameter> originals = list.originals();
  if (!leave_parametrized && originals.size() != 1)
    fail("remove_parametrizations",
         "\"{}\" of {} is computed from {} tensors, of which none is the parameter: leave it parametrized", name,
         module.type_name(), originals.size());
  Parameter parameter = originals[0];
  if (leave_parametrized) {
    const NoGrad guard;
    const Tensor value = list().detach().clone();
    if (originals.size() == 1) parameter.set_data(value);
    else parameter = Parameter(value, {.requires_grad = originals[0].requires_grad()});
  }
  stop_computing(module, name, parameter);
  ModuleBase& lists = *child_of(module, holder);
  lists.unregister_module(name);
  if (lists.children().empty()) module.unregister_module(holder);
}

}  // namespace tenon::nn::parametrize
