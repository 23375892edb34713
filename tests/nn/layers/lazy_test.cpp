// Numbers are PyTorch 2.15's for the same seed.
#include <gtest/gtest.h>

#include <tenon/nn.h>
#include <tenon/optim.h>

#include "tensor/check.h"

namespace lazy_test {
using namespace tenon;
using test::error_of;
using test::expect_values;

namespace {

struct Net : nn::Module<Net> {
  nn::LazyLinear fc1{4};
  nn::Linear fc2{4, 1};

  Tensor forward(const Tensor& x) { return fc2(fc1(x)); }
  TENON_MODULE(Net, fc1, fc2)
};

}  // namespace

TEST(Lazy, LearnsItsInputsFromTheFirstCallAndDrawsAsPyTorch) {
  manual_seed(0);
  nn::LazyLinear layer(3);
  EXPECT_EQ(layer.to_string(), "LazyLinear(in_features=0, out_features=3, bias=True)");
  EXPECT_TRUE(layer.has_uninitialized_params());
  EXPECT_EQ(nn::count(layer.parameters()), 0);
  expect_values(layer(ones({2, 4})), {2, 3},
                {-0.9926879405975342, -0.0031014084815979004, -0.3675665259361267, -0.9926879405975342,
                 -0.0031014084815979004, -0.3675665259361267},
                1e-5);
  EXPECT_EQ(layer.to_string(), "Linear(in_features=4, out_features=3, bias=True)");
  EXPECT_FALSE(layer.has_uninitialized_params());
  EXPECT_EQ(nn::count(layer.parameters()), 15);
  EXPECT_EQ(layer.layer().in_features, 4);
}

TEST(Lazy, MakingOneDrawsNothing) {
  manual_seed(0);
  nn::LazyLinear layer(3);
  const float drawn = rand({1}).item<float>();
  manual_seed(0);
  EXPECT_EQ(rand({1}).item<float>(), drawn);
}

TEST(Lazy, ParametersStayTheObjectsThatAnOptimizerWasGiven) {
  Net net;
  optim::SGD optimizer(net.parameters(), {.lr = 0.1});
  net(ones({2, 3})).sum().backward();
  const Tensor before = net.get_parameter("fc1.weight").detach().clone();
  optimizer.step();
  EXPECT_FALSE(net.get_parameter("fc1.weight").equal(before));
  EXPECT_EQ(net.get_parameter("fc1.weight").shape(), (Shape{4, 3}));
}

TEST(Lazy, AStateDictSaysTheNumberToo) {
  Net known, net;
  known(ones({1, 3}));
  manual_seed(7);
  const float next = rand({1}).item<float>();
  manual_seed(7);
  net.load_state_dict(known.state_dict());
  EXPECT_EQ(rand({1}).item<float>(), next);  // nothing was drawn
  EXPECT_TRUE(net(ones({1, 3})).equal(known(ones({1, 3}))));
  EXPECT_EQ(net.fc1.to_string(), "Linear(in_features=3, out_features=4, bias=True)");
}

TEST(Lazy, IsConvertedBeforeItsFirstCall) {
  nn::LazyLinear layer(3);
  layer.to(float64);
  layer.requires_grad_(false);
  EXPECT_EQ(layer(ones({1, 2}, {.dtype = float64})).dtype(), float64);
  EXPECT_FALSE(layer.get_parameter("weight").requires_grad());
}

TEST(Lazy, ACopyKnowsWhatTheOriginalKnew) {
  Net net;
  Net before = net.clone();
  net(ones({1, 3}));
  Net after = net.clone();
  before(ones({1, 5}));
  EXPECT_EQ(before.fc1.layer().in_features, 5);
  EXPECT_TRUE(after(ones({1, 3})).equal(net(ones({1, 3}))));
  after.get_parameter("fc1.weight").detach().zero_();
  EXPECT_FALSE(after(ones({1, 3})).equal(net(ones({1, 3}))));
}

TEST(Lazy, ImagesTellTheirChannels) {
  nn::Sequential net{nn::LazyConv2d(8, 3, {.padding = 1}), nn::LazyBatchNorm2d(), nn::ReLU(),
                     nn::LazyConvTranspose2d(4, 2, {.stride = 2}),
                     nn::LazyInstanceNorm2d(nn::InstanceNormOptions{.affine = true})};
  EXPECT_EQ(net.to_string(),
            "Sequential(\n"
            "  (0): LazyConv2d(0, 8, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))\n"
            "  (1): LazyBatchNorm2d(0, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)\n"
            "  (2): ReLU()\n"
            "  (3): LazyConvTranspose2d(0, 4, kernel_size=(2, 2), stride=(2, 2))\n"
            "  (4): LazyInstanceNorm2d(0, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=False)\n"
            ")");
  nn::Sequential before = net.clone();
  EXPECT_EQ(net(ones({2, 3, 6, 6})).shape(), (Shape{2, 4, 12, 12}));
  EXPECT_EQ(net.get_parameter("0.weight").shape(), (Shape{8, 3, 3, 3}));
  EXPECT_EQ(net.get_parameter("3.weight").shape(), (Shape{8, 4, 2, 2}));
  EXPECT_EQ(net.get_buffer("1.num_batches_tracked").item<int>(), 1);
  before.load_state_dict(net.state_dict());
  net.eval();
  before.eval();
  const Tensor x = randn({1, 3, 6, 6});
  EXPECT_TRUE(before(x).equal(net(x)));
  EXPECT_EQ(before.to_string(), net.to_string());
}

TEST(Lazy, ErrorsNameTheLayer) {
  Net net;
  EXPECT_EQ(error_of([] { nn::LazyLinear(3)(tensor(1.0)); }),
            "[LazyLinear] expected an input of 1 dimensions or more, got shape ()");
  EXPECT_EQ(error_of([] {
              nn::LazyConv2d(4, 3)(ones({2, 3}));
            }),
            "[LazyConv2d] expected an input of 3 dimensions or 4, got shape (2, 3)");
  EXPECT_EQ(error_of([] {
              nn::LazyBatchNorm2d()(ones({2, 3}));
            }),
            "[LazyBatchNorm2d] expected an input of 4 dimensions, got shape (2, 3)");
  nn::LazyConv2d grouped(4, 3, {.groups = 2});
  EXPECT_EQ(error_of([&] {
              grouped(ones({1, 3, 8, 8}));
            }),
            "[Conv2d] expected numbers of channels that groups=2 divides, got in_channels=3, out_channels=4");
  EXPECT_TRUE(grouped.has_uninitialized_params());
  net(ones({1, 3}));
  EXPECT_EQ(error_of([&] { net(ones({1, 2})); }), "fc1 (Linear): expected input of shape (*, 3), got (1, 2)");
}
}  // namespace lazy_test
