// Activations as layers. Expected numbers are PyTorch 2.15's.
#include <vector>

#include <gtest/gtest.h>
#include <tenon/tenon.h>

namespace tenon::nn {
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

TEST(Softplus, PrintsAsPyTorchDoes) {
  EXPECT_EQ(Softplus().to_string(), "Softplus(beta=1.0, threshold=20.0)");
  EXPECT_EQ(Softplus(0.5, 10).to_string(), "Softplus(beta=0.5, threshold=10.0)");
}

}  // namespace
}  // namespace tenon::nn
