#pragma once
// The hooks of an optimizer's steps.
#include <tenon/optim/optimizer.h>

#include "tape/hook_table.h"

namespace tenon::optim {

struct Optimizer::Hooks {
  std::shared_ptr<HookTable<OptimizerHook>> before, after;

  /// Those of one kind, as they are now.
  static void run(const std::shared_ptr<HookTable<OptimizerHook>>& table, Optimizer& optimizer) {
    if (!table) return;
    const auto running = table->snapshot();
    for (const auto& entry : *running) entry.hook(optimizer);
  }
};

}  // namespace tenon::optim
