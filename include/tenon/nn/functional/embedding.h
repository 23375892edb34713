#pragma once
// Rows of a table by number. Where PyTorch's `sparse` makes a sparse gradient, the gradient here is dense and of the
// same numbers.
#include <cstdint>
#include <optional>

#include <tenon/tensor.h>

#pragma GCC visibility push(default)

namespace tenon::nn::functional {

struct EmbeddingOptions {
  std::optional<int64_t> padding_idx = {};  ///< a row that gets no gradient; negative: from the end
  std::optional<double> max_norm = {};      ///< rows that are read and longer are scaled down to it, in place
  double norm_type = 2;                     ///< p of the norm that is meant
  bool scale_grad_by_freq = false;          ///< a row's gradient is divided by how often the input has it
  bool sparse = false;                      ///< accepted: the gradient is dense
};
/// The rows of weight (rows, D) that the input tells: (*) of int64 or int32 → (*, D). An error for a number that is no
/// row. Source: torch.nn.functional.embedding.
Tensor embedding(const Tensor& input, const Tensor& weight, const EmbeddingOptions& options = {});

enum class BagMode { sum, mean, max };
struct EmbeddingBagOptions {
  Tensor offsets = {};  ///< (bags): where each begins in an input of one dimension
  std::optional<double> max_norm = {};
  double norm_type = 2;
  bool scale_grad_by_freq = false;
  BagMode mode = BagMode::mean;
  bool sparse = false;                      ///< accepted: the gradient is dense
  Tensor per_sample_weights = {};           ///< of the input's shape: a factor of each row, with `sum` only
  bool include_last_offset = false;         ///< offsets (bags + 1) end with the end of the last
  std::optional<int64_t> padding_idx = {};  ///< a row that counts for nothing; negative: from the end
};
/// The sum, the mean or the largest elements of each bag of rows, without a tensor of them all: an input (bags, n), or
/// of one dimension with offsets, and weight (rows, D) → (bags, D). Of an empty bag 0. Source:
/// torch.nn.functional.embedding_bag.
Tensor embedding_bag(const Tensor& input, const Tensor& weight, const EmbeddingBagOptions& options = {});

/// 1 in the place that each number tells, 0 elsewhere: (*) of int64 → (*, num_classes) of int64. By default as many as
/// the greatest tells. Source: torch.nn.functional.one_hot.
Tensor one_hot(const Tensor& x, std::optional<int64_t> num_classes = {});

}  // namespace tenon::nn::functional

#pragma GCC visibility pop
