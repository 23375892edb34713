// parity optimizers DIR: parameters after each step on given gradients, and the state dict at the end.
#include <memory>
#include <vector>

#include <fmt/core.h>

#include <tenon/optim.h>

#include "subcommands.h"
#include "values.h"

namespace tenon::parity {
namespace {

using nlohmann::json;

/// Sets the options that a case gives by name.
template <class Options>
Options options_from(const json& args) {
  Options options;
  for (const auto& [name, value] : optim::detail::named_options(options)) {
    if (!args.contains(name)) continue;
    const json& given = args[std::string(name)];
    if (auto* const* number = std::get_if<double*>(&value)) **number = parity::number(given);
    else if (auto* const* flag = std::get_if<bool*>(&value)) **flag = given.get<bool>();
    else if (auto* const* pair = std::get_if<std::array<double, 2>*>(&value))
      **pair = given.get<std::array<double, 2>>();
  }
  return options;
}

template <class O, class Options>
std::unique_ptr<optim::Optimizer> make(const json& one, const std::vector<Tensor>& parameters) {
  std::vector<typename O::GroupOf> groups;
  for (const json& group : member(one, "groups")) {
    std::vector<Tensor> chosen;
    for (const json& i : member(group, "params")) chosen.push_back(parameters.at(i.get<std::size_t>()));
    typename O::GroupOf made{chosen};
    if (group.contains("lr")) made.options.lr = number(group["lr"]);
    groups.push_back(made);
  }
  return std::make_unique<O>(groups, options_from<Options>(member(one, "args")));
}

std::unique_ptr<optim::Optimizer> make(const std::string& name, const json& one,
                                       const std::vector<Tensor>& parameters) {
  if (name == "SGD") return make<optim::SGD, optim::SGDOptions>(one, parameters);
  if (name == "Adam") return make<optim::Adam, optim::AdamOptions>(one, parameters);
  if (name == "AdamW") return make<optim::AdamW, optim::AdamWOptions>(one, parameters);
  throw NotYet(fmt::format("{} does not exist yet", name));
}

void replay(Case& result, const std::string& name, const json& one, const Bundle& bundle) {
  if (!one.contains("groups")) throw NotYet(fmt::format("{} does not exist yet", name));
  std::vector<Tensor> parameters;
  for (const json& initial : member(one, "initial")) parameters.push_back(bundle.tensor(initial).requires_grad_());
  auto optimizer = make(name, one, parameters);
  const json& steps = member(one, "steps");
  for (std::size_t s = 0; s < steps.size(); ++s) {
    if (s == steps.size() / 2) {  // another optimizer must be able to go on
      auto next = make(name, one, parameters);
      next->load_state_dict(optimizer->state_dict());
      optimizer = std::move(next);
    }
    const json &grads = member(steps[s], "grads"), &expected = member(steps[s], "params");
    for (std::size_t i = 0; i < parameters.size(); ++i) parameters[i].set_grad(bundle.tensor(grads.at(i)));
    optimizer->step();
    for (std::size_t i = 0; i < parameters.size(); ++i)
      result.compare(fmt::format("step {}, parameter {}", s, i), parameters[i], bundle.tensor(expected.at(i)), outputs);
  }
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
