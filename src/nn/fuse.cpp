#include <tenon/nn/fuse.h>

#include <tenon/creation.h>
#include <tenon/grad_mode.h>
#include <tenon/ops.h>

namespace tenon::nn::detail {

void fuse(Parameter& weight, Parameter& bias, int64_t outputs, bool layer_evaluates, const Normalization& norm) {
  constexpr const char* operation = "fuse_conv_bn_eval";
  if (!layer_evaluates || !norm.evaluates)
    fail(operation, "expected both layers in eval mode, and running statistics: call eval() first");
  if (weight.size(outputs) != norm.mean.size(0))
    fail(operation, "expected a normalisation of {} features, as the layer has outputs, got {}", weight.size(outputs),
         norm.mean.size(0));
  const NoGrad guard;
  Tensor scale = (norm.variance + norm.eps).rsqrt();
  if (norm.weight.defined()) scale = scale * norm.weight;
  Shape along(weight.shape().size(), int64_t{1});
  along[static_cast<std::size_t>(outputs)] = -1;
  const Tensor before = bias.defined() ? Tensor(bias) : zeros_like(norm.mean);
  Tensor shifted = (before - norm.mean) * scale;
  if (norm.bias.defined()) shifted = shifted + norm.bias;
  bias = Parameter(shifted.to(weight.dtype()),
                   {.requires_grad = bias.defined() ? bias.requires_grad() : weight.requires_grad()});
  weight = Parameter((weight * scale.reshape(along)).to(weight.dtype()), {.requires_grad = weight.requires_grad()});
}

}  // namespace tenon::nn::detail
