#pragma once
// Optimizers' steps, in place: one kernel for all, which is told by a rule what becomes of each number.
#include <array>
#include <span>
#include <variant>

#include "backend/kernels.h"

namespace tenon {

/// Where down is: g, the gradient, turned round by `maximize`, with weight_decay · p (an L2 penalty). Before it takes
/// its step, p is multiplied by `shrink`.
struct Descent {
  double weight_decay = 0;
  bool maximize = false;
  double shrink = 1;
};

// Each with the slots that it reads and writes.

struct SgdRule {  // momentum_buffer, or none
  Descent descent;
  double lr, momentum, dampening;
  bool nesterov, first_step;  ///< the first takes the gradient itself as the buffer, undamped
};
struct AdamRule {  // exp_avg, exp_avg_sq, and with amsgrad max_exp_avg_sq
  Descent descent;
  double lr, beta1, beta2, eps;
  double step;  ///< 1 on the first
};
/// p −= (grad_step · g + avg_step · exp_avg) / (√(exp_avg_sq / correction2) + eps)
struct NAdamRule {  // exp_avg, exp_avg_sq
  Descent descent;
  double beta1, beta2, eps, correction2, grad_step, avg_step;
};
/// p −= step · exp_avg / (√exp_avg_sq + eps), or while not `rectified` step · exp_avg
struct RAdamRule {  // exp_avg, exp_avg_sq
  Descent descent;
  double beta1, beta2, eps, step;
  bool rectified;
};
/// p −= step · exp_avg / exp_inf
struct AdamaxRule {  // exp_avg, exp_inf
  Descent descent;
  double beta1, beta2, eps, step;
};
/// p −= step · g / (√sum + eps)
struct AdagradRule {  // sum
  Descent descent;
  double eps, step;
};
struct AdadeltaRule {  // square_avg, acc_delta
  Descent descent;
  double lr, rho, eps;
};
struct RMSpropRule {  // square_avg; with momentum momentum_buffer; if centered grad_avg
  Descent descent;
  double lr, alpha, eps, momentum;
};
struct RpropRule {  // prev, step_size
  Descent descent;
  double shrink, grow, least, most;
};
/// p −= eta · g; ax += mu · (p − ax)
struct AsgdRule {  // ax
  Descent descent;
  double eta, mu;
};

using OptimizerRule = std::variant<SgdRule, AdamRule, NAdamRule, RAdamRule, AdamaxRule, AdagradRule, AdadeltaRule,
                                   RMSpropRule, RpropRule, AsgdRule>;

/// A parameter's step. Its tensors are contiguous, of one floating-point type and on one device.
struct OptimizerUpdate {
  const Tensor *p, *grad;
  std::array<const Tensor*, 3> slots;  ///< null where the rule goes without
  OptimizerRule rule;
};

struct OptimizerKernels {
  /// All of these steps, in one pass over memory. `device` is where they are.
  Kernel<"update", void(const Device& device, std::span<const OptimizerUpdate> updates)> update;

  static const OptimizerKernels cpu, cuda, meta;
};

}  // namespace tenon
