// Losses as layers. Expected numbers are PyTorch 2.15's.

#include <gtest/gtest.h>
#include <tenon/tenon.h>

namespace tenon::nn {
namespace {

TEST(CrossEntropyLoss, PassesItsOptionsOn) {
  const Tensor logits = tensor({{1.f, 2.f}, {3.f, 0.f}}), target = tensor<int64_t>({0, 1});
  const functional::CrossEntropyOptions options{.weight = tensor({1.f, 3.f}), .label_smoothing = 0.1};
  CrossEntropyLoss loss(options);
  EXPECT_EQ(loss(logits, target).item<float>(), functional::cross_entropy(logits, target, options).item<float>());
  EXPECT_NE(loss(logits, target).item<float>(), functional::cross_entropy(logits, target).item<float>());
  EXPECT_EQ(loss.named_buffers()[0].name, "weight");
  EXPECT_TRUE(CrossEntropyLoss().buffers().empty());
}

}  // namespace
}  // namespace tenon::nn
