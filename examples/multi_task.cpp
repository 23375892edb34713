// Modules under names of the program's choice.
#include <tenon/tenon.h>

using namespace tenon;

struct MultiTaskModel : nn::Module<MultiTaskModel> {
  nn::Linear encoder;
  nn::ModuleDict<nn::Linear> heads;

  MultiTaskModel(int64_t input, int64_t hidden) : encoder(input, hidden) {
    heads.emplace("sentiment", hidden, 3);
    heads.emplace("topic", hidden, 20);
  }

  Tensor forward(const Tensor& x, const std::string& task) { return heads[task](encoder(x)); }

  TENON_MODULE(MultiTaskModel, encoder, heads)
};

int main() {
  tenon::manual_seed(0);
  MultiTaskModel model(16, 32);
  fmt::print("{}\n", model);
  Tensor x = tenon::randn({4, 16});
  for (const std::string task : {"sentiment", "topic"})
    fmt::print("{}: {} {:.4f}\n", task, model(x, task).shape(), model(x, task).mean().item<float>());
  for (auto& [name, parameter] : model.named_parameters()) fmt::print("{} {}\n", name, parameter.shape());
}
