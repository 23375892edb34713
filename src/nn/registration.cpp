// Parts of a model by their paths, and what is registered at run time.
#include <algorithm>
#include <functional>

#include <tenon/nn/named_handles.h>
#include <tenon/nn/slot.h>

#include "nn/entries.h"
#include "nn/registered.h"

namespace tenon::nn {
namespace {

/// Whether `path` leads to what stands under `key`, or below it.
bool leads_to(std::string_view path, std::string_view key) {
  return path.starts_with(key) && (path.size() == key.size() || path[key.size()] == '.');
}

std::string names_of(const auto& entries) {
  std::string names;
  for (const auto& entry : entries) names += (names.empty() ? "" : ", ") + entry.key;
  return names.empty() ? "none" : names;
}

/// The first part of a path that is missing here: one name, or two where the first is a container's ("layers.7").
std::string_view first_part(std::string_view path, const auto& entries) {
  std::string_view part = path.substr(0, path.find('.'));
  for (const auto& entry : entries)
    if (part.size() < path.size() && std::string_view(entry.key).starts_with(fmt::format("{}.", part)))
      return path.substr(0, path.find('.', part.size() + 1));
  return part;
}

/// Where a path leads: what `rest` names should be held by `module` itself.
struct Place {
  ModuleBase* module;
  std::string_view path, rest;

  std::string text() const {
    const std::size_t length = path.size() - rest.size();
    if (length == 0) return fmt::format("of this {}", module->type_name());
    return fmt::format("of \"{}\", a {}", path.substr(0, length - 1), module->type_name());
  }
};

/// Goes down from child to child as far as the path leads.
Place descend(ModuleBase& root, std::string_view path, std::string_view operation) {
  Place at{&root, path, path};
  while (true) {
    const Entries entries(*at.module);
    const auto child = std::find_if(entries.children.begin(), entries.children.end(),
                                    [&](const auto& e) { return e.key != at.rest && leads_to(at.rest, e.key); });
    if (child == entries.children.end()) return at;
    if (!child->value) fail(operation, "\"{}\": the child \"{}\" {} is an empty slot", path, child->key, at.text());
    at.rest.remove_prefix(child->key.size() + 1);
    at.module = child->value;
  }
}

/// The entry of a table that a place names; an error that says what is missing.
template <class T>
T* look_up(const Place& at, std::string_view what, const std::vector<Entry<T>>& table, std::string_view operation) {
  for (const auto& [key, value] : table)
    if (key == at.rest) return value;
  if (at.rest.find('.') == at.rest.npos)
    fail(operation, "\"{}\": there is no {} \"{}\" {}; it has: {}", at.path, what, at.rest, at.text(), names_of(table));
  const Entries entries(*at.module);
  fail(operation, "\"{}\": there is no child \"{}\" {}; it has: {}", at.path, first_part(at.rest, entries.children),
       at.text(), names_of(entries.children));
}

class FindSlot : public Visitor {
 public:
  /// Calls f(slot) on the place of that key.
  FindSlot(ModuleBase& module, std::string_view key, const std::function<void(ModuleSlot&)>& f) : key_(key), f_(f) {
    visit_entries(module, *this);
  }
  void slot(std::string_view key, ModuleSlot& slot) override {
    if (key == key_) f_(slot);
  }

 private:
  std::string_view key_;
  const std::function<void(ModuleSlot&)>& f_;
};

struct EntriesAndMembers : Entries {
  explicit EntriesAndMembers(ModuleBase& of) : Entries() { visit_entries(of, *this); }
  void member(std::string_view key) override { members.emplace_back(key); }

