#include <tenon/optim/adafactor.h>

#include <algorithm>
#include <cmath>

#include <tenon/dtype_info.h>
#include <tenon/ops.h>

namespace tenon::optim {
namespace {

/// The root of the mean of squares; 0 without elements.
double size_of(const Tensor& x) {
  const auto n = static_cast<double>(x.numel());
  return n == 0 ? 0 : x.norm().item<double>() / std::sqrt(n);
}

/// The means of squares along a dimension, which stays with size 1.
Tensor mean_square(const Tensor& x, int64_t dim) {
  return linalg::vector_norm(x, 2, {dim}, true).square_().div_(x.size(dim));
}

}  // namespace

void check(const AdafactorOptions& o, std::string_view optimizer) {
  if (!o.eps[1]) fail(optimizer, "expected a number for eps[1], got None: only eps[0] may be left to the data type");
}

void Adafactor::update(const AdafactorOptions& o, std::span<const Step> steps) {
  for (const Step& s : steps) {
    const Tensor grad = s.direction(o.maximize, 0);
    const double own = std::pow(s.count, o.beta2_decay), rate = std::min(o.lr, 1 / std::sqrt(s.count));
    const double alpha = std::max(*o.eps[1], size_of(s.p)) * rate, least = o.eps[0].value_or(finfo(s.p.dtype()).eps);
    if (o.weight_decay != 0) s.p.mul_(1 - o.lr * o.weight_decay);
    Tensor variance;
    if (grad.dim() > 1) {
      const Tensor &rows = s["row_var"].lerp_(mean_square(grad, -1), own),
                   &columns = s["col_var"].lerp_(mean_square(grad, -2), own);
      variance = rows.matmul(columns).div_(rows.mean({-2}, true).clamp_(least));
    } else {
      variance = s["variance"].lerp_(grad * grad, own).clone();
    }
    const Tensor step = variance.clamp_(least * least).rsqrt_().mul_(grad);
    s.p.add_(step, -alpha / std::max(1.0, size_of(step) / o.d));
  }
}

}  // namespace tenon::optim
