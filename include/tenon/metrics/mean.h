#pragma once
// Means, gathered batch by batch.
#include <tenon/metrics/classification.h>

#pragma GCC visibility push(default)

namespace tenon::metrics {

/// The weighted mean of numbers.
class Mean {
 public:
  void update(double value, double weight = 1);
  /// All elements; the weights broadcast.
  void update(const Tensor& values, const Tensor& weights = {});
  double compute() const;  ///< a NaN before any
  void reset() { sum_ = weight_ = 0; }
  Dict state_dict() const { return {{"sum", sum_}, {"weight", weight_}}; }
  void load_state_dict(const Dict& state_dict);

 private:
  double sum_ = 0, weight_ = 0;
};

/// exp of the mean cross-entropy: how many equally likely tokens a model chooses between. Source:
/// torchmetrics.text.Perplexity.
class Perplexity {
 public:
  explicit Perplexity(const MetricOptions& options = {}) : options_(options) {}
  /// Logits (…, C) and targets (…), int64.
  void update(const Tensor& logits, const Tensor& target);
  double compute() const;
  void reset() { loss_.reset(); }
  Dict state_dict() const { return loss_.state_dict(); }
  void load_state_dict(const Dict& state_dict) { loss_.load_state_dict(state_dict); }

 private:
  MetricOptions options_;
  Mean loss_;
};

}  // namespace tenon::metrics

#pragma GCC visibility pop
