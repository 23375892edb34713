#pragma once
// What a module got at run time: further entries, and the hooks of its state dict.
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <tenon/nn/module_base.h>

#include "nn/computed.h"

namespace tenon::nn::detail {

/// Hooks of one kind, in the order in which they are called.
template <class F>
struct StateDictHooks {
  std::vector<std::pair<uint64_t, F>> hooks;

  void remove(uint64_t id) {
    std::erase_if(hooks, [&](const auto& hook) { return hook.first == id; });
  }
  /// A hook may add and remove hooks: that holds from the next call on.
  template <class... A>
  void call(A&&... arguments) const {
    for (const auto& [id, hook] : std::vector(hooks)) hook(arguments...);
  }
};

struct Registered final : tenon::detail::HookOwner {
  template <class T>
  struct Entry {
    std::string name;
    T value;
  };
  // Lists: references to what is registered stay good.
  std::list<Entry<Parameter>> parameters;
  std::list<Entry<Buffer>> buffers;
  std::list<Entry<std::shared_ptr<ModuleBase>>> modules;
  std::vector<Entry<Compute>> computed;  ///< parameters that are not listed
  HookHandle computing = {};

  StateDictHooks<StateDictPreHook> before_saving;
  StateDictHooks<StateDictPostHook> after_saving;
  StateDictHooks<LoadStateDictPreHook> before_loading;
  StateDictHooks<LoadStateDictPostHook> after_loading;
  uint64_t last_id = 0;

  void remove_hook(uint64_t id) override {
    before_saving.remove(id);
    after_saving.remove(id);
    before_loading.remove(id);
    after_loading.remove(id);
  }
};

/// The module's own, made where there is none.
const std::shared_ptr<Registered>& registered_with(ModuleBase& module);

}  // namespace tenon::nn::detail
