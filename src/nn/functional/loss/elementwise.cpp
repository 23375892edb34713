#include "nn/functional/loss/elementwise.h"

#include "ops/fused.h"
#include "tensor/layout.h"

namespace tenon::nn::functional {
namespace {

/// x and target in one order of memory without gaps, as the sum reads them.
LossArgs laid_out_alike(LossArgs args) {
  if (args.x.strides() == args.target.strides() && is_dense(args.x.shape(), args.x.strides())) return args;
  args.x = args.x.contiguous();
  args.target = args.target.contiguous();
  return args;
}

double scale_of(Reduction reduction, int64_t n) {
  return reduction == Reduction::mean ? 1 / static_cast<double>(n) : 1;
}

/// Of tensors of one shape and type.
Tensor fused_loss(const ElementwiseLoss& loss, const Tensor& x, const Tensor& target, double parameter,
                  Reduction reduction) {
  const double scale = scale_of(reduction, x.numel());
  const auto forward = [&] {
    const LossArgs args{loss.kind, x, target, parameter, scale};
    FusedResult r{reduction == Reduction::none ? new_result(x.shape(), x.dtype(), x.device(), {&x, &target})
                                               : new_tensor({}, x.dtype(), x.device())};
    if (reduction == Reduction::none) on<LossKernels>(x.device()).loss(r.y, args);
    else on<LossKernels>(x.device()).loss_sum(r.y, laid_out_alike(args));
    return r;
  };
  const auto backward = [loss, parameter, scale](Grads& g) {
    const LossArgs args{loss.kind, g.saved(0), g.saved(1), parameter, scale};
    Tensor dx;
    if (g.needs(0) || !loss.target_slope) {
      dx = new_like(args.x, args.x.dtype());
      on<LossKernels>(dx.device()).loss_backward(dx, g.in(), args);
    }
    if (g.needs(0)) g.give(0, dx);
    if (!g.needs(1)) return;
    const DType type = dx.defined() ? dx.dtype() : args.x.dtype(), wide = computed_type(type);
    if (!loss.target_slope) return g.give(1, -dx);
    g.give(1, as_type(loss.target_slope(as_type(args.x, wide), as_type(args.target, wide)) *
                          (as_type(g.in(), wide) * scale),
                      type));
  };
  const auto composed = [loss, parameter, reduction](const std::array<Tensor, 2>& in) {
    return composed_loss(in[0].dtype(), reduction, in,
                         [&](const auto& wide) { return loss.composed(wide[0], wide[1], parameter); });
  };
  return fused(loss.name, std::array{x, target}, forward, backward, composed);
}

}  // namespace

Tensor elementwise_loss(const ElementwiseLoss& loss, DType type, const Tensor& x, const Tensor& target,
                        double parameter, Reduction reduction) {
  const Tensor a = as_type(x, type), b = as_type(target, type);
  if (a.shape() == b.shape()) return fused_loss(loss, a, b, parameter, reduction);
  const Shape shape = broadcast_shapes(a.shape(), b.shape(), loss.name);
  return fused_loss(loss, a.expand(shape), b.expand(shape), parameter, reduction);
}

Tensor weighted_losses(const ElementwiseLoss& loss, DType type, const Tensor& x, const Tensor& target, double parameter,
                       const Tensor& weight) {
  check_same_device(x, weight, loss.name);
  const DType wide = computed_type(type);
  return elementwise_loss(loss, wide, x, target, parameter, Reduction::none) * as_type(weight, wide);
}

}  // namespace tenon::nn::functional
