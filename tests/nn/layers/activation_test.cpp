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

}  // namespace
}  // namespace tenon::nn
