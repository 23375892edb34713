// Cross-entropy of logits and class indices, fused: the forward pass makes no (N, C) tensor, the backward pass one.
#include <cmath>

#include <tenon/nn/functional/loss/classification.h>
#include <tenon/ops.h>

#include "backend/memory.h"
#include "backend/softmax.h"
#include "nn/functional/loss/common.h"
#include "ops/fused.h"

namespace tenon::nn::functional {
namespace {

/// How much each row's loss counts in the result, (N), as PyTorch's reductions do.
Tensor row_scales(const Tensor& logits, const CrossEntropyArgs& args, Reduction reduction) {
  const NoGrad guard;
  const int64_t n = args.target.numel();
  Tensor scales = new_tensor({n}, computed_type(logits.dtype()), logits.device());
  if (reduction != Reduction::mean || scales.is_meta()) {
    on<MemoryKernels>(scales.device()).fill(scales, 1);
    return scales;
  }
  const Tensor weight = args.weight.defined() ? args.weight.cpu().to(float64) : Tensor();
  const Tensor target = args.target.cpu();
  double total = 0;
  const int64_t classes = logits.size(1);
  for (const int64_t c : target.span<int64_t>())
    if (c != args.ignore_index && c >= 0 && c < classes)  // what is no class is the kernel's to refuse
      total += weight.defined() ? weight.data<double>()[c] : 1;
  on<MemoryKernels>(scales.device()).fill(scales, 1 / total);  // no row counts: 0 · inf, a NaN as in PyTorch
  return scales;
}

/// Row i's loss is Σ_c factors(i, c)·(−log p(i, c)), in computed_type(): (N, C).
Tensor class_factors(const CrossEntropyArgs& args, const Tensor& logits) {
  const NoGrad guard;
  const int64_t classes = logits.size(1);
  const TensorOptions options{computed_type(logits.dtype()), logits.device()};
  const Tensor counts = args.target.ne(args.ignore_index).unsqueeze(1), at = args.target.unsqueeze(1) * counts;
  const Tensor even = full(logits.shape(), args.label_smoothing / static_cast<double>(classes), options);
  const Tensor one = full(at.shape(), 1 - args.label_smoothing, options);
  const Tensor shares = even.scatter_add(1, at, one) * counts;
  return args.weight.defined() ? shares * as_type(args.weight, options.dtype.value_or(float32)) : shares;
}

/// The losses made of operations, (N).
Tensor composed_losses(const Tensor& logits, const CrossEntropyArgs& args) {
  const Tensor factors = class_factors(args, logits);
  const Tensor logs = log_softmax(as_type(logits, computed_type(logits.dtype())), 1);
  return -(logs.masked_fill(factors == 0, 0) * factors).sum({1});  // a class that does not count may be impossible
}

void check_options(const Tensor& logits, int64_t classes, const CrossEntropyOptions& o) {
  if (!is_floating_point(logits.dtype()))
    fail("cross_entropy", "expected floating-point logits, got {}", logits.dtype());
  if (o.label_smoothing < 0 || o.label_smoothing > 1 || std::isnan(o.label_smoothing))
    fail("cross_entropy", "label_smoothing must lie between 0 and 1, got {}", o.label_smoothing);
  if (!o.weight.defined()) return;
  if (o.weight.dim() != 1 || o.weight.size(0) != classes)
    fail("cross_entropy", "expected a weight for each of the {} classes, got shape {}", classes,
         o.weight.shape().to_string());
  if (o.weight.dtype() != logits.dtype())
    fail("cross_entropy", "expected the weight in the logits' type {}, got {}", logits.dtype(), o.weight.dtype());
  check_same_device(logits, o.weight, "cross_entropy");
}

void check(const Tensor& logits, const Tensor& target, const CrossEntropyOptions& o) {
  if (logits.dim() != 1 && logits.dim() != 2)
    fail("cross_entropy", "expected logits of shape (N, C, …) or (C), got {}", logits.shape().to_string());
  if (target.dtype() != int64)
    fail("cross_entropy", "expected class indices of type int64, got {}: convert with to(int64)", target.dtype());
  const Shape expected = logits.dim() == 2 ? Shape{logits.shape()[0]} : Shape{};
  if (target.shape() != expected)
    fail("cross_entropy", "expected a target of shape {} for logits of shape {}, got {}", expected.to_string(),
         logits.shape().to_string(), target.shape().to_string());
  check_same_device(logits, target, "cross_entropy");
  check_options(logits, logits.size(-1), o);
}

/// Targets that are probabilities of the classes, of the logits' shape: made of operations, and the targets get
/// gradients, too.
Tensor with_probabilities(const Tensor& logits, const Tensor& target, const CrossEntropyOptions& o) {
  const int64_t classes_at = logits.dim() == 1 ? 0 : 1, classes = logits.size(classes_at);
  Tensor p = target;
  if (o.label_smoothing > 0) p = p * (1 - o.label_smoothing) + o.label_smoothing / static_cast<double>(classes);
  Tensor terms = log_softmax(logits, classes_at) * p;
  if (o.weight.defined()) {
    Shape along(logits.shape().size(), int64_t{1});
    along[static_cast<std::size_t>(classes_at)] = classes;
    terms = terms * o.weight.reshape(along);
  }
  const Tensor losses = -terms.sum({classes_at});
  if (o.reduction == Reduction::none) return losses;
  return o.reduction == Reduction::sum ? losses.sum() : losses.mean();
}

/// Logits (N, C) and classes (N), fused.
Tensor with_classes(const Tensor& logits, const Tensor& target, const CrossEntropyOptions& o) {
  CrossEntropyArgs args{{}, target.contiguous(), {}, o.ignore_index, o.label_smoothing};
  if (o.weight.defined()) args.weight = o.weight.detach().contiguous();
  const Tensor scales = row_scales(logits, args, o.reduction);
  const auto reduced = [reduction = o.reduction, scales](const Tensor& losses, DType dtype) {
    if (losses.numel() == 0 && reduction == Reduction::mean) return losses.mean().to(dtype);  // a NaN
    return as_type(reduction == Reduction::none ? losses : (losses * scales).sum(), dtype);
  };
  const auto forward = [&] {
    CrossEntropyArgs all = args;
    all.logits = logits.contiguous();
    const Tensor losses = new_tensor(target.shape(), computed_type(logits.dtype()), logits.device()),
                 exp_sums = new_tensor({target.numel(), 2}, computed_type(logits.dtype()), logits.device());
    on<SoftmaxKernels>(logits.device()).cross_entropy(losses, exp_sums, all);
    return FusedResult{reduced(losses, logits.dtype()), exp_sums};
  };
  const auto backward = [args, scales](Grads& g) {
    CrossEntropyArgs all = args;
    all.logits = g.saved(0).contiguous();
    Tensor dx = new_tensor(all.logits.shape(), all.logits.dtype(), all.logits.device());
    on<SoftmaxKernels>(dx.device()).cross_entropy_backward(dx, g.saved(1), g.in() * scales, all);
    g.give(0, dx);
  };
  const auto composed = [args, reduced](const std::array<Tensor, 1>& in) {
    return reduced(composed_losses(in[0], args), in[0].dtype());
  };
  return fused("cross_entropy", std::array{logits}, forward, backward, composed);
}

/// (N, C, d…) and (N, d…) as rows, (N·d…, C) and (N·d…).
Tensor with_places(const Tensor& logits, const Tensor& target, const CrossEntropyOptions& o) {
  Shape places = logits.shape();
  places.erase(1);
  if (target.shape() != places)
    fail("cross_entropy", "expected a target of shape {} for logits of shape {}, got {}", places.to_string(),
         logits.shape().to_string(), target.shape().to_string());
  const Tensor loss = cross_entropy(logits.movedim({1}, {-1}).reshape({places.numel(), logits.size(1)}),
                                    target.reshape({places.numel()}), o);
  return o.reduction == Reduction::none ? loss.reshape(places) : loss;
}

}  // namespace

Tensor cross_entropy(const Tensor& logits, const Tensor& target, const CrossEntropyOptions& o) {
  if (autocasts()) [[unlikely]]
    return loss_in_float(cross_entropy, o, logits, target);
  if (logits.dim() > 0 && target.shape() == logits.shape() && is_floating_point(target.dtype())) {
    check_same_device(logits, target, "cross_entropy");
    check_options(logits, logits.size(logits.dim() == 1 ? 0 : 1), o);
    return with_probabilities(logits, target, o);
  }
  if (logits.dim() > 2) return with_places(logits, target, o);
  check(logits, target, o);
  if (logits.dim() == 1) {
    const Tensor loss = cross_entropy(logits.unsqueeze(0), target.unsqueeze(0), o);
    return o.reduction == Reduction::none ? loss.squeeze(0) : loss;
  }
  return with_classes(logits, target, o);
}

}  // namespace tenon::nn::functional
