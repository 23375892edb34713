#include <tenon/nn/layers/loss/ctc.h>

namespace tenon::nn {

CTCLoss::CTCLoss(const functional::CTCLossOptions& options)
    : blank(options.blank), reduction(options.reduction), zero_infinity(options.zero_infinity) {}

Tensor CTCLoss::forward(const Tensor& log_probs, const Tensor& targets, const functional::Lengths& input_lengths,
                        const functional::Lengths& target_lengths) const {
  return functional::ctc_loss(log_probs, targets, input_lengths, target_lengths,
                              {.blank = blank, .reduction = reduction, .zero_infinity = zero_infinity});
}

}  // namespace tenon::nn
