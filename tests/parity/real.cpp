// parity real DIR: published models with their own weights: outputs, losses, gradients, keys.
#include "real.h"

#include <optional>

#include <fmt/format.h>

#include <tenon/autograd.h>
#include <tenon/creation.h>
#include <tenon/io.h>
#include <tenon/nn/utils.h>
#include <tenon/ops.h>

#include "subcommands.h"

namespace tenon::parity {
namespace {

using nlohmann::json;
using std::filesystem::path;

const std::vector<RealCase>& cases() {
  static const std::vector<RealCase> all{
      {"speaker_lstm", {"pretrained.pt"}, speaker_lstm},
      {"face_mtcnn", {"pnet.pt", "rnet.pt", "onet.pt"}, face_mtcnn},
      {"thai_conv1d", {"attacut-sc.pth"}, thai_conv1d},
      {"minilm", {"model.safetensors"}, minilm},
  };
  return all;
}

// Of the largest element: rounding alone leaves 2.4e-6 and 2.3e-5 in the deepest of them.
constexpr Tolerance of_real_outputs{.of_largest = 1e-5}, of_real_gradients{.of_largest = 1e-4};

/// Weights are large: what does not lie beside the cases is looked for in the folder that --data names.
std::vector<Value> weights(const RealCase& real, const path& folder) {
  std::vector<Value> files;
  for (const std::string_view name : real.files) {
    path file = folder / "weights" / name;
    if (!std::filesystem::exists(file)) file = training_data / name;
    if (!std::filesystem::exists(file)) throw NotYet(fmt::format("its weights {} are not there (--data FOLDER)", name));
    files.push_back(load(file, {.map_location = "cpu"}));
  }
  return files;
}

void check_keys(Case& one, const nn::ModuleBase& module, const json& description) {
  const Dict state = module.state_dict();
  const json& expected = member(description, "state_dict");
  one.check(state.size() == expected.size(), fmt::format("{} keys instead of {}", state.size(), expected.size()));
  for (const auto& [key, about] : expected.items()) {
    const Value* const found = state.find(key);
    one.check(found != nullptr, fmt::format("there is no {}", key));
    if (!found) continue;
    const Tensor& x = found->as<Tensor>();
    one.check(name(x.dtype()) == about.at(0).get<std::string>() &&
                  x.shape() == Shape(about.at(1).get<std::vector<int64_t>>()),
              fmt::format("{} is {} {}", key, x.dtype(), x.shape()));
  }
  const int64_t parameters = nn::count(module.parameters());
  one.check(parameters == member(description, "parameters").get<int64_t>(), fmt::format("{} parameters", parameters));
}

const Tensor& named(const RealModel::Named& all, const std::string& name) {
  for (const auto& [key, x] : all)
    if (key == name) return x;
  throw BadInput(fmt::format("the model gives no {}", name));
}

void check_gradients(Case& one, const RealModel& model, const RealModel::Run& run, const Dict& data,
                     const json& description) {
  std::vector<Tensor> flat;
  for (const auto& output : member(description, "loss_of"))
    flat.push_back(named(run.outputs, output.get<std::string>()).reshape({-1}));
  const Tensor all = cat(flat);
  RealModel::Named wanted = run.wanted;
  for (const auto& [name, parameter] : model.module->named_parameters())
    if (data.contains("grad_weighted.parameter." + name)) wanted.emplace_back("parameter." + name, parameter);
  std::vector<Tensor> inputs;
  for (const auto& [name, x] : wanted) inputs.push_back(x);
  const std::pair<std::string, Tensor> losses[] = {{"mean", all.mean()},
                                                   {"weighted", (all * arange(all.numel()).to(float32).cos()).mean()}};
  for (const auto& [label, loss] : losses) {
    one.compare("loss " + label, loss.detach(), data["loss." + label].as<Tensor>(), of_real_outputs);
    const auto gradients = autograd::grad({loss}, inputs, {.retain_graph = true, .allow_unused = true});
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      const Value* const expected = data.find("grad_" + label + "." + wanted[i].first);
      if (!expected) continue;
      const Tensor gradient = gradients[i].defined() ? gradients[i] : zeros_like(inputs[i]);
      one.compare("gradient of the loss " + label + " for " + wanted[i].first, gradient, expected->as<Tensor>(),
                  of_real_gradients);
    }
  }
}

void check(Case& one, const RealCase& real, const path& folder) {
  const auto files = weights(real, folder);
  const json description = read_json(folder / real.folder / "keys.json");
  const Dict data = load(folder / real.folder / "data.safetensors").as<Dict>();
  const RealModel model = real.build();
  model.load(files);
  model.module->eval();
  check_keys(one, *model.module, description);
  const RealModel::Run run = model.run(data);
  for (const auto& [key, value] : data)
    if (key.string().starts_with("output."))
      one.compare(key.string(), named(run.outputs, key.string().substr(7)).detach(), value.as<Tensor>(),
                  of_real_outputs);
  check_gradients(one, model, run, data, description);
}

}  // namespace

void real(const path& folder, Report& report) {
  for (const RealCase& real : cases())
    report.run(std::string(real.folder), [&](Case& one) { check(one, real, folder); });
}

}  // namespace tenon::parity