  std::vector<std::string> members;
};

void check_new_name(ModuleBase& module, std::string_view name, std::string_view operation) {
  if (name.empty()) fail(operation, "expected a name for a part of {} that is not empty", module.type_name());
  if (name.find('.') != name.npos)
    fail(operation, "expected a name without a dot for a part of {}, got \"{}\"", module.type_name(), name);
  const EntriesAndMembers entries(module);
  const auto refuse = [&](const auto& table, std::string_view what) {
    for (const auto& entry : table)
      if (leads_to(entry.key, name))
        fail(operation, "{} has a {} \"{}\" already: unregister it, or take another name", module.type_name(), what,
             name);
  };
  refuse(entries.parameters, "parameter");
  refuse(entries.buffers, "buffer");
  refuse(entries.children, "child");
  if (std::find(entries.members.begin(), entries.members.end(), name) != entries.members.end())
    fail(operation, "{} has a member \"{}\" already: take another name", module.type_name(), name);
}

template <class List>
void unregister(ModuleBase& module, List detail::Registered::*table, std::string_view name,
                std::string_view operation) {
  const auto& registered = module.tenon_state().registered;
  if (registered) {
    List& list = (*registered).*table;
    const auto at = std::find_if(list.begin(), list.end(), [&](const auto& entry) { return entry.name == name; });
    if (at != list.end()) {
      list.erase(at);
      return;
    }
  }
  fail(
      operation,
      "\"{}\" is not among what was registered with this {}; a member of the class cannot be taken away, only emptied: "
      "assign {{}} to a parameter or buffer, reset a pointer",
      name, module.type_name());
}

}  // namespace

const std::shared_ptr<detail::Registered>& detail::registered_with(ModuleBase& module) {
  auto& registered = module.tenon_state().registered;
  if (!registered) registered = std::make_shared<Registered>();
  return registered;
}

void detail::check_not_registered(ModuleBase& container, const std::vector<std::string>& names) {
  const auto& registered = container.tenon_state().registered;
  if (!registered) return;
  const auto refuse = [&](const auto& table, std::string_view what) {
    for (const auto& entry : table)
      if (std::find(names.begin(), names.end(), entry.name) != names.end())
        fail(container.type_name(), "the name \"{}\" is taken, by a {} that was registered: unregister it", entry.name,
             what);
  };
  refuse(registered->parameters, "parameter");
  refuse(registered->buffers, "buffer");
  refuse(registered->modules, "module");
}

void detail::fail_module_class(const ModuleBase& module, std::string_view name) {
  fail("ModuleBase", "{} is a {}, not what was asked for", name.empty() ? "the module" : name, module.type_name());
}

ModuleBase& ModuleBase::get_submodule(std::string_view path) {
  if (path.empty()) return *this;
  const Place at = descend(*this, path, "get_submodule");
  ModuleBase* found = look_up(at, "child", Entries(*at.module).children, "get_submodule");
  if (!found) fail("get_submodule", "\"{}\": the child \"{}\" {} is an empty slot", path, at.rest, at.text());
  return *found;
}

Parameter& ModuleBase::get_parameter(std::string_view path) {
  const Place at = descend(*this, path, "get_parameter");
  return *look_up(at, "parameter", Entries(*at.module).parameters, "get_parameter");
}

Buffer& ModuleBase::get_buffer(std::string_view path) {
  const Place at = descend(*this, path, "get_buffer");
  return *look_up(at, "buffer", Entries(*at.module).buffers, "get_buffer");
}

Parameter& ModuleBase::register_parameter(std::string name, Parameter parameter) {
  check_new_name(*this, name, "register_parameter");
  if (parameter.defined() && !parameter.is_leaf())
    fail("register_parameter",
         "expected a leaf as {} of {}, got a tensor with a history: make it a leaf with nn::Parameter(x.detach())",
         name, type_name());
  auto& parameters = detail::registered_with(*this)->parameters;
  parameters.push_back({std::move(name), std::move(parameter)});
  return parameters.back().value;
}

Buffer& ModuleBase::register_buffer(std::string name, Buffer buffer) {
  check_new_name(*this, name, "register_buffer");
  auto& buffers = detail::registered_with(*this)->buffers;
  buffers.push_back({std::move(name), std::move(buffer)});
  return buffers.back().value;
}

void ModuleBase::register_module(std::string name, std::shared_ptr<ModuleBase> module) {
  check_new_name(*this, name, "register_module");
  if (tenon_take_in(name, module)) return;
  detail::registered_with(*this)->modules.push_back({std::move(name), std::move(module)});
}

void ModuleBase::unregister_parameter(std::string_view name) {
  unregister(*this, &detail::Registered::parameters, name, "unregister_parameter");
}
void ModuleBase::unregister_buffer(std::string_view name) {
  unregister(*this, &detail::Registered::buffers, name, "unregister_buffer");
}
void ModuleBase::unregister_module(std::string_view name) {
  if (!tenon_let_go(name)) unregister(*this, &detail::Registered::modules, name, "unregister_module");
}

ModuleBase& ModuleBase::put_module(std::string_view path, std::unique_ptr<ModuleBase> module, bool may_add) {
  const std::string_view operation = may_add ? "set_submodule" : "replace_module";
  if (path.empty()) fail(operation, "expected the path of a child, got an empty one");
  const Place at = descend(*this, path, operation);
  const std::vector<Entry<ModuleBase>> children = Entries(*at.module).children;
  const bool is_new = std::none_of(children.begin(), children.end(), [&](const auto& e) { return e.key == at.rest; });
  if (is_new && may_add && at.rest.find('.') == at.rest.npos) {
    const std::shared_ptr<ModuleBase> shared = std::move(module);
    at.module->register_module(std::string(at.rest), shared);
    return *shared;
  }
  look_up(at, "child", children, operation);
  ModuleBase* placed = nullptr;
  FindSlot(*at.module, at.rest, [&](ModuleSlot& slot) {
    const std::string given(module->type_name());
    const std::string_view expected = slot.put(module);
    if (!expected.empty())
      fail(operation, "\"{}\": the place of \"{}\" {} is for a {}, got a {}", path, at.rest, at.text(), expected,
           given);
    placed = slot.get();
  });
  return *placed;
}

}  // namespace tenon::nn
