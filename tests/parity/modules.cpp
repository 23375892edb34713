// Layers: printed text, outputs, gradients of inputs and parameters, buffers after the call.
#include <functional>
#include <memory>

#include <tenon/autograd.h>
#include <tenon/nn/functional.h>
#include <tenon/tenon.h>

#include "bundle.h"
#include "subcommands.h"

namespace tenon::parity {
namespace {

/// A case's arguments by name.
class Given {
 public:
  Given(const nlohmann::json& values, const Bundle& bundle) : values_(values), bundle_(bundle) {}

  bool has(const std::string& name) const { return values_.contains(name) && !values_[name].is_null(); }
  int64_t i(const std::string& name) const { return member(values_, name).get<int64_t>(); }
  double d(const std::string& name, double otherwise) const { return has(name) ? number(values_[name]) : otherwise; }
  bool flag(const std::string& name, bool otherwise) const { return has(name) ? values_[name].get<bool>() : otherwise; }
  std::string text(const std::string& name, const std::string& otherwise) const {
    return has(name) ? values_[name].get<std::string>() : otherwise;
  }
  Shape shape(const std::string& name) const { return {member(values_, name).get<std::vector<int64_t>>()}; }
  Tensor tensor(const std::string& name) const { return has(name) ? bundle_.tensor(values_[name]) : Tensor(); }
  std::optional<int64_t> maybe_i(const std::string& name) const {
    return has(name) ? std::optional(i(name)) : std::nullopt;
  }

 private:
  const nlohmann::json& values_;
  const Bundle& bundle_;
};

using Inputs = std::vector<Tensor>;

struct Built {
  std::shared_ptr<nn::ModuleBase> module;
  std::function<std::vector<Tensor>(const Inputs& inputs, const Given& named)> call;
};

/// A layer that takes one tensor and gives one.
template <class M, class... A>
Built plain(A&&... arguments) {
  auto module = std::make_shared<M>(std::forward<A>(arguments)...);
  return {module, [module](const Inputs& x, const Given& named) {
            return std::vector<Tensor>{(*module)(x.empty() ? named.tensor("input") : x.at(0))};
          }};
}

/// One that takes an input and a target.
template <class M, class Options>
Built loss(const Options& options) {
  auto module = std::make_shared<M>(options);
  return {module, [module](const Inputs& x, const Given&) { return std::vector<Tensor>{(*module)(x.at(0), x.at(1))}; }};
}

nn::functional::Reduction reduction(const Given& a) {
  const std::string how = a.text("reduction", "mean");
  return how == "none"  ? nn::functional::Reduction::none
         : how == "sum" ? nn::functional::Reduction::sum
                        : nn::functional::Reduction::mean;
}

Built attention(const Given& a) {
  auto module = std::make_shared<nn::MultiheadAttention>(
      a.i("embed_dim"), a.i("num_heads"),
      nn::MultiheadAttentionOptions{.dropout = a.d("dropout", 0),
                                    .bias = a.flag("bias", true),
                                    .add_bias_kv = a.flag("add_bias_kv", false),
                                    .add_zero_attn = a.flag("add_zero_attn", false),
                                    .kdim = a.maybe_i("kdim"),
                                    .vdim = a.maybe_i("vdim"),
                                    .batch_first = a.flag("batch_first", false)});
  return {module, [module](const Inputs& x, const Given& named) {
            const nn::AttentionOutput out = (*module)(x.at(0), x.at(1), x.at(2),
                                                      {.key_padding_mask = named.tensor("key_padding_mask"),
                                                       .need_weights = named.flag("need_weights", true),
                                                       .attn_mask = named.tensor("attn_mask")});
            return std::vector{out.output, out.weights};
          }};
}

Built build(const std::string& name, const Given& a) {
  using Gelu = nn::functional::GELUApproximation;
  if (name == "Linear")
    return plain<nn::Linear>(a.i("in_features"), a.i("out_features"), nn::LinearOptions{.bias = a.flag("bias", true)});
  if (name == "ReLU") return plain<nn::ReLU>(nn::InplaceOptions{.inplace = a.flag("inplace", false)});
  if (name == "GELU")
    return plain<nn::GELU>(nn::GELUOptions{a.text("approximate", "none") == "tanh" ? Gelu::tanh : Gelu::none});
  if (name == "LayerNorm")
    return plain<nn::LayerNorm>(a.shape("normalized_shape"),
                                nn::LayerNormOptions{.eps = a.d("eps", 1e-5),
                                                     .elementwise_affine = a.flag("elementwise_affine", true),
                                                     .bias = a.flag("bias", true)});
  if (name == "CrossEntropyLoss")
    return loss<nn::CrossEntropyLoss>(
        nn::functional::CrossEntropyOptions{.weight = a.tensor("weight"),
                                            .ignore_index = a.has("ignore_index") ? a.i("ignore_index") : -100,
                                            .reduction = reduction(a),
                                            .label_smoothing = a.d("label_smoothing", 0)});
  if (name == "MultiheadAttention") return attention(a);
  throw NotYet("this layer");
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

void check(Case& one, const std::string& layer, const nlohmann::json& c, const Bundle& bundle) {
  const Given arguments(member(c, "args"), bundle), named(member(c, "kwargs"), bundle);
  const Built built = build(layer, arguments);
  fill(*built.module, member(c, "state"), bundle);
  built.module->train(member(c, "training").get<bool>());
  const std::string text = built.module->to_string(), wanted = member(c, "repr").get<std::string>();
  one.check(text == wanted, fmt::format("prints {} instead of {}", text, wanted));

  const nlohmann::json& grad_inputs = member(c, "grad_inputs");
  Inputs inputs;
  for (const auto& reference : member(c, "inputs")) {
    inputs.push_back(bundle.tensor(reference));
    const std::size_t i = inputs.size() - 1;
    if (i < grad_inputs.size() && !grad_inputs[i].is_null()) inputs.back().requires_grad_();
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
  for (const auto& [name, parameter] : built.module->named_parameters())
    if (c["grad_params"].contains(name) && !c["grad_params"][name].is_null())
      one.compare("gradient of " + name, parameter.grad(), bundle.tensor(c["grad_params"][name]), gradients);
  if (!c.contains("buffers_after")) return;
  for (const auto& [name, buffer] : built.module->named_buffers())
    if (c["buffers_after"].contains(name))
      one.compare("buffer " + name, buffer, bundle.tensor(c["buffers_after"][name]), outputs);
}

}  // namespace

void modules(const std::filesystem::path& folder, Report& report) {
  for (const auto& file : descriptions(folder)) {
    const Bundle bundle(file);
    const nlohmann::json& description = bundle.description();
    const std::string layer = description.contains("module") ? description["module"].get<std::string>() : "";
    for (const auto& c : member(description, "cases"))
      report.run(member(c, "id").get<std::string>(), [&](Case& one) {
        if (layer.empty()) throw NotYet("functions by themselves");
        check(one, layer, c, bundle);
      });
  }
}

}  // namespace tenon::parity
