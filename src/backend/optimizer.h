#pragma once
// Optimizers' steps, in place.
#include "backend/kernels.h"

namespace tenon {

struct SgdArgs {
  double lr, momentum, dampening, weight_decay;
  bool nesterov, maximize, first_step;
};

struct AdamArgs {
  double lr, beta1, beta2, eps, weight_decay;
  bool amsgrad, maximize, decoupled_weight_decay;
  double step;  ///< 1 on the first
};

struct OptimizerKernels {
  Kernel<"sgd", void(const Tensor& p, const Tensor& grad, const Tensor& momentum_buffer, const SgdArgs&)> sgd;
  Kernel<"adam", void(const Tensor& p, const Tensor& grad, const Tensor& exp_avg, const Tensor& exp_avg_sq,
                      const Tensor& max_exp_avg_sq, const AdamArgs&)>
      adam;

  static const OptimizerKernels cpu, cuda, meta;
};

}  // namespace tenon
