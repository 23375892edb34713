#pragma once
#include <array>
#include <cstddef>
#include <string_view>

#include <tenon/nn/functional/activation.h>
#include <tenon/nn/layers/options.h>
#include <tenon/nn/module.h>
#include <tenon/scalar.h>

#pragma GCC visibility push(default)

// Of any shape and floating-point type, as the functions of nn::functional that they call.
namespace tenon::nn {

/// max(x, 0), any shape. Source: torch.nn.ReLU.
class ReLU : public Module<ReLU> {
 public:
  bool inplace;

  explicit ReLU(const InplaceOptions& options = {}) : inplace(options.inplace) {}
  std::string extra_repr() const override;

 protected:
  Tensor forward(const Tensor& x) const;

  TENON_MODULE(ReLU, inplace)
};

enum class InplaceActivation { Hardsigmoid, Hardswish, Mish, ReLU6, SELU, SiLU };

/// What has no parameters, and can change its input. Hardsigmoid is (x + 3) / 6 between 0 and 1, Hardswish
/// x·hardsigmoid(x), Mish x·tanh(softplus(x)), ReLU6 x between 0 and 6, SELU 1.0507…·elu(x, 1.6733…), SiLU
/// x·sigmoid(x). Source: torch.nn.Hardsigmoid, Hardswish, Mish, ReLU6, SELU, SiLU.
template <InplaceActivation which>
class InplaceActivationOf : public Module<InplaceActivationOf<which>> {
 public:
  static constexpr std::string_view class_name =
      std::array{"Hardsigmoid", "Hardswish", "Mish", "ReLU6", "SELU", "SiLU"}[static_cast<std::size_t>(which)];

  bool inplace;

  explicit InplaceActivationOf(const InplaceOptions& options = {}) : inplace(options.inplace) {}
  std::string extra_repr() const override;

 protected:
  Tensor forward(const Tensor& x) const;

  TENON_MODULE(InplaceActivationOf, inplace)
};
extern template class InplaceActivationOf<InplaceActivation::Hardsigmoid>;
extern template class InplaceActivationOf<InplaceActivation::Hardswish>;
extern template class InplaceActivationOf<InplaceActivation::Mish>;
extern template class InplaceActivationOf<InplaceActivation::ReLU6>;
extern template class InplaceActivationOf<InplaceActivation::SELU>;
extern template class InplaceActivationOf<InplaceActivation::SiLU>;
using Hardsigmoid = InplaceActivationOf<InplaceActivation::Hardsigmoid>;
using Hardswish = InplaceActivationOf<InplaceActivation::Hardswish>;
using Mish = InplaceActivationOf<InplaceActivation::Mish>;
using ReLU6 = InplaceActivationOf<InplaceActivation::ReLU6>;
using SELU = InplaceActivationOf<InplaceActivation::SELU>;
using SiLU = InplaceActivationOf<InplaceActivation::SiLU>;

enum class PlainActivation { LogSigmoid, Sigmoid, Softsign, Tanh, Tanhshrink };

/// What has neither parameters nor a form in place. LogSigmoid is log(sigmoid(x)), Softsign x / (1 + |x|), Tanhshrink
/// x − tanh(x). Source: torch.nn.LogSigmoid, Sigmoid, Softsign, Tanh, Tanhshrink.
template <PlainActivation which>
class PlainActivationOf : public Module<PlainActivationOf<which>> {
 public:
  static constexpr std::string_view class_name =
      std::array{"LogSigmoid", "Sigmoid", "Softsign", "Tanh", "Tanhshrink"}[static_cast<std::size_t>(which)];

  PlainActivationOf() = default;

 protected:
  Tensor forward(const Tensor& x) const;

