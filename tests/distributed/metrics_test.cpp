#include <gtest/gtest.h>

#include <tenon/distributed.h>
#include <tenon/tenon.h>

namespace distributed_metrics_test {
namespace {

using namespace tenon;
namespace d = tenon::distributed;

/// Some rows of what everybody draws alike: of rank 0 none, where there are others.
Tensor part(const Tensor& x) {
  const int64_t n = d::world_size(), r = d::rank();
  if (n == 1) return x;
  const int64_t each = x.size(0) / (n - 1);
  return x.narrow(0, r == 0 ? 0 : (r - 1) * each, r == 0 ? 0 : r == n - 1 ? x.size(0) - (r - 1) * each : each);
}

/// In parts and brought together, then for one more round.
template <class M>
void expect_as_of_all(M parts, M whole, const Tensor& scores, const Tensor& target) {
  for (int round = 0; round < 2; ++round) {
    parts.update(part(scores), part(target));
    whole.update(scores, target);
    d::sync_metric(parts);
    EXPECT_NEAR(parts.compute(), whole.compute(), 1e-12) << round;
    parts.reset();
    whole.reset();
  }
}

TEST(SyncMetric, EachProcessHasThatOfAllItems) {
  Generator g(3);
  const Tensor scores = randn({20, 4}, {}, &g), target = randint(0, 4, {20}, {}, &g);
  expect_as_of_all(metrics::Accuracy(), metrics::Accuracy(), scores, target);
  expect_as_of_all(metrics::Accuracy(2), metrics::Accuracy(2), scores, target);
  expect_as_of_all(metrics::F1Score(4), metrics::F1Score(4), scores, target);
  expect_as_of_all(metrics::Precision(4), metrics::Precision(4), scores, target);
}

TEST(SyncMetric, MeansAreWeightedByTheirItems) {
  metrics::Mean mean;
  double sum = 0, weight = 0;
  for (int64_t r = 0; r < d::world_size(); ++r) {
    sum += static_cast<double>(10 * r * (r + 1));
    weight += static_cast<double>(r + 1);
  }
  mean.update(static_cast<double>(10 * d::rank()), static_cast<double>(d::rank() + 1));
  d::sync_metric(mean);
  EXPECT_DOUBLE_EQ(mean.compute(), sum / weight);
}

}  // namespace
}  // namespace distributed_metrics_test
