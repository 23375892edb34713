#include <tenon/nn/functional/loss/linear_cross_entropy.h>

#include <tenon/nn/functional/linear.h>
#include <tenon/nn/functional/loss/classification.h>
#include <tenon/ops.h>

#include "ops/common.h"

namespace tenon::nn::functional {

Tensor linear_cross_entropy(const Tensor& x, const Tensor& linear_weight, const Tensor& target,
                            const LinearCrossEntropyOptions& o) {
  const char* name = "linear_cross_entropy";
  if (x.dim() != 1 && x.dim() != 2)
    fail(name, "expected an input of shape (N, in_features) or (in_features), got {}", x.shape().to_string());
  const Shape& weights = linear_weight.shape();
  if (weights.size() < 2)
    fail(name, "expected a linear_weight of shape (C, …, in_features), got {}", weights.to_string());
  const int64_t in_features = weights.back();
  if (x.size(-1) != in_features)
    fail(name, "expected an input of shape (*, {}) for a linear_weight of shape {}, got {}", in_features,
         weights.to_string(), x.shape().to_string());
  const Shape outputs(weights.begin(), weights.end() - 1);  // (C, d…)
  if (o.linear_bias.defined() && o.linear_bias.shape() != outputs)
    fail(name, "expected a linear_bias of shape {}, got {}", outputs.to_string(), o.linear_bias.shape().to_string());
  if (x.dim() == 1 && outputs.size() > 1)
    fail(name, "expected a batch (N, {}) for a linear_weight of shape {}, got {}", in_features, weights.to_string(),
         x.shape().to_string());

  Shape logits(x.shape().begin(), x.shape().end() - 1);  // (N, C, d…) or (C)
  for (const int64_t size : outputs) logits.push_back(size);
  if (target.shape() == logits && o.ignore_index)
    fail(name, "ignore_index counts for class indices only, and the target has the logits' shape {}",
         logits.to_string());
  const Tensor bias = o.linear_bias.defined() ? o.linear_bias.reshape({outputs.numel()}) : Tensor();
  return cross_entropy(linear(x, linear_weight.reshape({outputs.numel(), in_features}), bias).reshape(logits), target,
                       {.weight = o.weight,
                        .ignore_index = o.ignore_index.value_or(-100),
                        .reduction = o.reduction,
                        .label_smoothing = o.label_smoothing});
}

}  // namespace tenon::nn::functional
