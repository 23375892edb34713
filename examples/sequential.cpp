// Layers one after the other, found by their places or their names.
#include <tenon/tenon.h>

using namespace tenon;

int main() {
  tenon::manual_seed(0);
  nn::Sequential model{nn::Linear(784, 256), nn::ReLU(), nn::Dropout(0.1), nn::Linear(256, 10)};
  fmt::print("{}\n", model);
  Tensor output = model(tenon::randn({32, 784}));  // in train mode: the dropout draws PyTorch's mask
  fmt::print("{} {:.4f}\n", output.shape(), output.mean().item<float>());
  fmt::print("{}\n", model.get<nn::Linear>(-1).weight.shape());
  fmt::print("{}\n", model[{0, 2}]);  // a slice shares its layers

  nn::Sequential named{nn::named("encoder", nn::Linear(784, 256)), nn::named("activation", nn::ReLU()),
                       nn::named("classifier", nn::Linear(256, 10))};
  fmt::print("{}\n", named);
  fmt::print("{}\n", named.get<nn::Linear>("encoder").weight.shape());
}
