// Whole models start as PyTorch's of the same seed do: data/resnet18.py wrote the file.
#include <gtest/gtest.h>

#include <tenon/io.h>
#include <tenon/nn.h>

#include "tests_folder.h"

namespace initial_weights_test {
using namespace tenon;

namespace {

struct BasicBlock : nn::Module<BasicBlock> {
  nn::Conv2d conv1;
  nn::BatchNorm2d bn1;
  nn::Conv2d conv2;
  nn::BatchNorm2d bn2;
  std::optional<nn::Sequential> downsample;

  BasicBlock(int64_t inputs, int64_t outputs, int64_t stride)
      : conv1(inputs, outputs, 3, {.stride = stride, .padding = 1, .bias = false}),
        bn1(outputs),
        conv2(outputs, outputs, 3, {.padding = 1, .bias = false}),
        bn2(outputs) {
    if (stride != 1 || inputs != outputs)
      downsample =
          nn::Sequential{nn::Conv2d(inputs, outputs, 1, {.stride = stride, .bias = false}), nn::BatchNorm2d(outputs)};
  }
  Tensor forward(const Tensor& x) {
    const Tensor y = bn2(conv2(bn1(conv1(x)).relu()));
    return (y + (downsample ? (*downsample)(x) : x)).relu();
  }
  TENON_MODULE(BasicBlock, conv1, bn1, conv2, bn2, downsample)
};

struct ResNet18 : nn::Module<ResNet18> {
  nn::Conv2d conv1;
  nn::BatchNorm2d bn1;
  nn::Sequential layer1, layer2, layer3, layer4;
  nn::Linear fc;

  explicit ResNet18(int64_t width)
      : conv1(3, width, 7, {.stride = 2, .padding = 3, .bias = false}),
        bn1(width),
        layer1(two(width, width, 1)),
        layer2(two(width, 2 * width, 2)),
        layer3(two(2 * width, 4 * width, 2)),
        layer4(two(4 * width, 8 * width, 2)),
        fc(8 * width, 10) {
    apply([](nn::ModuleBase& module) {
      if (const auto* conv = dynamic_cast<nn::Conv2d*>(&module))
        nn::init::kaiming_normal_(conv->weight,
                                  {.mode = nn::init::FanMode::fan_out, .nonlinearity = nn::init::Nonlinearity::relu});
    });
  }
  static nn::Sequential two(int64_t inputs, int64_t outputs, int64_t stride) {
    nn::Sequential blocks;
    blocks.append(BasicBlock(inputs, outputs, stride));
    blocks.append(BasicBlock(outputs, outputs, 1));
    return blocks;
  }
  Tensor forward(const Tensor& x) {
    const Tensor stem = nn::functional::max_pool2d(bn1(conv1(x)).relu(), 3, {.stride = 2, .padding = 1});
    return fc(layer4(layer3(layer2(layer1(stem)))).mean({2, 3}));
  }
  TENON_MODULE(ResNet18, conv1, bn1, layer1, layer2, layer3, layer4, fc)
};

}  // namespace

TEST(InitialWeights, OfAResNet18AreThoseOfPyTorch) {
  manual_seed(18);
  ResNet18 model(8);
  const Dict wanted = load(test::tests_folder() + "/nn/data/resnet18.pt").as<Dict>(), got = model.state_dict();
  ASSERT_EQ(got.size(), wanted.size());
  for (const auto& [key, value] : wanted) {
    ASSERT_TRUE(got.contains(key.string())) << key.string();
    // Of normal numbers the last digit is the processor's.
    EXPECT_TRUE(allclose(got[key.string()].as<Tensor>(), value.as<Tensor>(), 1e-6, 1e-7)) << key.string();
  }
  EXPECT_EQ(model(randn({2, 3, 64, 64})).shape(), (Shape{2, 10}));
}
}  // namespace initial_weights_test
