#include <tenon/nn/functional/loss/ctc.h>

#include <algorithm>
#include <limits>

#include "backend/loss.h"
#include "nn/functional/loss/common.h"

namespace tenon::nn::functional {
namespace {

constexpr const char* name = "ctc_loss";

struct Checked {
  Tensor targets;               ///< one item's after the other's
  std::vector<int64_t> starts;  ///< where an item's begin
  int64_t longest = 0;
};

void check_lengths(const char* what, const std::vector<int64_t>& lengths, int64_t items, int64_t most) {
  if (static_cast<int64_t>(lengths.size()) != items)
    fail(name, "expected {} {}, one for each item, got {}", items, what, lengths.size());
  for (const int64_t length : lengths)
    if (length < 0 || length > most) fail(name, "expected {} between 0 and {}, got {}", what, most, length);
}

Checked check_targets(const Tensor& log_probs, const Tensor& targets, const std::vector<int64_t>& lengths) {
  const int64_t items = log_probs.size(1), classes = log_probs.size(2);
  check_same_device(log_probs, targets, name);
  if (targets.dtype() != int64 && targets.dtype() != int32)
    fail(name, "expected targets of type int64, got {}: convert with to(int64)", targets.dtype());
  Checked checked{as_type(targets, int64).contiguous().reshape({targets.numel()}), {}};
  int64_t total = 0;
  if (targets.dim() == 1) {
    check_lengths("target lengths", lengths, items, targets.numel());
    for (const int64_t length : lengths) {
      checked.starts.push_back(total);
      total += length;
    }
    if (total != targets.numel())
      fail(name, "expected as many targets as the target lengths sum up to, {}, got {}", total, targets.numel());
  } else if (targets.dim() == 2 && targets.size(0) == items) {
    check_lengths("target lengths", lengths, items, targets.size(1));
    for (int64_t i = 0; i < items; ++i) checked.starts.push_back(i * targets.size(1));
  } else {
    fail(name, "expected targets of shape (N, S) with N = {}, or a vector of all, got {}", items,
         targets.shape().to_string());
  }
  checked.longest = *std::max_element(lengths.begin(), lengths.end());
  if (targets.is_meta()) return checked;
  const Tensor host = checked.targets.cpu();
  for (std::size_t i = 0; i < lengths.size(); ++i)
    for (int64_t s = 0; s < lengths[i]; ++s) {
      const int64_t label = host.data<int64_t>()[checked.starts[i] + s];
      if (label < 0 || label >= classes)
        fail(name, "target {} of item {} is out of range: there are {} classes", label, i, classes);
    }
  return checked;
}

/// The losses of the items, (N) float64.
Tensor losses_of(const Tensor& log_probs, const CtcArgs& given, int64_t longest, bool zero_infinity) {
  CtcArgs args = given;
  const Shape& shape = log_probs.shape();
  const Tensor raw = new_tensor({shape[1]}, float64, log_probs.device());
  const Tensor alpha = new_tensor({shape[1], shape[0], 2 * longest + 3}, float64, log_probs.device());
  Tensor losses = raw;
  {
    const NoGrad guard;
    args.log_probs = log_probs.contiguous();
    on<LossKernels>(log_probs.device()).ctc(raw, alpha, args);
    if (zero_infinity) losses = raw.masked_fill(raw.isinf(), 0);
  }
  if (!needs_grad(log_probs)) return losses;
  args.log_probs = {};  // saved by the node
  record(name, losses, {&log_probs}, {&log_probs, &raw, &alpha}, [args, zero_infinity](Grads& g) {
    CtcArgs all = args;
    const Tensor x = g.saved(0), dx = new_tensor(x.shape(), x.dtype(), x.device());
    {
      const NoGrad guard;
      all.log_probs = x.contiguous();
      const Tensor grad = zero_infinity ? g.in().masked_fill(g.saved(1).isinf(), 0) : g.in();
      on<LossKernels>(x.device()).ctc_backward(dx, grad.contiguous(), g.saved(1), g.saved(2), all);
    }
    if (needs_grad(g.in(), x))
      record("ctc_loss_backward", dx, {&g.in(), &x}, {},
             [](Grads&) { fail(name, "the second derivative is not implemented, as in PyTorch"); });
    g.give(0, dx);
  });
  return losses;
}

}  // namespace

Lengths::Lengths(const Tensor& lengths) {
  if (lengths.dim() > 1 || lengths.is_floating_point() || lengths.dtype() == boolean)
    fail(name, "expected lengths as a vector of integers, got {} of shape {}", lengths.dtype(),
         lengths.shape().to_string());
  all_ = lengths.cpu().reshape({lengths.numel()}).to_vector<int64_t>();
}

Tensor ctc_loss(const Tensor& log_probs, const Tensor& targets, const Lengths& input_lengths,
                const Lengths& target_lengths, const CTCLossOptions& o) {
  if (autocasts()) [[unlikely]]
    return in_float_type([&](const Tensor& in) { return ctc_loss(in, targets, input_lengths, target_lengths, o); },
                         log_probs);
  if (log_probs.dim() == 2) {
    const Tensor loss = ctc_loss(log_probs.unsqueeze(1), targets, input_lengths, target_lengths, o);
    return o.reduction == Reduction::none ? loss.squeeze(0) : loss;
  }
  if (!log_probs.is_floating_point())
    fail(name, "expected floating-point log-probabilities, got {}", log_probs.dtype());
  if (log_probs.dim() != 3 || log_probs.numel() == 0)
    fail(name, "expected log-probabilities of shape (T, N, C) or (T, C), none of them 0, got {}",
         log_probs.shape().to_string());
  if (o.blank < 0 || o.blank >= log_probs.size(2))
    fail(name, "expected a blank between 0 and {}, got {}", log_probs.size(2) - 1, o.blank);
  check_lengths("input lengths", input_lengths.all(), log_probs.size(1), log_probs.size(0));
  const Checked checked = check_targets(log_probs, targets, target_lengths.all());

  const auto on_device = [&](const std::vector<int64_t>& numbers) { return tensor(numbers).to(log_probs.device()); };
  const CtcArgs args{{},
                     checked.targets,
                     on_device(checked.starts),
                     on_device(input_lengths.all()),
                     on_device(target_lengths.all()),
                     o.blank};
  const Tensor x = as_type(log_probs, computed_type(log_probs.dtype()));
  const Tensor losses = losses_of(x, args, checked.longest, o.zero_infinity);
  if (o.reduction != Reduction::mean) return as_type(reduced(losses, o.reduction), log_probs.dtype());
  const Tensor divisors = as_type(args.target_lengths.clamp(1, {}), float64);
  return as_type((losses / divisors).mean(), log_probs.dtype());
}

}  // namespace tenon::nn::functional
