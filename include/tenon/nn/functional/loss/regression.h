#pragma once
// How far numbers are from their targets. The result has the type that both promote to; they broadcast, which PyTorch
// does with a warning and Tenon without one: (3) and (3, 1) are nine pairs. Targets get gradients too.
#include <tenon/nn/functional/loss/reduction.h>

#pragma GCC visibility push(default)

namespace tenon::nn::functional {

/// (x − target)². With a weight, of x's shape, the mean is divided by the weights' sum. Source:
/// torch.nn.functional.mse_loss.
Tensor mse_loss(const Tensor& x, const Tensor& target, const WeightedLossOptions& options = {});

/// |x − target|. With a weight as mse_loss. Source: torch.nn.functional.l1_loss.
Tensor l1_loss(const Tensor& x, const Tensor& target, const WeightedLossOptions& options = {});

struct SmoothL1LossOptions {
  Reduction reduction = Reduction::mean;
  double beta = 1;  ///< where the square ends; 0: l1_loss
};
/// (x − target)² / (2·beta) where the difference is below beta, else |x − target| − beta/2. Source:
/// torch.nn.functional.smooth_l1_loss (Girshick 2015, "Fast R-CNN").
Tensor smooth_l1_loss(const Tensor& x, const Tensor& target, const SmoothL1LossOptions& options = {});

struct HuberLossOptions {
  Reduction reduction = Reduction::mean;
  double delta = 1;    ///< where the square ends, above 0
  Tensor weight = {};  ///< of x's shape; the mean is over the elements
};
/// (x − target)² / 2 where the difference is delta at most, else delta·(|x − target| − delta/2). Source:
/// torch.nn.functional.huber_loss (Huber 1964, "Robust estimation of a location parameter").
Tensor huber_loss(const Tensor& x, const Tensor& target, const HuberLossOptions& options = {});

struct PoissonNLLLossOptions {
  bool log_input = true;  ///< x is the rate's logarithm; false: the rate itself
  bool full = false;      ///< with Stirling's approximation of log(target!), where the target is above 1
  double eps = 1e-8;      ///< added to a rate before its logarithm is taken
  Reduction reduction = Reduction::mean;
};
/// exp(x) − target·x, or x − target·log(x + eps): a Poisson distribution's, without log(target!). Source:
/// torch.nn.functional.poisson_nll_loss.
Tensor poisson_nll_loss(const Tensor& x, const Tensor& target, const PoissonNLLLossOptions& options = {});

struct GaussianNLLLossOptions {
  bool full = false;  ///< with log(2π) / 2
  double eps = 1e-6;  ///< the least variance; the gradient passes all the same
  Reduction reduction = Reduction::mean;
};
/// (log(var) + (x − target)² / var) / 2: a normal distribution's. var has x's shape, or lacks its last dimension, or
/// has size 1 in one dimension; an error where it is negative. Source: torch.nn.functional.gaussian_nll_loss (Nix and
/// Weigend 1994, "Estimating the mean and variance of the target probability distribution").
Tensor gaussian_nll_loss(const Tensor& x, const Tensor& target, const Tensor& var,
                         const GaussianNLLLossOptions& options = {});
Tensor gaussian_nll_loss(const Tensor& x, const Tensor& target, double var, const GaussianNLLLossOptions& options = {});

/// `mean` is over all elements, as in PyTorch; what mathematics means is `batchmean`, the sum over x.size(0).
enum class KLDivReduction { none, batchmean, mean, sum };
struct KLDivLossOptions {
  KLDivReduction reduction = KLDivReduction::mean;
  bool log_target = false;  ///< the target is a logarithm as well
};
/// target·(log(target) − x), x being a logarithm of probabilities. Source: torch.nn.functional.kl_div (Kullback and
/// Leibler 1951, "On information and sufficiency").
Tensor kl_div(const Tensor& x, const Tensor& target, const KLDivLossOptions& options = {});

}  // namespace tenon::nn::functional

#pragma GCC visibility pop
