// Means, gathered batch by batch.
#include <tenon/metrics.h>
#include <tenon/ops.h>

#include <cmath>

#include "tensor/check.h"

namespace tenon::metrics_mean_test {
namespace {

using metrics::Mean;
using metrics::Perplexity;

TEST(Mean, OfNumbersAndTensorsWithWeights) {
  Mean mean;
  EXPECT_TRUE(std::isnan(mean.compute()));
  mean.update(2, 3);
  mean.update(tensor({1.0, 5.0}));
  EXPECT_DOUBLE_EQ(mean.compute(), 12.0 / 5);
  mean.update(tensor({{1.0, 2.0}, {3.0, 4.0}}), tensor({0.0, 1.0}));
  EXPECT_DOUBLE_EQ(mean.compute(), 18.0 / 7);
  Mean again;
  again.load_state_dict(mean.state_dict());
  EXPECT_DOUBLE_EQ(again.compute(), 18.0 / 7);
  mean.reset();
  EXPECT_TRUE(std::isnan(mean.compute()));
}

TEST(Perplexity, IsTorchmetricsOverBatchesWithoutWhatIsIgnored) {
  const Tensor logits = arange(24).to(float32).reshape({2, 3, 4}).sin();
  const Tensor target = tensor({0, 1, 2, 3, -100, 1}).reshape({2, 3});
  Perplexity perplexity;
  for (int64_t i = 0; i < 2; ++i) perplexity.update(logits[i], target[i]);
  EXPECT_NEAR(perplexity.compute(), 5.5730, 1e-4);
  EXPECT_EQ(test::error_of([&] { perplexity.update(logits, target[0]); }),
            "[Perplexity] expected logits of shape (…, C) and targets of shape (…), got (2, 3, 4) and (3,)");
}

}  // namespace
}  // namespace tenon::metrics_mean_test
