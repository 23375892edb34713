#include <tenon/optim/sparse_adam.h>

#include <cmath>

#include <tenon/ops.h>

namespace tenon::optim {

void SparseAdam::update(const SparseAdamOptions& o, std::span<const Step> steps) {
  const auto [beta1, beta2] = o.betas;
  for (const Step& s : steps) {
    // A number is one row, a vector's rows are its elements.
    const auto as_rows = [](const Tensor& x) { return x.dim() == 0 ? x.view({1, 1}) : x.view({x.size(0), -1}); };
    if (s.p.numel() == 0) continue;
    const Tensor all = as_rows(s.grad), rows = all.ne(0).any(1).nonzero().view({-1});
    if (rows.numel() == 0) continue;
    const Tensor grad = o.maximize ? all.index_select(0, rows).neg_() : all.index_select(0, rows);
    const auto changed = [&](std::string_view slot, const Tensor& to, double share) {
      const Tensor kept = as_rows(s[slot]), fresh = kept.index_select(0, rows).lerp_(to, share);
      kept.index_copy_(0, rows, fresh);
      return fresh;
    };
    const Tensor exp_avg = changed("exp_avg", grad, 1 - beta1),
                 exp_avg_sq = changed("exp_avg_sq", grad * grad, 1 - beta2);
    const double rate = o.lr * std::sqrt(1 - std::pow(beta2, s.count)) / (1 - std::pow(beta1, s.count));
    as_rows(s.p).index_add_(0, rows, exp_avg.div_(exp_avg_sq.sqrt_().add_(o.eps)), -rate);
  }
}

}  // namespace tenon::optim
