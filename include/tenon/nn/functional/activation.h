#pragma once
#include <optional>

#include <tenon/ops/elementwise.h>
#include <tenon/ops/in_place.h>
#include <tenon/tensor.h>

#pragma GCC visibility push(default)

// Of any shape and floating-point type, where nothing else is said. A name that ends in _ changes its argument and
// gives it back; gradients go through either form.
namespace tenon::nn::functional {

/// max(x, 0). Source: torch.nn.functional.relu.
using tenon::relu;
using tenon::relu_;

enum class GELUApproximation { none, tanh };
/// x·Φ(x), Φ the normal distribution's function, or its approximation by tanh. Any shape. Source:
/// torch.nn.functional.gelu (Hendrycks and Gimpel 2016, "Gaussian error linear units").
Tensor gelu(const Tensor& x, GELUApproximation approximate = GELUApproximation::none);

/// x where it is above 0, else x·negative_slope. Any shape. Source: torch.nn.functional.leaky_relu (Maas, Hannun and Ng
/// 2013, "Rectifier nonlinearities improve neural network acoustic models").
Tensor leaky_relu(const Tensor& x, double negative_slope = 0.01);
const Tensor& leaky_relu_(const Tensor& x, double negative_slope = 0.01);

/// log(1 + exp(beta·x)) / beta, a smooth relu; x itself where beta·x is above the threshold. Any shape. Source:
/// torch.nn.functional.softplus.
Tensor softplus(const Tensor& x, double beta = 1, double threshold = 20);

// ---- made of straight lines

/// `value` where x is not above the threshold, else x. Integers, too, beside which both numbers are cut to whole ones.
/// Source: torch.nn.functional.threshold.
Tensor threshold(const Tensor& x, double threshold, double value);
const Tensor& threshold_(const Tensor& x, double threshold, double value);
/// x, but no less than min_val and no more than max_val. Integers, too. An error for min_val above max_val. Source:
/// torch.nn.functional.hardtanh.
Tensor hardtanh(const Tensor& x, double min_val = -1, double max_val = 1);
const Tensor& hardtanh_(const Tensor& x, double min_val = -1, double max_val = 1);
/// x between 0 and 6. Integers, too. Source: torch.nn.functional.relu6.
Tensor relu6(const Tensor& x);
const Tensor& relu6_(const Tensor& x);
/// x, but 0 from −lambd to lambd. Source: torch.nn.functional.hardshrink.
Tensor hardshrink(const Tensor& x, double lambd = 0.5);
/// x moved by lambd towards 0, and 0 from −lambd to lambd. An error for a negative lambd. Source:
/// torch.nn.functional.softshrink.
Tensor softshrink(const Tensor& x, double lambd = 0.5);
/// (x + 3) / 6 between 0 and 1. Source: torch.nn.functional.hardsigmoid.
Tensor hardsigmoid(const Tensor& x);
const Tensor& hardsigmoid_(const Tensor& x);
/// x·hardsigmoid(x). Source: torch.nn.functional.hardswish (Howard et al. 2019, "Searching for MobileNetV3").
Tensor hardswish(const Tensor& x);
const Tensor& hardswish_(const Tensor& x);

// ---- smooth

/// x where it is above 0, else alpha·(exp(x) − 1). Source: torch.nn.functional.elu (Clevert, Unterthiner and Hochreiter
/// 2015, "Fast and accurate deep network learning by exponential linear units").
Tensor elu(const Tensor& x, double alpha = 1);
const Tensor& elu_(const Tensor& x, double alpha = 1);
/// 1.0507…·elu(x, 1.6733…), which keeps mean 0 and variance 1. Source: torch.nn.functional.selu (Klambauer et al. 2017,
/// "Self-normalizing neural networks").
Tensor selu(const Tensor& x);
const Tensor& selu_(const Tensor& x);
/// x where it is above 0, else alpha·(exp(x / alpha) − 1). An error for an alpha of 0. Source: torch.nn.functional.celu
/// (Barron 2017, "Continuously differentiable exponential linear units").
Tensor celu(const Tensor& x, double alpha = 1);
const Tensor& celu_(const Tensor& x, double alpha = 1);
/// x·sigmoid(x). Source: torch.nn.functional.silu.
Tensor silu(const Tensor& x);
const Tensor& silu_(const Tensor& x);
/// x·tanh(softplus(x)). Source: torch.nn.functional.mish (Misra 2019, "Mish: a self regularized non-monotonic neural
/// activation function").
Tensor mish(const Tensor& x);
const Tensor& mish_(const Tensor& x);
/// log(sigmoid(x)). Source: torch.nn.functional.logsigmoid.
Tensor logsigmoid(const Tensor& x);
/// x / (1 + |x|). Integers and bool become float32. Source: torch.nn.functional.softsign.
Tensor softsign(const Tensor& x);
/// x − tanh(x). Integers and bool become float32. Source: torch.nn.functional.tanhshrink.
Tensor tanhshrink(const Tensor& x);
/// Source: torch.nn.functional.sigmoid, tanh.
using tenon::sigmoid;
using tenon::tanh;

// ---- with slopes that are learnt or drawn, and with gates

/// x where it is above 0, else x·weight; weight holds one number, or one for each channel of (N, C, *), and has x's
/// type. Source: torch.nn.functional.prelu (He et al. 2015, "Delving deep into rectifiers").
Tensor prelu(const Tensor& x, const Tensor& weight);

struct RReLUOptions {
  double lower = 1.0 / 8;
  double upper = 1.0 / 3;
  bool training = false;
};
/// x where it is above 0, else x times a slope: in training one between lower and upper for each element, drawn as
/// PyTorch does on the CPU; otherwise their mean. Source: torch.nn.functional.rrelu (Xu et al. 2015, "Empirical
/// evaluation of rectified activations in convolutional network").
Tensor rrelu(const Tensor& x, const RReLUOptions& options = {});
const Tensor& rrelu_(const Tensor& x, const RReLUOptions& options = {});

/// a·sigmoid(b), a and b the halves of x along `dim`, whose size must be even. Source: torch.nn.functional.glu (Dauphin
/// et al. 2016, "Language modeling with gated convolutional networks").
Tensor glu(const Tensor& x, int64_t dim = -1);

// ---- over a dimension; x is converted to `dtype` first. Without `dim` it is the first of 0, 1 and 3 dimensions, else
// the second, as PyTorch chooses.

/// exp(x) / Σ exp(x) along `dim`. Source: torch.nn.functional.softmax.
Tensor softmax(const Tensor& x, std::optional<int64_t> dim = {}, std::optional<DType> dtype = {});
/// The logarithm of that, which loses no digits. Source: torch.nn.functional.log_softmax.
Tensor log_softmax(const Tensor& x, std::optional<int64_t> dim = {}, std::optional<DType> dtype = {});
/// softmax(−x). Source: torch.nn.functional.softmin.
Tensor softmin(const Tensor& x, std::optional<int64_t> dim = {}, std::optional<DType> dtype = {});

}  // namespace tenon::nn::functional

#pragma GCC visibility pop
