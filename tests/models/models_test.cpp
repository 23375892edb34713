// examples/models: one training step and generated text as PyTorch 2.15 gave them to models.py, and the keys of the
// published sizes.
#include <fstream>
#include <functional>
#include <map>
#include <sstream>

#include <gtest/gtest.h>
#include <tenon/tenon.h>
#include <nlohmann/json.hpp>

#include "models/bert.h"
#include "models/generate.h"
#include "models/gpt2.h"
#include "models/llama.h"
#include "models/lstm_tagger.h"
#include "models/mobilenet_v2.h"
#include "models/resnet.h"
#include "models/unet.h"
#include "models/vae.h"
#include "models/vision_transformer.h"
#include "tensor/recorded.h"
#include "tests_folder.h"

namespace tenon::models_test {
namespace {

using nlohmann::json;
using Tensors = std::vector<Tensor>;

/// models.py's `spread`: numbers in [-1, 1) that look drawn.
Tensor spread(int64_t n, int64_t seed) {
  std::vector<double> all(static_cast<std::size_t>(n));
  for (uint32_t k = 0; double& x : all) {
    uint32_t h = k++ * 2654435761U + static_cast<uint32_t>(seed * 40503);
    h ^= h >> 15;
    h *= 0x2C1B3C6DU;
    h ^= h >> 12;
    x = static_cast<double>(h) / 2147483648.0 - 1;
  }
  return tensor(all, {.dtype = float64});
}

void fill(nn::ModuleBase& model) {
  const NoGrad guard;
  for (int64_t i = 0; const nn::Parameter& p : model.parameters()) {
    Tensor values = spread(p.numel(), i++);
    if (p.dim() > 1) values = values * std::sqrt(3.0 * static_cast<double>(p.size(0)) / static_cast<double>(p.numel()));
    else values = values * 0.1 + (p.mean().item<double>() == 1 ? 1.0 : 0.0);
    p.copy_(values.reshape(p.shape()));
  }
}

Tensor images(int64_t n, int64_t size) { return spread(n * 3 * size * size, 1000).reshape({n, 3, size, size}); }
Tensor tokens(int64_t batch, int64_t length) {
  return remainder(arange(batch * length) * 7 + 3, 61).reshape({batch, length});
}

const json& answers() {
  static const json all = test::recorded("models/models.json");
  return all;
}

/// The sum of the elements' sizes, and the first few: so near as the type has digits.
void expect_summed(const Tensor& x, const json& wanted, const std::string& what) {
  const double near = x.dtype() == float64 ? 1e-8 : 1e-4;
  const Tensor flat = x.detach().to(float64).flatten();
  const double sum = flat.abs().sum().item<double>(), mean = sum / static_cast<double>(flat.numel());
  EXPECT_NEAR(sum, wanted[0].get<double>(), near * (sum + 1e-3)) << what;
  for (int64_t i = 0; i + 1 < static_cast<int64_t>(wanted.size()); ++i)
    EXPECT_NEAR(flat[i].item<double>(), wanted[static_cast<std::size_t>(i) + 1].get<double>(),
                20 * near * (mean + 1e-4))
        << what << ", element " << i;
}

Tensor half_of_squares(const Tensors& outputs) {
  Tensor loss;
  for (const Tensor& x : outputs) loss = loss.defined() ? loss + x.square().mean() : x.square().mean();
  return loss / 2;
}

/// One step of a model filled by the formula; the loss is half the mean square of every output, if not told.
template <class Model>
void expect_step(const std::string& name, Model model, const std::function<Tensors(Model&)>& call,
                 const std::function<Tensor(const Tensors&)>& loss_of = half_of_squares) {
  const json& wanted = answers().at(name);
  if (name != "llama") model.to(float64);  // there PyTorch goes by way of float32, whatever its weights are
  fill(model);
  optim::SGD optimizer(model.parameters(), {.lr = 0.1});
  const Tensors outputs = call(model);
  const Tensor loss = loss_of(outputs);
  loss.backward();
  EXPECT_NEAR(loss.item<double>(), wanted["loss"].get<double>(), 1e-6 * std::abs(wanted["loss"].get<double>())) << name;
  for (std::size_t i = 0; i < outputs.size(); ++i) expect_summed(outputs[i], wanted["outputs"][i], name + "'s output");
  const auto named = model.named_parameters();
  EXPECT_EQ(named.size(), wanted["gradients"].size()) << name;
  for (const auto& [path, p] : named) expect_summed(p.grad(), wanted["gradients"].at(path), name + ": " + path);
  optimizer.step();
  model.eval();
  const NoGrad guard;
  const Tensors after = call(model);
  for (std::size_t i = 0; i < after.size(); ++i)
    expect_summed(after[i], wanted["outputs in evaluation after a step"][i], name + " after a step");
}

const models::GPT2Options small_gpt2{
    .vocab_size = 61, .n_positions = 24, .n_embd = 32, .n_layer = 2, .n_head = 4, .dropout = 0};
const models::LlamaOptions small_llama{.vocab_size = 61,
                                       .hidden_size = 32,
                                       .intermediate_size = 48,
                                       .num_hidden_layers = 2,
                                       .num_attention_heads = 4,
                                       .num_key_value_heads = 2};

TEST(ModelsThread, ResNetsStepIsPyTorchs) {
  using models::ResNet;
  const auto call = [](ResNet& m) { return Tensors{m(images(2, 40))}; };
  expect_step<ResNet>("resnet", ResNet({.blocks = {1, 2, 1, 1}, .num_classes = 10}), call);
  expect_step<ResNet>("resnet of bottlenecks", ResNet({.blocks = {1, 1, 1, 1}, .bottleneck = true, .num_classes = 10}),
                      call);
}

TEST(ModelsThread, MobileNetsStepIsPyTorchs) {
  using models::MobileNetV2;
  expect_step<MobileNetV2>("mobilenet_v2", MobileNetV2({.num_classes = 10, .width_mult = 0.25, .dropout = 0}),
                           [](MobileNetV2& m) { return Tensors{m(images(3, 64))}; });
}

TEST(ModelsThread, UNetsStepIsPyTorchs) {
  using models::UNet;
  expect_step<UNet>("unet", UNet({.out_channels = 2, .width = 4, .depth = 3}),
                    [](UNet& m) { return Tensors{m(images(2, 24))}; });
}

TEST(ModelsThread, VisionTransformersStepIsPyTorchs) {
  using models::VisionTransformer;
  expect_step<VisionTransformer>("vision_transformer",
                                 VisionTransformer({.image_size = 32,
                                                    .patch_size = 8,
                                                    .num_layers = 2,
                                                    .num_heads = 4,
                                                    .hidden_dim = 32,
                                                    .mlp_dim = 64,
                                                    .num_classes = 10}),
                                 [](VisionTransformer& m) { return Tensors{m(images(2, 32))}; });
}

TEST(ModelsThread, VariationalAutoencodersStepIsPyTorchs) {
  const Tensor x = spread(150, 1000).abs().reshape({3, 50});
  const Tensor noise = spread(12, 1001).reshape({3, 4});
  expect_step<models::VAE>(
      "vae", models::VAE(50, 20, 4),
      [&](models::VAE& m) {
        const models::VAEOutput out = m(x, noise);
        return Tensors{out.logits, out.mean, out.log_variance};
      },
      [&](const Tensors& out) {
        return models::vae_loss({out[0], out[1], out[2]}, x);
      });
}

TEST(ModelsThread, LanguageModelsStepsArePyTorchs) {
  expect_step<models::GPT2>("gpt2", models::GPT2(small_gpt2), [](models::GPT2& m) { return Tensors{m(tokens(2, 9))}; });
  expect_step<models::Llama>("llama", models::Llama(small_llama),
                             [](models::Llama& m) { return Tensors{m(tokens(2, 9))}; });
}

TEST(ModelsThread, BertsStepWithPaddingAndTwoSentencesIsPyTorchs) {
  const Tensor mask = ones({2, 9}, {.dtype = int64});
  mask[1].narrow(0, 6, 3).zero_();
  const Tensor types = remainder(arange(18).reshape({2, 9}), 2);
  expect_step<models::Bert>("bert",
                            models::Bert({.vocab_size = 61,
                                          .hidden_size = 32,
                                          .num_hidden_layers = 2,
                                          .num_attention_heads = 4,
                                          .intermediate_size = 64,
                                          .max_position_embeddings = 16,
                                          .dropout = 0}),
                            [&](models::Bert& m) {
                              const models::BertResult out = m(tokens(2, 9), mask, types);
                              return Tensors{out.last_hidden_state, out.pooler_output};
                            });
}

TEST(ModelsThread, TaggersStepIsPyTorchs) {
  using models::LSTMTagger;
  expect_step<LSTMTagger>("lstm_tagger", LSTMTagger(61, 5, 12, 10), [](LSTMTagger& m) {
    return Tensors{m(tokens(3, 9), tensor({5, 9, 2}))};
  });
}

template <class Model>
void expect_generated(const std::string& name, Model model) {
  fill(model);
  model.eval();
  const std::map<std::string, models::GenerateOptions> ways{{"greedy", {}},
                                                            {"temperature", {.temperature = 0.8}},
                                                            {"top_k", {.temperature = 1, .top_k = 5}},
                                                            {"top_p", {.temperature = 1.3, .top_p = 0.6}},
                                                            {"both", {.temperature = 1.1, .top_k = 20, .top_p = 0.8}}};
  for (auto [way, options] : ways)
    for (const bool cache : {true, false}) {
      options.max_new_tokens = 12;
      options.use_cache = cache;
      manual_seed(5);
      EXPECT_EQ(models::generate(model, tokens(2, 4), options).flatten().template to_vector<int64_t>(),
                answers()["generated"][name][way].template get<std::vector<int64_t>>())
          << name << ", " << way << (cache ? "" : " without a cache");
    }
}

TEST(ModelsThread, GeneratedTextIsPyTorchsWithACacheAndWithout) {
  expect_generated("gpt2", models::GPT2(small_gpt2));
  expect_generated("llama", models::Llama(small_llama));
}

template <class Model>
void expect_keys(const std::string& name, const Model& model) {
  std::ifstream file(test::tests_folder() + "/models/keys/" + name + ".txt");
  std::ostringstream wanted, got;
  wanted << file.rdbuf();
  for (const auto& [key, x] : model.state_dict()) {
    got << key.string();
    for (const int64_t n : x.template as<Tensor>().shape()) got << ' ' << n;
    got << '\n';
  }
  EXPECT_EQ(got.str(), wanted.str()) << name;
}

TEST(Models, KeysAndShapesOfThePublishedSizesAreTorchvisionsAndHuggingFaces) {
  const DefaultDevice guard(kMeta);
  expect_keys("resnet18", models::resnet18());
  expect_keys("resnet34", models::resnet34());
  expect_keys("resnet50", models::resnet50());
  expect_keys("mobilenet_v2", models::MobileNetV2());
  expect_keys("vision_transformer", models::VisionTransformer());
  expect_keys("gpt2", models::GPT2());
  expect_keys("llama", models::Llama());
  expect_keys("bert", models::Bert());
}

}  // namespace
}  // namespace tenon::models_test
