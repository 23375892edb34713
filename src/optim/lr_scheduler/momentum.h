#pragma once
// Momentum that schedulers change beside the rate.
#include <string_view>

#include <tenon/optim/lr_scheduler/per_group.h>

namespace tenon::optim {

/// Whether an optimizer's momentum is the first of its betas; an error where it has neither.
bool uses_beta1(Optimizer& optimizer, std::string_view whose);
void set_momentum(ParamGroup& group, double momentum);
/// Begins a cycle at the largest momentum; both ends are kept in the groups, as PyTorch has them.
void begin_momentum(Optimizer& optimizer, const std::vector<double>& base, const std::vector<double>& max);

}  // namespace tenon::optim
