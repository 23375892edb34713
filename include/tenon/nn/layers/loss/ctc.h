#pragma once
// Connectionist temporal classification.
#include <tenon/nn/functional/loss/ctc.h>
#include <tenon/nn/module.h>

#pragma GCC visibility push(default)

namespace tenon::nn {

/// −log of the probability that an input tells its target: log_probs (T, N, C) or (T, C), a log_softmax; targets (N,
/// S), or all of them one after the other; and the lengths of both, as tensors or in braces. Source: torch.nn.CTCLoss.
class CTCLoss : public Module<CTCLoss> {
 public:
  int64_t blank;
  functional::Reduction reduction;
  bool zero_infinity;

  explicit CTCLoss(const functional::CTCLossOptions& options = {});

 protected:
  Tensor forward(const Tensor& log_probs, const Tensor& targets, const functional::Lengths& input_lengths,
                 const functional::Lengths& target_lengths) const;

  TENON_MODULE(CTCLoss, blank, reduction, zero_infinity)
};

}  // namespace tenon::nn

#pragma GCC visibility pop
