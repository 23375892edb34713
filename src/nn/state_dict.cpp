// ModuleBase::state_dict, and the hooks of saving and loading.
#include <tenon/nn/module_base.h>

#include "nn/entries.h"
#include "nn/registered.h"

namespace tenon::nn {
namespace {

class Saving {
 public:
  explicit Saving(const StateDictOptions& options) : keep_vars_(options.keep_vars) {}

  void module(ModuleBase& module, const std::string& prefix) {
    // As in PyTorch a path in the metadata has no dot at its end, a prefix has.
    const std::string path = prefix.substr(0, prefix.empty() ? 0 : prefix.size() - 1);
    metadata_.set(path, Dict{{"version", module.state_dict_version()}});
    const auto registered = module.tenon_state().registered;
    if (registered) registered->before_saving.call(module, prefix, keep_vars_);
    const Entries entries(module);
    for (const auto& [key, parameter] : entries.parameters) {
      if (keep_vars_ && parameter->defined()) dict_.set(prefix + key, nn::Parameter(*parameter));
      else add(prefix + key, *parameter);
    }
    for (const auto& [key, buffer] : entries.buffers)
      if (buffer->persistent()) add(prefix + key, *buffer);
    if (auto extra = module.get_extra_state()) dict_.set(prefix + extra_state_key, std::move(*extra));
    for (const auto& [key, child] : entries.children)
      if (child) this->module(*child, prefix + key + ".");
    if (registered) registered->after_saving.call(module, dict_, prefix);
  }
  Dict take() {
    dict_.set_ordered();
    metadata_.set_ordered();
    dict_.set_metadata(std::move(metadata_));
    return std::move(dict_);
  }

 private:
  void add(std::string key, const Tensor& x) {
    if (x.defined()) dict_.set(std::move(key), keep_vars_ ? x : x.detach());
  }

  bool keep_vars_;
  Dict dict_, metadata_;
};

template <class F>
HookHandle add(ModuleBase& module, detail::StateDictHooks<F> detail::Registered::*list, F hook) {
  const std::shared_ptr<detail::Registered>& registered = detail::registered_with(module);
  ((*registered).*list).hooks.emplace_back(++registered->last_id, std::move(hook));
  return HookHandle(registered, registered->last_id);
}

}  // namespace

Dict ModuleBase::state_dict(const StateDictOptions& options) const {
  Saving saving(options);
  saving.module(const_cast<ModuleBase&>(*this), options.prefix);
  return saving.take();
}

HookHandle ModuleBase::register_state_dict_pre_hook(StateDictPreHook hook) {
  return add(*this, &detail::Registered::before_saving, std::move(hook));
}
HookHandle ModuleBase::register_state_dict_post_hook(StateDictPostHook hook) {
  return add(*this, &detail::Registered::after_saving, std::move(hook));
}
HookHandle ModuleBase::register_load_state_dict_pre_hook(LoadStateDictPreHook hook) {
  return add(*this, &detail::Registered::before_loading, std::move(hook));
}
HookHandle ModuleBase::register_load_state_dict_post_hook(LoadStateDictPostHook hook) {
  return add(*this, &detail::Registered::after_loading, std::move(hook));
}

void ModuleBase::set_extra_state(const Value&) {
  fail(type_name(), "this class overrides get_extra_state() and not set_extra_state(): override both");
}

void ModuleBase::upgrade_state_dict(LoadingState&) {}

}  // namespace tenon::nn
