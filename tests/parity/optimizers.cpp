// parity optimizers DIR: parameters after each step on given gradients, and the state dict at the end.
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <fmt/core.h>

#include <tenon/creation.h>
#include <tenon/ops.h>
#include <tenon/optim.h>

#include "subcommands.h"
#include "values.h"

namespace tenon::parity {
namespace {

using nlohmann::json;

/// What an option is given as in a description.
Value value_of(const json& given) {
  if (given.is_null()) return {};
  if (given.is_boolean()) return given.get<bool>();
  if (given.is_number_integer()) return given.get<int64_t>();
  if (given.is_number()) return given.get<double>();
  if (given.is_string()) return given.get<std::string>();
  Value::List items;
  for (const json& item : given) items.push_back(value_of(item));
  return items;
}

using Made = std::unique_ptr<optim::Optimizer>;

template <class O>
Made make(const json& one, const std::vector<Tensor>& parameters) {
  typename O::Options options;
  for (const optim::Field& option : options.fields())
    if (const json& args = member(one, "args"); args.contains(option.name()))
      option.set(value_of(args[std::string(option.name())]), "optimizers");
  if (!one.contains("groups")) return std::make_unique<O>(parameters, options);
  std::vector<typename O::GroupOf> groups;
  for (const json& group : one["groups"]) {
    std::vector<Tensor> chosen;
    for (const json& i : member(group, "params")) chosen.push_back(parameters.at(i.get<std::size_t>()));
    typename O::GroupOf made{chosen};
    if (group.contains("lr")) made.options.lr = number(group["lr"]);
    groups.push_back(made);
  }
  return std::make_unique<O>(groups, options);
}

/// Each optimizer is an entry.
const std::map<std::string, Made (*)(const json&, const std::vector<Tensor>&)> makers{
    {"ASGD", make<optim::ASGD>},       {"Adadelta", make<optim::Adadelta>}, {"Adafactor", make<optim::Adafactor>},
    {"Adagrad", make<optim::Adagrad>}, {"Adam", make<optim::Adam>},         {"AdamW", make<optim::AdamW>},
    {"Adamax", make<optim::Adamax>},   {"LBFGS", make<optim::LBFGS>},       {"Muon", make<optim::Muon>},
    {"NAdam", make<optim::NAdam>},     {"RAdam", make<optim::RAdam>},       {"RMSprop", make<optim::RMSprop>},
    {"Rprop", make<optim::Rprop>},     {"SGD", make<optim::SGD>},
};

void replay(Case& result, const std::string& name, const json& one, const Bundle& bundle) {
  const auto make = makers.find(name);
  if (make == makers.end()) throw NotYet(fmt::format("{} does not exist yet", name));
  std::vector<Tensor> parameters;
  for (const json& initial : member(one, "initial")) parameters.push_back(bundle.tensor(initial).requires_grad_());
  std::vector<Tensor> targets;
  if (one.contains("targets"))
    for (const json& target : one["targets"]) targets.push_back(bundle.tensor(target));
  auto optimizer = make->second(one, parameters);
  const auto closure = [&] {  // of optimizers that need one: the loss that the description gives as a formula
    optimizer->zero_grad();
    Tensor loss = zeros({});
    for (std::size_t i = 0; i < targets.size(); ++i) {
      const Tensor far = parameters[i] - targets[i];
      loss = loss + (far.pow(4) + 0.5 * far.square()).sum() * static_cast<double>(i + 1);
    }
    loss.backward();
    return loss;
  };
  const json& steps = member(one, "steps");
  for (std::size_t s = 0; s < steps.size(); ++s) {
    if (s == steps.size() / 2) {  // another optimizer must be able to go on
      auto next = make->second(one, parameters);
      next->load_state_dict(optimizer->state_dict());
      optimizer = std::move(next);
    }
    const json& expected = member(steps[s], "params");
    if (targets.empty())
      for (std::size_t i = 0; i < parameters.size(); ++i)
        parameters[i].set_grad(bundle.tensor(member(steps[s], "grads").at(i)));
    optimizer->step(targets.empty() ? optim::Closure() : closure);
    for (std::size_t i = 0; i < parameters.size(); ++i)
      result.compare(fmt::format("step {}, parameter {}", s, i), parameters[i], bundle.tensor(expected.at(i)), outputs);
  }
  if (one.contains("state_dict"))
    compare_value(result, "state_dict", optimizer->state_dict(), member(one, "state_dict"), &bundle, outputs);
}

}  // namespace

void optimizers(const std::filesystem::path& folder, Report& report) {
  for (const auto& file : descriptions(folder)) {
    const Bundle bundle(file);
    const auto name = member(bundle.description(), "optimizer").get<std::string>();
    for (const json& one : member(bundle.description(), "cases"))
      report.run(member(one, "id").get<std::string>(), [&](Case& result) { replay(result, name, one, bundle); });
  }
}

}  // namespace tenon::parity
