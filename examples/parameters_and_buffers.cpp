// What a member's type means: a layer, a parameter that is trained, buffers that are saved or not, scratch that the
// module leaves alone.
#include <tenon/tenon.h>

using namespace tenon;

struct MyModel : nn::Module<MyModel> {
  nn::Linear linear{10, 5};
  nn::Parameter custom_weight{tenon::randn({5, 5})};
  nn::Buffer running_mean{tenon::zeros({5})};
  nn::Buffer step_count{tenon::tensor(int64_t{0})};
  nn::Buffer table{tenon::arange(5), {.persistent = false}};
  nn::Untracked<Tensor> scratch{tenon::zeros({5})};

  Tensor forward(const Tensor& x) {  // (B, 10) → (B, 5)
    const Tensor y = linear(x).matmul(custom_weight);
    NoGrad guard;
    running_mean.mul_(0.9).add_(y.mean(0), 0.1);
    step_count.add_(1);
    return y;
  }
  TENON_MODULE(MyModel, linear, custom_weight, running_mean, step_count, table, scratch)
};

int main() {
  tenon::manual_seed(0);
  MyModel model;
  for (auto& [name, parameter] : model.named_parameters())
    fmt::print("{}: {}, requires_grad={}\n", name, parameter.shape(), parameter.requires_grad());
  for (auto& [name, buffer] : model.named_buffers()) fmt::print("{}: {}\n", name, buffer.shape());
  fmt::print("saved:");
  for (auto& [key, value] : model.state_dict()) fmt::print(" {}", key.string());
  fmt::print("\n");

  for (int i = 0; i < 3; ++i) model(tenon::randn({8, 10}));
  fmt::print("{} steps\n", model.step_count.item<int64_t>());
  tenon::set_printoptions({.precision = 3});
  fmt::print("{}\n", model.running_mean);
}