  TENON_MODULE(PlainActivationOf)
};
extern template class PlainActivationOf<PlainActivation::LogSigmoid>;
extern template class PlainActivationOf<PlainActivation::Sigmoid>;
extern template class PlainActivationOf<PlainActivation::Softsign>;
extern template class PlainActivationOf<PlainActivation::Tanh>;
extern template class PlainActivationOf<PlainActivation::Tanhshrink>;
using LogSigmoid = PlainActivationOf<PlainActivation::LogSigmoid>;
using Sigmoid = PlainActivationOf<PlainActivation::Sigmoid>;
using Softsign = PlainActivationOf<PlainActivation::Softsign>;
using Tanh = PlainActivationOf<PlainActivation::Tanh>;
using Tanhshrink = PlainActivationOf<PlainActivation::Tanhshrink>;

/// x where it is above 0, else x·negative_slope, any shape. Source: torch.nn.LeakyReLU.
class LeakyReLU : public Module<LeakyReLU> {
 public:
  double negative_slope;
  bool inplace;

  explicit LeakyReLU(double slope = 0.01, const InplaceOptions& options = {})
      : negative_slope(slope), inplace(options.inplace) {}
  std::string extra_repr() const override;

 protected:
  Tensor forward(const Tensor& x) const;

  TENON_MODULE(LeakyReLU, negative_slope, inplace)
};

/// x where it is above 0, else x times a slope: in training one between lower and upper for each element, drawn as
/// PyTorch does on the CPU; in eval mode their mean. Source: torch.nn.RReLU.
class RReLU : public Module<RReLU> {
 public:
  double lower;
  double upper;
  bool inplace;

  explicit RReLU(double lower_ = 1.0 / 8, double upper_ = 1.0 / 3, const InplaceOptions& options = {})
      : lower(lower_), upper(upper_), inplace(options.inplace) {}
  std::string extra_repr() const override;

 protected:
  Tensor forward(const Tensor& x) const;

  TENON_MODULE(RReLU, lower, upper, inplace)
};

struct PReLUOptions {
  double init = 0.25;  ///< what the slopes start as
  TENON_FACTORY_OPTIONS;
};

/// x where it is above 0, else x·weight: one slope for all, or one for each channel of (N, C, *). Source:
/// torch.nn.PReLU.
class PReLU : public Module<PReLU> {
 public:
  int64_t num_parameters;
  double init;
  Parameter weight;  ///< (num_parameters)

  explicit PReLU(int64_t num_parameters = 1, const PReLUOptions& options = {});

  void reset_parameters();
  std::string extra_repr() const override;

 protected:
  Tensor forward(const Tensor& x) const;

  TENON_MODULE(PReLU, num_parameters, init, weight)
};

/// x where it is above 0, else alpha·(exp(x) − 1) (ELU) or alpha·(exp(x / alpha) − 1) (CELU). Source: torch.nn.ELU,
/// CELU.
template <bool continuous>
class ELUOf : public Module<ELUOf<continuous>> {
 public:
  static constexpr std::string_view class_name = continuous ? "CELU" : "ELU";

  double alpha;
  bool inplace;

  explicit ELUOf(double alpha_ = 1, const InplaceOptions& options = {}) : alpha(alpha_), inplace(options.inplace) {}
  std::string extra_repr() const override;

 protected:
  Tensor forward(const Tensor& x) const;

  TENON_MODULE(ELUOf, alpha, inplace)
};
extern template class ELUOf<false>;
extern template class ELUOf<true>;
using ELU = ELUOf<false>;
using CELU = ELUOf<true>;

/// x, but no less than min_val and no more than max_val, which must lie above it. Source: torch.nn.Hardtanh.
class Hardtanh : public Module<Hardtanh> {
 public:
  double min_val;
  double max_val;
  bool inplace;

  explicit Hardtanh(double min_val = -1, double max_val = 1, const InplaceOptions& options = {});
  std::string extra_repr() const override;

 protected:
  Tensor forward(const Tensor& x) const;

  TENON_MODULE(Hardtanh, min_val, max_val, inplace)
};

/// `value` where x is not above the threshold, else x. Source: torch.nn.Threshold.
class Threshold : public Module<Threshold> {
 public:
  double threshold;
  double value;
  bool inplace;

  Threshold(double threshold_, double value_, const InplaceOptions& options = {})
      : threshold(threshold_), value(value_), inplace(options.inplace) {}
  std::string extra_repr() const override;

 protected:
  Tensor forward(const Tensor& x) const;

