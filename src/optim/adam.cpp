#include <tenon/optim/adam.h>

#include "backend/optimizer.h"

namespace tenon::optim {
namespace {

enum : std::size_t { step_count, exp_avg, exp_avg_sq, max_exp_avg_sq };  // slots

}  // namespace

AdamW::AdamW(const std::vector<GroupOf>& groups, const AdamWOptions& options)
    : Adam("AdamW", groups, detail::merge(AdamOptions(), options)) {}

void Adam::update(const AdamOptions& o, std::span<const Step> steps) {
  AdamArgs args{.lr = o.lr,
                .beta1 = o.betas[0],
                .beta2 = o.betas[1],
                .eps = o.eps,
                .weight_decay = o.weight_decay,
                .amsgrad = o.amsgrad,
                .maximize = o.maximize,
                .decoupled_weight_decay = o.decoupled_weight_decay,
                .step = 0};
  for (const Step& s : steps) {
    args.step = s.count;
    on<OptimizerKernels>(s.p.device())
        .adam(s.p, s.grad, s[exp_avg], s[exp_avg_sq], o.amsgrad ? s[max_exp_avg_sq] : Tensor(), args);
  }
}

}  // namespace tenon::optim
