#pragma once
// What a classifier reaches, gathered batch by batch. Source of the definitions: torchmetrics.
#include <cstdint>
#include <vector>

#include <tenon/value.h>

#pragma GCC visibility push(default)

namespace tenon::metrics {

struct MetricOptions {
  int64_t ignore_index = -100;  ///< targets that do not count
};

/// The share of items whose class is among the `top_k` of the highest scores. Where scores are equal, the class that
/// comes first is taken for the higher.
class Accuracy {
 public:
  explicit Accuracy(int64_t top_k = 1, const MetricOptions& options = {});
  /// Scores (N, C, …), or with top_k of 1 classes (N, …), int64; targets (N, …), int64.
  void update(const Tensor& predictions, const Tensor& target);
  /// In [0, 1]; a NaN before any item.
  double compute() const;
  void reset() { correct_ = items_ = 0; }
  Dict state_dict() const;
  void load_state_dict(const Dict& state_dict);

 private:
  int64_t top_k_;
  MetricOptions options_;
  int64_t correct_ = 0, items_ = 0;
};

/// How often an item of class i was taken for class j.
class ConfusionMatrix {
 public:
  explicit ConfusionMatrix(int64_t num_classes, const MetricOptions& options = {});
  /// Scores (N, C, …) or classes (N, …), int64; targets (N, …), int64. An error for a class that is not below
  /// num_classes, before anything changes.
  void update(const Tensor& predictions, const Tensor& target);
  /// int64 (num_classes, num_classes): rows are the targets, columns the predictions.
  Tensor compute() const { return counts_.clone(); }
  void reset() { counts_.zero_(); }
  int64_t num_classes() const { return counts_.size(0); }
  Dict state_dict() const { return {{"counts", counts_.clone()}}; }
  void load_state_dict(const Dict& state_dict);

 private:
  Tensor counts_;
  MetricOptions options_;
};

/// How the classes' values become one.
enum class Average : uint8_t {
  macro,    ///< their mean, without classes that are neither in the targets nor in the predictions
  micro,    ///< of all items as of one class
  weighted  ///< their mean, each counted by its targets
};

/// Of all items taken for a class, how many are of it. A class that nothing was taken for counts 0.
class Precision : public ConfusionMatrix {
 public:
  using ConfusionMatrix::ConfusionMatrix;
  Tensor per_class() const;  ///< float64 (num_classes)
  double compute(Average average = Average::macro) const;
};
/// Of all items of a class, how many are taken for it. A class without items counts 0.
class Recall : public ConfusionMatrix {
 public:
  using ConfusionMatrix::ConfusionMatrix;
  Tensor per_class() const;
  double compute(Average average = Average::macro) const;
};
/// The harmonic mean of precision and recall, class by class.
class F1Score : public ConfusionMatrix {
 public:
  using ConfusionMatrix::ConfusionMatrix;
  Tensor per_class() const;
  double compute(Average average = Average::macro) const;
};

/// How often a positive item has a higher score than a negative one, equal scores counting half: the area under the
/// curve of true over false positives. All scores are kept.
class AUROC {
 public:
  /// Of yes or no, or, with num_classes > 1, each class against all others.
  explicit AUROC(int64_t num_classes = 1, const MetricOptions& options = {});
  /// Scores (N) and targets (N) of 0 and 1; of classes, scores (N, C, …) and targets (N, …).
  void update(const Tensor& scores, const Tensor& target);
  /// float64 (num_classes): a NaN for a class without items, or with no others.
  Tensor per_class() const;
  /// The mean of those that are numbers.
  double compute() const;
  void reset();

 private:
  int64_t num_classes_;
  MetricOptions options_;
  std::vector<Tensor> scores_, targets_;  // (N, C), (N)
};

}  // namespace tenon::metrics

#pragma GCC visibility pop
