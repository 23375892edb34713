// In Python, layers in a plain list are forgotten: no parameters, nothing saved. Here a std::vector of layers is
// registered as any other member, and a member that is left out of the list does not compile.
#include <tenon/tenon.h>

using namespace tenon;

struct NotSoBadModel : nn::Module<NotSoBadModel> {
  std::vector<nn::Linear> layers;

  NotSoBadModel() {
    for (int i = 0; i < 3; ++i) layers.emplace_back(10, 10);
  }

  Tensor forward(Tensor x) {
    for (auto& layer : layers) x = layer(x).relu();
    return x;
  }

  TENON_MODULE(NotSoBadModel, layers)
};

int main() {
  tenon::manual_seed(0);
  NotSoBadModel model;
  fmt::print("{} parameters\n", nn::count(model.parameters()));
  for (auto& [name, parameter] : model.named_parameters()) fmt::print("{} {}\n", name, parameter.shape());
  fmt::print("{:.4f}\n", model(tenon::randn({4, 10})).sum().item<float>());
}
