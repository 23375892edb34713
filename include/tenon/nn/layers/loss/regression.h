#pragma once
// Losses of numbers.
#include <tenon/nn/functional/loss/regression.h>
#include <tenon/nn/module.h>

#pragma GCC visibility push(default)

namespace tenon::nn {

/// (x − target)², which broadcast: (3) and (3, 1) are nine pairs, without a warning. Source: torch.nn.MSELoss.
class MSELoss : public Module<MSELoss> {
 public:
  functional::Reduction reduction;

  explicit MSELoss(const functional::LossOptions& options = {});

 protected:
  Tensor forward(const Tensor& x, const Tensor& target) const;

  TENON_MODULE(MSELoss, reduction)
};

/// |x − target|; both broadcast as MSELoss's. Source: torch.nn.L1Loss.
class L1Loss : public Module<L1Loss> {
 public:
  functional::Reduction reduction;

  explicit L1Loss(const functional::LossOptions& options = {});

 protected:
  Tensor forward(const Tensor& x, const Tensor& target) const;

  TENON_MODULE(L1Loss, reduction)
};

/// (x − target)² / (2·beta) where the difference is below beta, else |x − target| − beta/2. Source:
/// torch.nn.SmoothL1Loss.
class SmoothL1Loss : public Module<SmoothL1Loss> {
 public:
  functional::Reduction reduction;
  double beta;

  explicit SmoothL1Loss(const functional::SmoothL1LossOptions& options = {});

 protected:
  Tensor forward(const Tensor& x, const Tensor& target) const;

  TENON_MODULE(SmoothL1Loss, reduction, beta)
};

/// (x − target)² / 2 where the difference is delta at most, else delta·(|x − target| − delta/2). The weight is
/// functional::huber_loss's alone, as in PyTorch. Source: torch.nn.HuberLoss.
class HuberLoss : public Module<HuberLoss> {
 public:
  functional::Reduction reduction;
  double delta;

  explicit HuberLoss(const functional::HuberLossOptions& options = {});

 protected:
  Tensor forward(const Tensor& x, const Tensor& target) const;

  TENON_MODULE(HuberLoss, reduction, delta)
};

/// exp(x) − target·x, or with log_input false x − target·log(x + eps). Source: torch.nn.PoissonNLLLoss.
class PoissonNLLLoss : public Module<PoissonNLLLoss> {
 public:
  bool log_input;
  bool full;
  double eps;
  functional::Reduction reduction;

  explicit PoissonNLLLoss(const functional::PoissonNLLLossOptions& options = {});

 protected:
  Tensor forward(const Tensor& x, const Tensor& target) const;

  TENON_MODULE(PoissonNLLLoss, log_input, full, eps, reduction)
};

/// (log(var) + (x − target)² / var) / 2. var has x's shape, or lacks its last dimension, or has size 1 in one
/// dimension. Source: torch.nn.GaussianNLLLoss.
class GaussianNLLLoss : public Module<GaussianNLLLoss> {
 public:
  bool full;
  double eps;
  functional::Reduction reduction;

  explicit GaussianNLLLoss(const functional::GaussianNLLLossOptions& options = {});

 protected:
  Tensor forward(const Tensor& x, const Tensor& target, const Tensor& var) const;

  TENON_MODULE(GaussianNLLLoss, full, eps, reduction)
};

/// target·(log(target) − x), x being a logarithm of probabilities. What mathematics means is
/// KLDivReduction::batchmean; the default is PyTorch's. Source: torch.nn.KLDivLoss.
class KLDivLoss : public Module<KLDivLoss> {
 public:
  functional::KLDivReduction reduction;
  bool log_target;

  explicit KLDivLoss(const functional::KLDivLossOptions& options = {});

 protected:
  Tensor forward(const Tensor& x, const Tensor& target) const;

  TENON_MODULE(KLDivLoss, reduction, log_target)
};

}  // namespace tenon::nn

#pragma GCC visibility pop
