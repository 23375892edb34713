// Activations as layers. Expected numbers are PyTorch 2.15's.
#include <vector>

#include <gtest/gtest.h>
#include <tenon/tenon.h>

#include "tensor/check.h"

namespace tenon::nn::layers_activation_test {
namespace {

TEST(ReLU, ZeroesWhatIsNegative) {
  const Tensor x = tensor({-1.f, 0.f, 2.f});
  EXPECT_EQ(ReLU()(x).to_vector<float>(), (std::vector<float>{0, 0, 2}));
  EXPECT_EQ(x.to_vector<float>(), (std::vector<float>{-1, 0, 2}));
}

TEST(ReLU, InPlaceChangesItsInput) {
  const Tensor x = tensor({-1.f, 0.f, 2.f});
  EXPECT_TRUE(ReLU({.inplace = true})(x).is_same(x));
  EXPECT_EQ(x.to_vector<float>(), (std::vector<float>{0, 0, 2}));
}

TEST(ReLU, InPlaceGivesGradients) {
  const Parameter p(tensor({-1.f, 3.f}));
  const Tensor x = p * 2;
  ReLU({.inplace = true})(x).sum().backward();
  EXPECT_EQ(p.grad().to_vector<float>(), (std::vector<float>{0, 2}));
}

TEST(LeakyReLU, ScalesWhatIsNegativeAndPrintsAsPyTorchDoes) {
  const Tensor x = tensor({-1.f, 0.f, 2.f});
  EXPECT_EQ(LeakyReLU(0.5)(x).to_vector<float>(), (std::vector<float>{-0.5, 0, 2}));
  EXPECT_EQ(LeakyReLU().to_string(), "LeakyReLU(negative_slope=0.01)");
  LeakyReLU in_place(0.25, {.inplace = true});
  EXPECT_EQ(in_place.to_string(), "LeakyReLU(negative_slope=0.25, inplace=True)");
  EXPECT_TRUE(in_place(x).is_same(x));
  EXPECT_EQ(x.to_vector<float>(), (std::vector<float>{-0.25, 0, 2}));
}

TEST(LeakyReLU, InPlaceGivesGradients) {
  const Parameter p(tensor({-1.f, 3.f}));
  const Tensor x = p * 2;
  LeakyReLU(0.5, {.inplace = true})(x).sum().backward();
  EXPECT_EQ(p.grad().to_vector<float>(), (std::vector<float>{1, 2}));
}

TEST(Softplus, PrintsAsPyTorchDoes) {
  EXPECT_EQ(Softplus().to_string(), "Softplus(beta=1.0, threshold=20.0)");
  EXPECT_EQ(Softplus(0.5, 10).to_string(), "Softplus(beta=0.5, threshold=10)");
}

TEST(ActivationLayers, PrintAsPyTorchDoes) {
  EXPECT_EQ(ELU(2.0, {.inplace = true}).to_string(), "ELU(alpha=2.0, inplace=True)");
  EXPECT_EQ(CELU().to_string(), "CELU(alpha=1.0)");
  EXPECT_EQ(Hardshrink().to_string(), "Hardshrink(0.5)");
  EXPECT_EQ(Softshrink(1).to_string(), "Softshrink(1)");
  EXPECT_EQ(Hardsigmoid({.inplace = true}).to_string(), "Hardsigmoid()");
  EXPECT_EQ(Hardswish({.inplace = true}).to_string(), "Hardswish()");
  EXPECT_EQ(Hardtanh(-2, 2, {.inplace = true}).to_string(), "Hardtanh(min_val=-2.0, max_val=2.0, inplace=True)");
  EXPECT_EQ(LogSigmoid().to_string(), "LogSigmoid()");
  EXPECT_EQ(PReLU(3).to_string(), "PReLU(num_parameters=3)");
  EXPECT_EQ(ReLU6().to_string(), "ReLU6()");
  EXPECT_EQ(ReLU6({.inplace = true}).to_string(), "ReLU6(inplace=True)");
  EXPECT_EQ(RReLU().to_string(), "RReLU(lower=0.125, upper=0.3333333333333333)");
  EXPECT_EQ(RReLU(0.1, 0.2, {.inplace = true}).to_string(), "RReLU(lower=0.1, upper=0.2, inplace=True)");
  EXPECT_EQ(SELU({.inplace = true}).to_string(), "SELU(inplace=True)");
  EXPECT_EQ(SiLU().to_string(), "SiLU()");
  EXPECT_EQ(Mish({.inplace = true}).to_string(), "Mish(inplace=True)");
  EXPECT_EQ(Sigmoid().to_string(), "Sigmoid()");
  EXPECT_EQ(Softsign().to_string(), "Softsign()");
  EXPECT_EQ(Tanh().to_string(), "Tanh()");
  EXPECT_EQ(Tanhshrink().to_string(), "Tanhshrink()");
  EXPECT_EQ(Threshold(0.1, 20, {.inplace = true}).to_string(), "Threshold(threshold=0.1, value=20.0, inplace=True)");
  EXPECT_EQ(GLU().to_string(), "GLU(dim=-1)");
  EXPECT_EQ(Softmin().to_string(), "Softmin(dim=None)");
  EXPECT_EQ(Softmax(1).to_string(), "Softmax(dim=1)");
  EXPECT_EQ(LogSoftmax().to_string(), "LogSoftmax(dim=None)");
  EXPECT_EQ(Softmax2d().to_string(), "Softmax2d()");
}

/// A layer with {.inplace = true} gives its input, changed to what `plain` makes of it.
template <class M>
void expect_in_place(M layer, M plain) {
  const Tensor x = test::noise({3, 4}) * 4, wanted = plain(x), changed = x.clone();
  EXPECT_TRUE(layer(changed).is_same(changed)) << layer.to_string();
  EXPECT_TRUE(test::identical(changed, wanted)) << layer.to_string();
  EXPECT_FALSE(plain(x).is_same(x));
}

TEST(ActivationLayers, InPlaceChangeTheirInput) {
  const InplaceOptions in_place{.inplace = true};
  expect_in_place(ELU(2, in_place), ELU(2));
  expect_in_place(CELU(2, in_place), CELU(2));
  expect_in_place(Hardsigmoid(in_place), Hardsigmoid());
  expect_in_place(Hardswish(in_place), Hardswish());
  expect_in_place(Mish(in_place), Mish());
  expect_in_place(ReLU6(in_place), ReLU6());
  expect_in_place(SELU(in_place), SELU());
  expect_in_place(SiLU(in_place), SiLU());
  expect_in_place(Hardtanh(-2, 2, in_place), Hardtanh(-2, 2));
  expect_in_place(Threshold(0.5, 2, in_place), Threshold(0.5, 2));
  RReLU drawn(0.1, 0.4, in_place), mean(0.1, 0.4);
  drawn.eval();
  mean.eval();
  expect_in_place(std::move(drawn), std::move(mean));
}

TEST(PReLU, LearnsItsSlopes) {
  PReLU layer(2, {.init = 0.5, .dtype = float64});
  EXPECT_EQ(layer.weight.dtype(), float64);
  const Tensor x = tensor({{-2.0, 3.0}, {-4.0, -1.0}}).to(float64);
  layer(x).sum().backward();
  test::expect_values(layer(x), {2, 2}, {-1, 3, -2, -0.5});
  test::expect_values(layer.weight.grad(), {2}, {-6, -1});
  EXPECT_EQ(layer.state_dict().size(), 1);
  EXPECT_EQ(test::error_of([] { PReLU(-1); }), "[PReLU] expected a num_parameters of 0 or more, got -1");
}

TEST(RReLU, DrawsInTrainingOnly) {
  RReLU layer;
  const Tensor x = -ones({64});
  manual_seed(1);
  const Tensor first = layer(x), second = layer(x);
  EXPECT_FALSE(test::identical(first, second));
  layer.eval();
  test::expect_values(layer(-ones({1})), {1}, {-(1.0 / 8 + 1.0 / 3) / 2}, 1e-6);
}

TEST(Hardtanh, RefusesBoundsTheWrongWayRound) {
  EXPECT_EQ(test::error_of([] { Hardtanh(1, -1); }),
            "[Hardtanh] expected a max_val above min_val, got min_val=1, max_val=-1");
}

TEST(Softmax2d, IsOverTheChannels) {
  const Tensor x = test::noise({2, 3, 4, 5});
  EXPECT_TRUE(test::identical(Softmax2d()(x), x.softmax(1)));
  EXPECT_TRUE(test::identical(Softmax2d()(x[0]), x[0].softmax(0)));
  EXPECT_EQ(test::error_of([] {
              Softmax2d()(ones({2, 3}));
            }),
            "[Softmax2d] expected an input of shape (N, C, H, W) or (C, H, W), got (2, 3)");
}

}  // namespace
}  // namespace tenon::nn::layers_activation_test
