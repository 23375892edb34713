// A model: members, a constructor, forward, and the list of the members. Calling it, and how large it is.
#include <tenon/tenon.h>

using namespace tenon;

struct MLP : nn::Module<MLP> {
  nn::Linear fc1;
  nn::ReLU relu;
  nn::Linear fc2;

  MLP(int64_t input, int64_t hidden, int64_t output) : fc1(input, hidden), fc2(hidden, output) {}

  Tensor forward(const Tensor& x) { return fc2(relu(fc1(x))); }

  TENON_MODULE(MLP, fc1, relu, fc2)  // one that is left out does not compile
};

int main() {
  tenon::manual_seed(0);
  MLP model(784, 256, 10);
  Tensor output = model(tenon::randn({32, 784}));  // pre-hooks, forward, hooks
  fmt::print("{}\n", output.shape());              // [32, 10]
  int64_t total = nn::count(model.parameters());
  fmt::print("{}\n", total);  // 203530
  fmt::print("{:.4f}\n", output.mean().item<float>());
  fmt::print("{:.4f}\n", model.fc1.weight.std().item<float>());  // a member is the parameter itself
}
