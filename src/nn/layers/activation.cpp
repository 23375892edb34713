#include <tenon/nn/layers/activation.h>

#include <tenon/nn/init.h>

#include "nn/extra_repr.h"
#include "nn/layers/factory.h"

namespace tenon::nn {

std::string ReLU::extra_repr() const { return extra_repr_of({{"inplace", inplace, false}}); }

Tensor ReLU::forward(const Tensor& x) const { return inplace ? functional::relu_(x) : functional::relu(x); }

template <InplaceActivation which>
std::string InplaceActivationOf<which>::extra_repr() const {
  if (which == InplaceActivation::Hardsigmoid || which == InplaceActivation::Hardswish) return {};  // as PyTorch's
  return extra_repr_of({{"inplace", inplace, false}});
}

template <InplaceActivation which>
Tensor InplaceActivationOf<which>::forward(const Tensor& x) const {
  using Which = InplaceActivation;
  switch (which) {
    case Which::Hardsigmoid: return inplace ? functional::hardsigmoid_(x) : functional::hardsigmoid(x);
    case Which::Hardswish: return inplace ? functional::hardswish_(x) : functional::hardswish(x);
    case Which::Mish: return inplace ? functional::mish_(x) : functional::mish(x);
    case Which::ReLU6: return inplace ? functional::relu6_(x) : functional::relu6(x);
    case Which::SELU: return inplace ? functional::selu_(x) : functional::selu(x);
    case Which::SiLU: break;
  }
  return inplace ? functional::silu_(x) : functional::silu(x);
}

template class InplaceActivationOf<InplaceActivation::Hardsigmoid>;
template class InplaceActivationOf<InplaceActivation::Hardswish>;
template class InplaceActivationOf<InplaceActivation::Mish>;
template class InplaceActivationOf<InplaceActivation::ReLU6>;
template class InplaceActivationOf<InplaceActivation::SELU>;
template class InplaceActivationOf<InplaceActivation::SiLU>;

template <PlainActivation which>
Tensor PlainActivationOf<which>::forward(const Tensor& x) const {
  switch (which) {
    case PlainActivation::LogSigmoid: return functional::logsigmoid(x);
    case PlainActivation::Sigmoid: return functional::sigmoid(x);
    case PlainActivation::Softsign: return functional::softsign(x);
    case PlainActivation::Tanh: return functional::tanh(x);
    case PlainActivation::Tanhshrink: break;
  }
  return functional::tanhshrink(x);
}

template class PlainActivationOf<PlainActivation::LogSigmoid>;
template class PlainActivationOf<PlainActivation::Sigmoid>;
template class PlainActivationOf<PlainActivation::Softsign>;
template class PlainActivationOf<PlainActivation::Tanh>;
template class PlainActivationOf<PlainActivation::Tanhshrink>;

std::string LeakyReLU::extra_repr() const {
  return extra_repr_of({{"negative_slope", negative_slope}, {"inplace", inplace, false}});
}

Tensor LeakyReLU::forward(const Tensor& x) const {
  return inplace ? functional::leaky_relu_(x, negative_slope) : functional::leaky_relu(x, negative_slope);
}

std::string RReLU::extra_repr() const {
  return extra_repr_of({{"lower", lower}, {"upper", upper}, {"inplace", inplace, false}});
}

Tensor RReLU::forward(const Tensor& x) const {
  const functional::RReLUOptions options{lower, upper, tenon_state_.training};
  return inplace ? functional::rrelu_(x, options) : functional::rrelu(x, options);
}

PReLU::PReLU(int64_t num_parameters_, const PReLUOptions& options)
    : num_parameters(num_parameters_), init(options.init) {
  if (num_parameters < 0) fail("PReLU", "expected a num_parameters of 0 or more, got {}", num_parameters);
  weight = Parameter(empty({num_parameters}, factory(options)));
  reset_parameters();
}

void PReLU::reset_parameters() { init::constant_(weight, init); }

std::string PReLU::extra_repr() const { return extra_repr_of({{"num_parameters", num_parameters}}); }

Tensor PReLU::forward(const Tensor& x) const { return functional::prelu(x, weight); }

template <bool continuous>
std::string ELUOf<continuous>::extra_repr() const {
  return extra_repr_of({{"alpha", alpha}, {"inplace", inplace, false}});
}

template <bool continuous>
Tensor ELUOf<continuous>::forward(const Tensor& x) const {
  if (continuous) return inplace ? functional::celu_(x, alpha) : functional::celu(x, alpha);
  return inplace ? functional::elu_(x, alpha) : functional::elu(x, alpha);
}

template class ELUOf<false>;
template class ELUOf<true>;

Hardtanh::Hardtanh(double low, double high, const InplaceOptions& options)
    : min_val(low), max_val(high), inplace(options.inplace) {
  if (!(max_val > min_val))
    fail("Hardtanh", "expected a max_val above min_val, got min_val={}, max_val={}", min_val, max_val);
}

std::string Hardtanh::extra_repr() const {
  return extra_repr_of({{"min_val", min_val}, {"max_val", max_val}, {"inplace", inplace, false}});
}

Tensor Hardtanh::forward(const Tensor& x) const {
  return inplace ? functional::hardtanh_(x, min_val, max_val) : functional::hardtanh(x, min_val, max_val);
}

std::string Threshold::extra_repr() const {
  return extra_repr_of({{"threshold", threshold}, {"value", value}, {"inplace", inplace, false}});
}

Tensor Threshold::forward(const Tensor& x) const {
  return inplace ? functional::threshold_(x, threshold, value) : functional::threshold(x, threshold, value);
}

template <bool soft>
std::string ShrinkOf<soft>::extra_repr() const {
  return extra_repr_of({value_of(lambd)});
}

template <bool soft>
Tensor ShrinkOf<soft>::forward(const Tensor& x) const {
  return soft ? functional::softshrink(x, lambd.to_double()) : functional::hardshrink(x, lambd.to_double());
}

template class ShrinkOf<false>;
template class ShrinkOf<true>;

std::string Softplus::extra_repr() const {
  return extra_repr_of({{"beta", value_of(beta)}, {"threshold", value_of(threshold)}});
}

Tensor Softplus::forward(const Tensor& x) const {
  return functional::softplus(x, beta.to_double(), threshold.to_double());
}

std::string GELU::extra_repr() const {
  return extra_repr_of({{"approximate", approximate == functional::GELUApproximation::tanh ? "tanh" : "none"}});
}

Tensor GELU::forward(const Tensor& x) const { return functional::gelu(x, approximate); }

std::string GLU::extra_repr() const { return extra_repr_of({{"dim", dim}}); }

Tensor GLU::forward(const Tensor& x) const { return functional::glu(x, dim); }

template <SoftmaxKind kind>
std::string SoftmaxOf<kind>::extra_repr() const {
  return extra_repr_of({{"dim", dim}});
}

template <SoftmaxKind kind>
Tensor SoftmaxOf<kind>::forward(const Tensor& x) const {
  switch (kind) {
    case SoftmaxKind::LogSoftmax: return functional::log_softmax(x, dim);
    case SoftmaxKind::Softmax: return functional::softmax(x, dim);
    case SoftmaxKind::Softmin: break;
  }
  return functional::softmin(x, dim);
}

template class SoftmaxOf<SoftmaxKind::LogSoftmax>;
template class SoftmaxOf<SoftmaxKind::Softmax>;
template class SoftmaxOf<SoftmaxKind::Softmin>;

Tensor Softmax2d::forward(const Tensor& x) const {
  if (x.dim() != 3 && x.dim() != 4)
    fail("Softmax2d", "expected an input of shape (N, C, H, W) or (C, H, W), got {}", x.shape().to_string());
  return functional::softmax(x, -3);
}

}  // namespace tenon::nn
