#include <tenon/nn/hooked_call.h>

#include <cstdio>
#include <exception>

#include <tenon/autograd.h>
#include <tenon/nn/module_base.h>

#include "nn/backward_hooks.h"

namespace tenon::nn::detail {

void TensorSlots::check_absent(const ModuleBase& module) const {
  if (absent_.defined())
    fail(module.type_name(), "a hook has put a tensor in the place of an argument or result that is no tensor");
}

namespace {
thread_local HookedCall* innermost = nullptr;
}

HookedCall::HookedCall(ModuleBase& module, const HookSlot& hooks)
    : module_(module), outer_(std::exchange(innermost, this)) {
  if (has_global_hooks) [[unlikely]]
    take_global_hooks();
  if (!hooks) return;
  tables_[1] = hooks.hooks()->table().get();
  if (tables_[1]) kinds_ |= tables_[1]->kinds;
}
HookedCall::~HookedCall() { innermost = outer_; }

void HookedCall::keep(const Ref<HookTable>& table) {
  for (HookedCall* call = innermost; call; call = call->outer_)
    if (call->tables_[1] == table.get()) call->kept_[1] = table;
}

void HookedCall::take_global_hooks() {
  kept_[0] = global_hook_table();  // kept: another thread may change them
  tables_[0] = kept_[0].get();
  if (tables_[0]) kinds_ = tables_[0]->kinds;
}

void HookedCall::run_before() {
  try {
    for (const HookTable* table : tables_) {
      if (!table) continue;
      for (const HookEntry& e : table->of(HookKind::forward_pre))
        if (!table->has_lost(e)) e.hook->call(module_, inputs.view(), {});
    }
    inputs.check_absent(module_);
    if (is_grad_enabled() && (has(HookKind::full_backward_pre) || has(HookKind::full_backward))) {
      backward_ = make_ref<BackwardHooks>(module_, tables_[0], tables_[1]);
      backward_->record_inputs(inputs);
    }
  } catch (...) {
    failed();
    throw;
  }
}

void HookedCall::after() {
  try {
    for (const HookTable* table : tables_) {
      if (!table) continue;
      for (const HookEntry& e : table->of(HookKind::forward)) {
        ++forward_hooks_done_;
        if (!table->has_lost(e)) e.hook->call(module_, inputs.view(), outputs.view());
      }
    }
    outputs.check_absent(module_);
    if (backward_) backward_->record_outputs(outputs, inputs);
  } catch (...) {
    failed();
    throw;
  }
}

void HookedCall::failed() {
  std::size_t position = 0;
  const auto warn = [&](const char* what) {
    fmt::print(stderr,
               "[{}] warning: a forward hook that is always called threw while another error was on its way: {}\n",
               module_.type_name(), what);
  };
  for (const HookTable* table : tables_) {
    if (!table) continue;
    for (const HookEntry& e : table->of(HookKind::forward)) {
      if (position++ < forward_hooks_done_ || !e.always_call || table->has_lost(e)) continue;
      try {
        e.hook->call(module_, inputs.view(), outputs.view());
      } catch (const std::exception& error) {
        warn(error.what());
      } catch (...) {
        warn("not a std::exception");
      }
    }
  }
}

template Tensor call_hooked<Tensor, const Tensor&>(ModuleBase&, const HookSlot&, Tensor (*)(ModuleBase&, const Tensor&),
                                                   const Tensor&);
template Tensor call_hooked<Tensor, Tensor>(ModuleBase&, const HookSlot&, Tensor (*)(ModuleBase&, Tensor&&), Tensor&&);

}  // namespace tenon::nn::detail
