#include <tenon/optim/adam.h>

#include "optim/update.h"

namespace tenon::optim {
namespace {

enum : std::size_t { step_count, exp_avg, exp_avg_sq, max_exp_avg_sq };  // slots

}  // namespace

AdamW::AdamW(const std::vector<GroupOf>& groups, const AdamWOptions& options)
    : Adam("AdamW", groups, detail::merge(AdamOptions(), options)) {}

void Adam::update(const AdamOptions& o, std::span<const Step> steps) {
  const Descent descent = descent_of(o);
  update_together(steps, [&](const Step& s) -> OptimizerUpdate {
    return {&s.p,
            &s.grad,
            {&s[exp_avg], &s[exp_avg_sq], o.amsgrad ? &s[max_exp_avg_sq] : nullptr},
            AdamRule{descent, o.lr, o.betas[0], o.betas[1], o.eps, s.count}};
  });
}

}  // namespace tenon::optim
