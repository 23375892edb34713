#pragma once
// Connectionist temporal classification.
#include <cstdint>
#include <initializer_list>
#include <utility>
#include <vector>

#include <tenon/nn/functional/loss/reduction.h>

#pragma GCC visibility push(default)

namespace tenon::nn::functional {

/// How long each item of a batch is: `{50, 42, 50}`, a vector, or a tensor of integers (N), or () for one item.
class Lengths {
 public:
  Lengths(std::initializer_list<int64_t> lengths) : all_(lengths) {}
  Lengths(std::vector<int64_t> lengths) : all_(std::move(lengths)) {}
  /// An error for a tensor of other types, or of more dimensions.
  Lengths(const Tensor& lengths);

  const std::vector<int64_t>& all() const { return all_; }

 private:
  std::vector<int64_t> all_;
};

struct CTCLossOptions {
  int64_t blank = 0;  ///< the class that stands for no label
  Reduction reduction = Reduction::mean;
  bool zero_infinity = false;  ///< 0, without a gradient, for targets that their input is too short for
};
/// −log of the probability that an input tells its target, over all alignments of both.
///
/// log_probs (T, N, C), or (T, C) for one item, is a log_softmax: the gradient that it gets is, as in PyTorch, what is
/// right once it has gone back through log_softmax. Targets are int64: (N, S), of which each item's first
/// target_length count, or all of them one after the other, (sum of target_lengths). The mean is over the batch, each
/// loss divided by its target's length (1 at least). No second derivative. Source: torch.nn.functional.ctc_loss (Graves
/// et al. 2006, "Connectionist temporal classification").
Tensor ctc_loss(const Tensor& log_probs, const Tensor& targets, const Lengths& input_lengths,
                const Lengths& target_lengths, const CTCLossOptions& options = {});

}  // namespace tenon::nn::functional

#pragma GCC visibility pop