  TENON_MODULE(Threshold, threshold, value, inplace)
};

/// 0 where x lies from −lambd to lambd; elsewhere x (Hardshrink), or x moved by lambd towards 0 (Softshrink). It prints
/// lambd as it was given, 1 or 1.0. Source: torch.nn.Hardshrink, Softshrink.
template <bool soft>
class ShrinkOf : public Module<ShrinkOf<soft>> {
 public:
  static constexpr std::string_view class_name = soft ? "Softshrink" : "Hardshrink";

  Scalar lambd;

  explicit ShrinkOf(const Scalar& lambd_ = 0.5) : lambd(lambd_) {}
  std::string extra_repr() const override;

 protected:
  Tensor forward(const Tensor& x) const;

  TENON_MODULE(ShrinkOf, lambd)
};
extern template class ShrinkOf<false>;
extern template class ShrinkOf<true>;
using Hardshrink = ShrinkOf<false>;
using Softshrink = ShrinkOf<true>;

/// log(1 + exp(beta·x)) / beta, x itself where beta·x is above the threshold; any shape. Source: torch.nn.Softplus.
class Softplus : public Module<Softplus> {
 public:
  Scalar beta;
  Scalar threshold;

  explicit Softplus(const Scalar& beta_ = 1.0, const Scalar& threshold_ = 20.0) : beta(beta_), threshold(threshold_) {}
  std::string extra_repr() const override;

 protected:
  Tensor forward(const Tensor& x) const;

  TENON_MODULE(Softplus, beta, threshold)
};

struct GELUOptions {
  functional::GELUApproximation approximate = functional::GELUApproximation::none;
};

/// x·Φ(x), any shape. Source: torch.nn.GELU.
class GELU : public Module<GELU> {
 public:
  functional::GELUApproximation approximate;

  explicit GELU(const GELUOptions& options = {}) : approximate(options.approximate) {}
  std::string extra_repr() const override;

 protected:
  Tensor forward(const Tensor& x) const;

  TENON_MODULE(GELU, approximate)
};

/// a·sigmoid(b), a and b the halves of x along `dim`. Source: torch.nn.GLU.
class GLU : public Module<GLU> {
 public:
  int64_t dim;

  explicit GLU(int64_t dim_ = -1) : dim(dim_) {}
  std::string extra_repr() const override;

 protected:
  Tensor forward(const Tensor& x) const;

  TENON_MODULE(GLU, dim)
};

enum class SoftmaxKind { LogSoftmax, Softmax, Softmin };

/// exp(x) / Σ exp(x) along `dim`, the logarithm of that (LogSoftmax), or the same of −x (Softmin). Without `dim` it is
/// the first of 0, 1 and 3 dimensions, else the second. Source: torch.nn.Softmax, LogSoftmax, Softmin.
template <SoftmaxKind kind>
class SoftmaxOf : public Module<SoftmaxOf<kind>> {
 public:
  static constexpr std::string_view class_name =
      std::array{"LogSoftmax", "Softmax", "Softmin"}[static_cast<std::size_t>(kind)];

  std::optional<int64_t> dim;

  explicit SoftmaxOf(std::optional<int64_t> dim_ = {}) : dim(dim_) {}
  std::string extra_repr() const override;

 protected:
  Tensor forward(const Tensor& x) const;

  TENON_MODULE(SoftmaxOf, dim)
};
extern template class SoftmaxOf<SoftmaxKind::LogSoftmax>;
extern template class SoftmaxOf<SoftmaxKind::Softmax>;
extern template class SoftmaxOf<SoftmaxKind::Softmin>;
using LogSoftmax = SoftmaxOf<SoftmaxKind::LogSoftmax>;
using Softmax = SoftmaxOf<SoftmaxKind::Softmax>;
using Softmin = SoftmaxOf<SoftmaxKind::Softmin>;

/// Softmax over the channels of each place: (N, C, H, W) or (C, H, W) → the same. Source: torch.nn.Softmax2d.
class Softmax2d : public Module<Softmax2d> {
 public:
  Softmax2d() = default;

 protected:
  Tensor forward(const Tensor& x) const;

  TENON_MODULE(Softmax2d)
};

}  // namespace tenon::nn

#pragma GCC visibility pop
