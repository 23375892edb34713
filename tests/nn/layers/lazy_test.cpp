// Numbers are PyTorch 2.15's for the same seed.
#include <gtest/gtest.h>

#include <tenon/nn.h>
#include <tenon/optim.h>

#include "tensor/check.h"

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

TEST(Lazy, ErrorsNameTheLayer) {
  Net net;
  EXPECT_EQ(error_of([] { nn::LazyLinear(3)(tensor(1.0)); }),
            "[LazyLinear] expected an input of one dimension or more, got a 0-dim tensor");
  net(ones({1, 3}));
  EXPECT_EQ(error_of([&] { net(ones({1, 2})); }), "fc1 (Linear): expected input of shape (*, 3), got (1, 2)");
}
