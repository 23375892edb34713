#pragma once
// A group's steps by the kernel that takes all of them at once.
#include <span>
#include <vector>

#include <tenon/optim/step.h>

#include "backend/optimizer.h"

namespace tenon::optim {

/// What these options say of where down is.
template <class Options>
Descent descent_of(const Options& o) {
  if constexpr (requires { o.decoupled_weight_decay; })
    if (o.decoupled_weight_decay) return {.maximize = o.maximize, .shrink = 1 - o.lr * o.weight_decay};
  return {.weight_decay = o.weight_decay, .maximize = o.maximize};
}

/// Takes the step that `update_of(step)` describes, an OptimizerUpdate, for each; those on one device together.
template <class F>
void update_together(std::span<const Step> steps, F&& update_of) {
  std::vector<OptimizerUpdate> updates;
  updates.reserve(steps.size());
  for (const Step& s : steps) updates.push_back(update_of(s));
  for (std::size_t begin = 0, end = 0; begin < updates.size(); begin = end) {
    const Device& device = updates[begin].p->device();
    while (end < updates.size() && updates[end].p->device() == device) ++end;
    on<OptimizerKernels>(device).update(device, std::span(updates).subspan(begin, end - begin));
  }
}

}  // namespace tenon::optim
