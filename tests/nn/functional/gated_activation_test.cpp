// Activation functions with slopes that are learnt or drawn, with gates, and over a dimension. Expected numbers are
// PyTorch 2.15's.
#include <tenon/nn/functional/activation.h>
#include <tenon/random.h>

#include "autograd/gradcheck.h"

namespace tenon::gated_activation_test {
namespace {

namespace F = nn::functional;

using test::error_of;
using test::expect_values;

TEST(Prelu, HasASlopeForAllOrForEachChannel) {
  const Tensor x = tensor({{-1.0, 2.0}, {-3.0, -4.0}});
  expect_values(F::prelu(x, tensor({0.5})), {2, 2}, {-0.5, 2, -1.5, -2});
  expect_values(F::prelu(x, tensor(0.5)), {2, 2}, {-0.5, 2, -1.5, -2});
  expect_values(F::prelu(x, tensor({0.5, 2.0})), {2, 2}, {-0.5, 2, -1.5, -8});
  expect_values(F::prelu(tensor(-2.0), tensor({0.5})), {}, {-1});
}

TEST(Prelu, Gradients) {
  for (const Tensor& x : test::leaves({2, 3, 4})) {
    const auto f = [](const auto& in) { return F::prelu(in[0], in[1]); };
    test::gradchecks(f, {x, test::leaf({3}, 5)});
    test::gradchecks(f, {x, test::leaf({1}, 5)});
  }
}

TEST(Prelu, RefusesWeightsThatDoNotFit) {
  EXPECT_EQ(
      error_of([] {
        F::prelu(ones({2, 3}), ones({2}));
      }),
      "[prelu] expected a weight of one number, or of one for each of the 3 channels of an input of shape (2, 3), "
      "got (2,)");
  EXPECT_EQ(
      error_of([] { F::prelu(ones({3}), ones({3})); }),
      "[prelu] expected a weight of one number, or of one for each of the 1 channels of an input of shape (3,), got "
      "(3,)");
  EXPECT_EQ(
      error_of([] {
        F::prelu(ones({3}), ones({1, 1}));
      }),
      "[prelu] expected a weight of one number, or of one for each of the 1 channels of an input of shape (3,), got "
      "(1, 1)");
  EXPECT_EQ(error_of([] { F::prelu(ones({3}), ones({1}, {.dtype = bfloat16})); }),
            "[prelu] expected a weight of type float32, as the input has, got bfloat16");
}

TEST(Rrelu, DrawsPyTorchsSlopesInTrainingWhereItIsNotAboveZero) {
  // torch.manual_seed(0); F.rrelu(torch.tensor([-1., 1, -1, 0, -1]), training=True)
  manual_seed(0);
  expect_values(F::rrelu(tensor({-1.0, 1.0, -1.0, 0.0, -1.0}), {.training = true}), {5},
                {-0.3270943760871887, 1, -0.27246248722076416, 0, -0.31682243943214417});
  // torch.manual_seed(0); F.rrelu(-torch.ones(6).double(), training=True)
  manual_seed(0);
  expect_values(F::rrelu(-ones({6}, {.dtype = float64}), {.training = true}), {6},
                {-0.3270943753763652, -0.2724624717499558, -0.22070477981821893, -0.316822434192075, -0.259380025025576,
                 -0.28982247753756324});
  // torch.manual_seed(0); F.rrelu(-torch.ones(6).bfloat16(), training=True)
  manual_seed(0);
  expect_values(F::rrelu(-ones({6}, {.dtype = bfloat16}), {.training = true}), {6},
                {-0.326171875, -0.2734375, -0.220703125, -0.31640625, -0.259765625, -0.2890625});
  // torch.manual_seed(0); F.rrelu((-torch.arange(1., 7).view(3, 2)).t(), training=True)
  manual_seed(0);
  expect_values(F::rrelu(-arange(1.0, 7.0).reshape({3, 2}).t(), {.training = true}), {2, 3},
                {-0.3270943760871887, -0.8173874616622925, -1.103523850440979, -0.6336448788642883, -1.037520170211792,
                 -1.7389349937438965});
}

TEST(Rrelu, TheGradientIsTheSlopeThatWasDrawn) {
  const Tensor x = -ones({20}, {.requires_grad = true});
  const Tensor leaf = x.detach().requires_grad_(), y = F::rrelu(leaf, {.training = true});
  y.sum().backward();
  EXPECT_TRUE(test::identical(leaf.grad(), -y.detach()));
}

TEST(Rrelu, OutsideTrainingHasTheMeanSlopeAndDrawsNothing) {
  manual_seed(4);
  const Tensor wanted = rand({3});
  manual_seed(4);
  expect_values(F::rrelu(tensor({-2.0, 3.0}), {.lower = 0.25, .upper = 0.75}), {2}, {-1, 3});
  EXPECT_TRUE(test::identical(rand({3}), wanted));
}

TEST(Rrelu, InPlaceDrawsTheSame) {
  const Tensor x = test::noise({4, 5});
  manual_seed(4);
  const Tensor wanted = F::rrelu(x, {.training = true}), changed = x.clone();
  manual_seed(4);
  EXPECT_TRUE(F::rrelu_(changed, {.training = true}).is_same(changed));
  EXPECT_TRUE(test::identical(changed, wanted));
}

TEST(Rrelu, RefusesBoundsThatMakeNoSense) {
  EXPECT_EQ(error_of([] { F::rrelu(ones({2}), {.lower = 0.3, .upper = 0.2}); }),
            "[rrelu] expected lower <= upper, got lower = 0.3 and upper = 0.2");
  EXPECT_EQ(error_of([] { F::rrelu(ones({2}), {.lower = 0, .upper = test::infinity, .training = true}); }),
            "[rrelu] expected finite bounds, got lower = 0 and upper = inf");
  EXPECT_EQ(error_of([] { F::rrelu(ones({2}, {.dtype = int64})); }),
            "[rrelu] expected a floating-point tensor, got int64");
}

TEST(Glu, MultipliesOneHalfByTheOthersGate) {
  // F.glu(torch.tensor([[1., 2, 0, -1], [3, 4, 1, 2]]))
  const Tensor x = tensor({{1.0, 2.0, 0.0, -1.0}, {3.0, 4.0, 1.0, 2.0}});
  expect_values(F::glu(x), {2, 2}, {0.5, 0.5378828, 2.1931758, 3.5231883}, 1e-6);
  expect_values(F::glu(x, 0), {1, 4}, {0.9525741, 1.9640275, 0, -0.8807971}, 1e-6);
  EXPECT_EQ(F::glu(zeros({0, 4})).shape(), Shape({0, 2}));
}

TEST(Glu, Gradients) {
  for (const Tensor& x : test::leaves({2, 4, 2}))
    for (const int64_t dim : {0, 1, -1}) test::gradchecks([dim](const auto& in) { return F::glu(in[0], dim); }, {x});
}

TEST(Glu, RefusesWhatCannotBeHalved) {
  EXPECT_EQ(error_of([] {
              F::glu(ones({2, 3}));
            }),
            "[glu] expected an even size to be halved, got 3 in dimension 1 of (2, 3)");
  EXPECT_EQ(error_of([] { F::glu(ones({})); }),
            "[glu] expected an input of one dimension or more, whose size is halved");
  EXPECT_EQ(error_of([] { F::glu(ones({2}, {.dtype = int64})); }), "[glu] expected a floating-point tensor, got int64");
}

TEST(SoftmaxWithoutADimension, TakesPyTorchsChoice) {
  const Tensor x = test::noise({2, 3, 4});
  EXPECT_TRUE(test::identical(F::softmax(x), x.softmax(0)));
  EXPECT_TRUE(test::identical(F::log_softmax(x[0]), x[0].log_softmax(1)));
  EXPECT_TRUE(test::identical(F::softmin(x[0][0]), (-x[0][0]).softmax(0)));
  EXPECT_TRUE(test::identical(F::softmax(x.unsqueeze(0)), x.unsqueeze(0).softmax(1)));
  EXPECT_TRUE(test::identical(F::softmin(x, 2), (-x).softmax(2)));
  EXPECT_EQ(F::softmax(x, 1, float64).dtype(), float64);
}

}  // namespace
}  // namespace tenon::gated_activation_test
