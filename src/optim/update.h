#pragma once
// A group's steps by the kernel that takes all of them at once.
#include <span>
#include <vector>

#include <tenon/optim/step.h>

#include "backend/optimizer.h"

namespace tenon::optim {

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
