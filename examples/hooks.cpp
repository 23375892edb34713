// Hooks: looking at what a layer gives, and at the gradients that come back.
#include <map>
#include <string>

#include <tenon/tenon.h>

using namespace tenon;

struct Model : nn::Module<Model> {
  nn::Linear encoder{16, 8};
  nn::ReLU activation;
  nn::Linear classifier{8, 3};

  Tensor forward(const Tensor& x) { return classifier(activation(encoder(x))); }

  TENON_MODULE(Model, encoder, activation, classifier)
};

int main() {
  tenon::manual_seed(0);
  Model model;
  std::map<std::string, Tensor> activations;
  auto handle = model.encoder.register_forward_hook([&](nn::ModuleBase&, nn::Tensors inputs, nn::Tensors outputs) {
    fmt::print("encoder: {} -> {}\n", inputs[0].shape(), outputs[0].shape());
    activations["encoder"] = outputs[0].detach();
  });
  for (auto& [name, module] : model.named_modules())
    if (module.children().empty())
      module.register_full_backward_hook([](nn::ModuleBase& m, nn::Tensors, nn::Tensors grad_output) {
        fmt::print("{}: grad_output norm = {:.4f}\n", m.type_name(), grad_output[0].norm().item<float>());
      });

  const Tensor x = tenon::randn({4, 16}), y = tenon::tensor({0, 1, 2, 1}, {.dtype = tenon::int64});
  nn::functional::cross_entropy(model(x), y).backward();
  fmt::print("{:.4f}\n", activations["encoder"].mean().item<float>());

  handle.remove();
  model(x);  // nothing is printed
  // A hook may also replace what a layer gives.
  model.classifier.register_forward_hook(
      [](nn::ModuleBase&, nn::Tensors, nn::Tensors outputs) { return outputs[0] * 0; });
  fmt::print("{}\n", model(x).abs().sum().item<float>() == 0);
}
