// A block that adds what it computes to what it was given.
#include <tenon/tenon.h>

using namespace tenon;

struct ResBlock : nn::Module<ResBlock> {
  nn::LayerNorm norm;
  nn::Sequential ff;

  explicit ResBlock(int64_t dim, int64_t expansion = 4)
      : norm(dim), ff{nn::Linear(dim, dim * expansion), nn::GELU(), nn::Linear(dim * expansion, dim)} {}

  Tensor forward(const Tensor& x) { return x + ff(norm(x)); }

  TENON_MODULE(ResBlock, norm, ff)
};

int main() {
  tenon::manual_seed(0);
  nn::Sequential model{ResBlock(32), ResBlock(32, 2)};
  fmt::print("{}\n", model);
  Tensor x = tenon::randn({8, 32}, {.requires_grad = true});
  Tensor y = model(x);
  y.pow(2).mean().backward();
  fmt::print("{} {:.4f}\n", y.shape(), y.std().item<float>());
  fmt::print("gradient of x: {:.4f}\n", x.grad().norm().item<float>());
}
