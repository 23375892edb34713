#pragma once
// A net of blocks, as fully_shard is for.
#include <vector>

#include <tenon/nn.h>
#include <tenon/ops.h>

namespace tenon::test {

struct ResidualBlock : nn::Module<ResidualBlock> {
  nn::LayerNorm norm{6};
  nn::Linear up{6, 9}, down{9, 6};
  Tensor forward(const Tensor& x) { return x + down(up(norm(x)).tanh()); }
  TENON_MODULE(ResidualBlock, norm, up, down)
};

struct ResidualNet : nn::Module<ResidualNet> {
  std::vector<ResidualBlock> blocks;
  nn::Linear head{6, 3};
  nn::Parameter scale{ones({})};  // without dimensions
  ResidualNet() {
    for (int i = 0; i < 3; ++i) blocks.emplace_back();
  }
  Tensor forward(Tensor x) {
    for (ResidualBlock& b : blocks) x = b(x);
    return head(x) * scale;
  }
  TENON_MODULE(ResidualNet, blocks, head, scale)
};

}  // namespace tenon::test
