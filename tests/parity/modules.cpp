// Layers: printed text, outputs, gradients of inputs and parameters, buffers after the call.
#include <map>

#include "modules/layers.h"
#include "subcommands.h"

namespace tenon::parity {
namespace {

std::map<std::string, Builder>& builders() {
  static std::map<std::string, Builder> all;
  return all;
}

void fill(nn::ModuleBase& module, const nlohmann::json& state, const Bundle& bundle) {
  const NoGrad guard;
  std::size_t filled = 0;
  for (const auto& [name, parameter] : module.named_parameters())
    if (state.contains(name)) {
      parameter.copy_(bundle.tensor(state[name]));
      ++filled;
    }
  for (const auto& [name, buffer] : module.named_buffers())
    if (state.contains(name)) {
      buffer.copy_(bundle.tensor(state[name]));
      ++filled;
    }
  if (filled != state.size())
    throw std::runtime_error("the module has not the parameters and buffers that the case gives");
}

/// A tensor, or integers (lengths) as one.
Tensor input_of(const nlohmann::json& given, const Bundle& bundle) {
  return given.is_array() ? tensor(given.get<std::vector<int64_t>>()) : bundle.tensor(given);
}

/// Puts the module into the case's state, and looks at its text.
void prepare(Case& one, nn::ModuleBase& module, const nlohmann::json& c, const Bundle& bundle) {
  fill(module, member(c, "state"), bundle);
  module.train(member(c, "training").get<bool>());
  const std::string text = module.to_string(), wanted = member(c, "repr").get<std::string>();
  one.check(text == wanted, fmt::format("prints {} instead of {}", text, wanted));
}

/// What the module has after the call and the backward pass.
void check_state(Case& one, nn::ModuleBase& module, const nlohmann::json& c, const Bundle& bundle) {
  for (const auto& [name, parameter] : module.named_parameters())
    if (c["grad_params"].contains(name) && !c["grad_params"][name].is_null())
      one.compare("gradient of " + name, parameter.grad(), bundle.tensor(c["grad_params"][name]), gradients);
  if (!c.contains("buffers_after")) return;
  for (const auto& [name, buffer] : module.named_buffers())
    if (c["buffers_after"].contains(name))
      one.compare("buffer " + name, buffer, bundle.tensor(c["buffers_after"][name]), outputs);
}

void check(Case& one, const std::string& layer, const nlohmann::json& c, const Bundle& bundle) {
  const Given arguments(member(c, "args"), bundle), named(member(c, "kwargs"), bundle);
  const Built built = build(layer, arguments);
  if (built.module) prepare(one, *built.module, c, bundle);
  const nlohmann::json& grad_inputs = member(c, "grad_inputs");
  Inputs inputs;
  const auto add = [&](const nlohmann::json& reference) {
    inputs.push_back(input_of(reference, bundle));
    const std::size_t i = inputs.size() - 1;
    if (i < grad_inputs.size() && !grad_inputs[i].is_null()) inputs.back().requires_grad_();
  };
  for (const auto& reference : member(c, "inputs")) {
    const bool is_tuple = reference.is_array() && !reference.empty() && reference[0].is_object();
    if (!is_tuple) add(reference);
    else
      for (const auto& part : reference) add(part);
  }
  const std::vector<Tensor> results = built.call(inputs, named);
  Tensor total;
  for (std::size_t i = 0; i < member(c, "outputs").size(); ++i) {
    if (c["outputs"][i].is_null()) continue;
    one.compare(fmt::format("output {}", i), results.at(i).detach(), bundle.tensor(c["outputs"][i]), outputs);
    if (!results[i].requires_grad() || i >= c["grad_outputs"].size() || c["grad_outputs"][i].is_null()) continue;
    const Tensor part = (results[i] * bundle.tensor(c["grad_outputs"][i])).sum();
    total = total.defined() ? total + part : part;
  }
  if (total.defined()) total.backward();
  for (std::size_t i = 0; i < grad_inputs.size(); ++i)
    if (!grad_inputs[i].is_null())
      one.compare(fmt::format("gradient of input {}", i), inputs.at(i).grad(), bundle.tensor(grad_inputs[i]),
                  gradients);
  if (built.module) check_state(one, *built.module, c, bundle);
}

}  // namespace

Layers::Layers(std::initializer_list<std::pair<const std::string, Builder>> some) { builders().insert(some); }

Built build(const std::string& layer, const Given& arguments) {
  const auto found = builders().find(layer);
  if (found == builders().end()) throw NotYet(fmt::format("{} does not exist yet", layer));
  return found->second(arguments);
}

void modules(const std::filesystem::path& folder, Report& report) {
  for (const auto& file : descriptions(folder)) {
    const Bundle bundle(file);
    const nlohmann::json& description = bundle.description();
    const std::string layer = member(description, description.contains("module") ? "module" : "function");
    for (const auto& c : member(description, "cases"))
      report.run(member(c, "id").get<std::string>(), [&](Case& one) { check(one, layer, c, bundle); });
  }
}

}  // namespace tenon::parity
