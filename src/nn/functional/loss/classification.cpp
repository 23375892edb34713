// Losses of scores and class indices.
#include <tenon/nn/functional/loss/classification.h>

#include "backend/index.h"
#include "nn/functional/loss/common.h"

namespace tenon::nn::functional {
namespace {

/// An error unless all are classes, or numbers from `least` on.
void check_classes(const char* name, const Tensor& index, int64_t classes, int64_t least = 0) {
  const Tensor counted = least == 0 ? index : index - least;
  const auto outside = on<IndexKernels>(index.device()).range_outside(counted.contiguous(), classes - least);
  if (outside)
    fail(name, "target {} is out of range: there are {} classes",
         (outside->first < 0 ? outside->first : outside->second) + least, classes);
}

void check_weight(const char* name, const Tensor& x, const Tensor& weight, int64_t classes) {
  if (!weight.defined()) return;
  check_same_device(x, weight, name);
  refuse_gradient(name, "weight", weight);
  if (weight.dim() != 1 || weight.size(0) != classes)
    fail(name, "expected a weight for each of the {} classes, got shape {}", classes, weight.shape().to_string());
  if (weight.dtype() != x.dtype())
    fail(name, "expected the weight in the input's type {}, got {}", x.dtype(), weight.dtype());
}

void check_real(const char* name, const Tensor& x, const Tensor& target) {
  check_same_device(x, target, name);
  if (!is_floating_point(x.dtype())) fail(name, "expected a floating-point input, got {}", x.dtype());
  refuse_carried(x.dtype());
}

void check_indices(const char* name, const Tensor& target, bool bytes) {
  if (target.dtype() != int64 && !(bytes && target.dtype() == uint8))
    fail(name, "expected class indices of type int64, got {}: convert with to(int64)", target.dtype());
}

/// What each row counts, (…): its class's weight, or 1.
Tensor weights_of(const Tensor& weight, const Tensor& classes, const Tensor& like) {
  const NoGrad guard;
  if (!weight.defined()) return ones(classes.shape(), {like.dtype(), like.device()});
  return as_type(weight.index_select(0, classes.reshape({classes.numel()})).reshape(classes.shape()), like.dtype());
}

/// A loss of (C) and () as that of a batch of one item.
template <class Options, class F>
Tensor of_one_item(const Tensor& x, const Tensor& target, const Options& o, F loss) {
  const Tensor y = loss(x.unsqueeze(0), target.unsqueeze(0), o);
  return o.reduction == Reduction::none ? y.squeeze(0) : y;
}

/// Twice where p is 2.
Tensor power(const Tensor& x, int64_t p) { return p == 1 ? x : x * x; }

}  // namespace

Tensor nll_loss(const Tensor& x, const Tensor& target, const NLLLossOptions& o) {
  if (autocasts()) [[unlikely]]
    return loss_in_float(nll_loss, o, x, target);
  const char* name = "nll_loss";
  check_real(name, x, target);
  check_indices(name, target, true);
  if (x.dim() == 0) fail(name, "expected log-probabilities of shape (N, C, …) or (C), got a 0-dim tensor");
  Shape places = x.shape();
  places.erase(x.dim() == 1 ? 0 : 1);
  if (target.shape() != places)
    fail(name, "expected a target of shape {} for an input of shape {}, got {}", places.to_string(),
         x.shape().to_string(), target.shape().to_string());
  if (x.dim() == 1) return of_one_item(x, target, o, nll_loss);
  const int64_t classes = x.size(1);
  check_weight(name, x, o.weight, classes);

  const DType wide = computed_type(x.dtype());
  const Tensor indices = as_type(target, int64), counts = indices != o.ignore_index;
  const Tensor at = indices.masked_fill(counts.logical_not(), 0);
  if (at.numel() > 0) check_classes(name, at, classes);
  const Tensor picked = as_type(x, wide).gather(1, at.unsqueeze(1)).squeeze(1);
  const Tensor weights = weights_of(o.weight, at, picked) * counts;
  const Tensor losses = where(counts, -picked * weights, 0);  // what is ignored may be infinite
  if (o.reduction == Reduction::none) return as_type(losses, x.dtype());
  return as_type(o.reduction == Reduction::sum ? losses.sum() : losses.sum() / weights.sum(), x.dtype());
}

Tensor multi_margin_loss(const Tensor& x, const Tensor& target, const MultiMarginLossOptions& o) {
  if (autocasts()) [[unlikely]]
    return loss_in_float(multi_margin_loss, o, x, target);
  const char* name = "multi_margin_loss";
  check_real(name, x, target);
  check_indices(name, target, false);
  if (o.p != 1 && o.p != 2) fail(name, "expected p of 1 or 2, got {}", o.p);
  if (x.dim() != 1 && x.dim() != 2)
    fail(name, "expected an input of shape (N, C) or (C), got {}", x.shape().to_string());
  if (x.dim() == 1 && target.shape() == Shape{1}) return multi_margin_loss(x.unsqueeze(0), target, o);
  const Shape rows = x.dim() == 2 ? Shape{x.size(0)} : Shape{};
  if (target.shape() != rows)
    fail(name, "expected a target of shape {} for an input of shape {}, got {}", rows.to_string(),
         x.shape().to_string(), target.shape().to_string());
  if (x.dim() == 1) return of_one_item(x, target, o, multi_margin_loss);
  const int64_t classes = x.size(1);
  if (classes == 0) fail(name, "expected one class or more, got an input of shape {}", x.shape().to_string());
  check_weight(name, x, o.weight, classes);
  check_classes(name, target, classes);

  return composed_loss(x.dtype(), o.reduction, std::array{x}, [&](const auto& in) {
    const Tensor at = target.unsqueeze(1);
    const Tensor lacking = (in[0] - in[0].gather(1, at) + o.margin).relu();
    const Tensor others = ones_like(in[0].detach()).scatter(1, at, 0);
    return (power(lacking, o.p) * others).sum({1}) * weights_of(o.weight, target, in[0]) / static_cast<double>(classes);
  });
}

Tensor multilabel_margin_loss(const Tensor& x, const Tensor& target, const LossOptions& o) {
  if (autocasts()) [[unlikely]]
    return loss_in_float(multilabel_margin_loss, o, x, target);
  const char* name = "multilabel_margin_loss";
  check_real(name, x, target);
  check_indices(name, target, false);
  if (x.dim() != 1 && x.dim() != 2)
    fail(name, "expected an input of shape (N, C) or (C), got {}", x.shape().to_string());
  if (target.shape() != x.shape())
    fail(name, "expected a target of the input's shape {}, got {}", x.shape().to_string(), target.shape().to_string());
  if (x.dim() == 1) return of_one_item(x, target, o, multilabel_margin_loss);
  const int64_t classes = x.size(1);
  if (classes == 0) fail(name, "expected one class or more, got an input of shape {}", x.shape().to_string());
  check_classes(name, target, classes, -1);

  // Only as many columns as the longest list has.
  const Tensor listed = (target >= 0).to(int64).cumprod(1);
  const int64_t longest = target.is_meta() ? classes : target.numel() == 0 ? 0 : listed.sum({1}).max().item<int64_t>();
  const Tensor counts = listed.narrow(1, 0, longest), at = target.narrow(1, 0, longest) * counts;
  return composed_loss(x.dtype(), o.reduction, std::array{x}, [&](const auto& in) {
    const TensorOptions options{in[0].dtype(), in[0].device()};
    const Tensor marks = as_type(counts, in[0].dtype());
    const Tensor is_listed = zeros(x.shape(), options).scatter_add(1, at, marks) > 0;
    const Tensor lacking = (1 - in[0].gather(1, at).unsqueeze(2) + in[0].unsqueeze(1)).relu();  // (N, listed, C)
    const Tensor others = as_type(is_listed.logical_not(), in[0].dtype());
    return (lacking * marks.unsqueeze(2) * others.unsqueeze(1)).sum({1, 2}) / static_cast<double>(classes);
  });
}

}  // namespace tenon::nn::functional
