// What is done to a whole model at once: modes, types, devices, gradients, freezing; and how it is printed.
#include <tenon/tenon.h>

using namespace tenon;

struct Classifier : nn::Module<Classifier> {
  nn::Linear encoder{16, 8};
  nn::Dropout dropout{0.5};
  nn::Linear classifier{8, 3};
  nn::Buffer steps{tenon::tensor(int64_t{0})};

  Tensor forward(const Tensor& x) { return classifier(dropout(encoder(x))); }

  TENON_MODULE(Classifier, encoder, dropout, classifier, steps)
};

int main() {
  tenon::manual_seed(0);
  Classifier model;
  fmt::print("{}\n", model);  // PyTorch's text, to the letter

  Tensor x = tenon::randn({4, 16});
  model.train();
  fmt::print("train: {}\n", model(x).equal(model(x)));
  model.eval();
  fmt::print("eval: {}\n", model(x).equal(model(x)));

  model(x).sum().backward();
  fmt::print("gradient: {}\n", model.encoder.weight.grad().defined());
  model.zero_grad();
  fmt::print("gradient: {}\n", model.encoder.weight.grad().defined());

  model.requires_grad_(false);
  fmt::print("result requires grad: {}\n", model(x).requires_grad());
  model.requires_grad_();

  model.to(tenon::bfloat16);
  fmt::print("{} {}\n", model.encoder.weight.dtype(), model.steps.dtype());  // integers stay what they are
  model.half();
  fmt::print("{} {}\n", model.encoder.weight.dtype(), model(x.to(tenon::float16)).dtype());

  model.to(tenon::kMeta);  // shapes without data
  fmt::print("{} {}\n", model.encoder.weight.device(), model.encoder.weight.shape());

  // A build without CUDA says so, and leaves the model as it is.
  for (auto move : {+[](Classifier& m) { m.to(tenon::kCUDA); }, +[](Classifier& m) { m.cuda(); }}) {
    try {
      move(model);
    } catch (const tenon::Error& error) {
      fmt::print("{}\n", error.what());
    }
  }
}
