#include <tenon/nn/layers/loss/linear_cross_entropy.h>

#include <fmt/format.h>

#include "nn/extra_repr.h"

namespace tenon::nn {
namespace {

int64_t outputs_of(int64_t num_classes, const LinearCrossEntropyLossOptions& o) {
  const char* name = "LinearCrossEntropyLoss";
  if (o.weight.defined() && o.weight.shape() != Shape{num_classes})
    fail(name, "expected a weight of shape ({},), got {}", num_classes, o.weight.shape().to_string());
  if (!(o.label_smoothing >= 0 && o.label_smoothing <= 1))
    fail(name, "label_smoothing must lie between 0 and 1, got {}", o.label_smoothing);
  Shape outputs(o.out_features.begin(), o.out_features.end());
  outputs.push_back(num_classes);
  for (const int64_t size : outputs)
    if (size < 0) fail(name, "expected sizes of 0 or more, got {}", outputs.to_string());
  return outputs.numel();
}

std::string name_of(functional::Reduction reduction) {
  switch (reduction) {
    case functional::Reduction::none: return "none";
    case functional::Reduction::mean: return "mean";
    case functional::Reduction::sum: return "sum";
  }
  return {};
}

}  // namespace

LinearCrossEntropyLoss::LinearCrossEntropyLoss(int64_t in_features, int64_t classes,
                                               const LinearCrossEntropyLossOptions& o)
    : num_classes(classes),
      out_features(o.out_features.begin(), o.out_features.end()),
      reduction(o.reduction),
      ignore_index(o.ignore_index),
      label_smoothing(o.label_smoothing),
      weight(o.weight),
      linear(in_features, outputs_of(classes, o), {.bias = o.bias, .dtype = o.dtype, .device = o.device}) {}

Shape LinearCrossEntropyLoss::outputs() const {
  Shape all{num_classes};
  for (const int64_t size : out_features) all.push_back(size);
  return all;
}

Tensor LinearCrossEntropyLoss::forward(const Tensor& x, const Tensor& target) const {
  const Shape of_bias = outputs();
  Shape of_weight = of_bias;
  of_weight.push_back(linear.in_features);
  return functional::linear_cross_entropy(
      x, linear.weight.reshape(of_weight), target,
      {.linear_bias = linear.bias.defined() ? linear.bias.reshape(of_bias) : Tensor(),
       .weight = weight,
       .reduction = reduction,
       .ignore_index = ignore_index,
       .label_smoothing = label_smoothing});
}

std::string LinearCrossEntropyLoss::extra_repr() const {
  return extra_repr_of({{"in_features", linear.in_features},
                        {"num_classes", num_classes},
                        {"out_features", out_features},
                        {"bias", linear.bias.defined()}}) +
         fmt::format(", reduction={}, ", name_of(reduction)) +  // which PyTorch shows without quotes
         extra_repr_of({{"ignore_index", ignore_index ? Value(*ignore_index) : Value()},
                        {"label_smoothing", label_smoothing},
                        {"options", Value()}});
}

}  // namespace tenon::nn
