// ModuleBase::load_state_dict: everything is checked first, then written.
#include <unordered_map>

#include <tenon/autograd.h>
#include <tenon/creation.h>

#include "nn/entries.h"
#include "nn/registered.h"
#include "nn/set_data.h"
#include "nn/similar_names.h"
#include "tape/node.h"

namespace tenon::nn {
namespace {

std::string torch_size(const Shape& shape) { return fmt::format("torch.Size({})", shape.to_string('[', ']')); }

/// Whether `key` is `start`, or goes on after it with a dot.
bool begins_with(std::string_view key, std::string_view start) {
  return key.starts_with(start) && (key.size() == start.size() || key[start.size()] == '.');
}

/// The state dict under the names that the options ask for.
Dict renamed(const Dict& given, const LoadOptions& options) {
  const auto new_name = [&](std::string key) {
    if (key.starts_with(options.strip_prefix)) key.erase(0, options.strip_prefix.size());
    else if (key + '.' == options.strip_prefix) key.clear();  // a module's own path, in the metadata
    for (const auto& [from, to] : options.key_map)
      if (begins_with(key, from)) return to + key.substr(from.size());
    return key;
  };
  Dict out;
  for (const auto& [key, value] : given) {
    std::string name = new_name(key.string());
    if (out.contains(name)) fail("load_state_dict", "two keys become \"{}\" by strip_prefix and key_map", name);
    out.set(std::move(name), value);
  }
  if (const Dict* metadata = given.metadata()) {
    Dict versions;  // the wrapper's own entry, "", makes way for the model's
    for (const auto& [path, value] : *metadata) versions.set(new_name(path.string()), value);
    out.set_metadata(std::move(versions));
  }
  return out;
}

bool same_values(const Tensor& a, const Tensor& b) {
  if (a.is_meta() || b.is_meta()) return a.is_meta() && b.is_meta();
  if (a.impl()->data == b.impl()->data && a.dtype() == b.dtype() && a.strides() == b.strides()) return true;
  const std::vector<double> x = a.to_vector<double>(), y = b.to_vector<double>();
  for (std::size_t i = 0; i < x.size(); ++i)
    if (x[i] != y[i] && (x[i] == x[i] || y[i] == y[i])) return false;
  return true;
}

class Loading {
 public:
  Loading(ModuleBase& root, const Dict& state_dict, const LoadOptions& options)
      : root_(root), options_(options), dict_(renamed(state_dict, options)) {
    check_module(root, "");
  }

  LoadReport run() {
    // Only a hook may still find that a missing key is right.
    if (hooked_.empty() || !errors_.empty()) fail_if_wrong();
    if (extras_.empty() && hooked_.empty()) {
      for (const Write& write : writes_) write_one(write);
    } else {
      write_or_restore();
    }
    return std::move(report_);
  }

 private:
  struct Write {
    Tensor target;
    Buffer* slot;  // null for a parameter
    Tensor source;
    std::string key;
  };
  struct Extra {
    ModuleBase* module;
    const Value* value;
  };

  // ---- the check
  void check_module(ModuleBase& module, const std::string& prefix) {
    LoadingState state{dict_, prefix, version_at(prefix), report_, errors_};
    module.upgrade_state_dict(state);
    const auto registered = module.tenon_state().registered;
    if (registered) registered->before_loading.call(module, state);

    const Entries entries(module);
    std::vector<std::string> own;
    for (const auto& [key, parameter] : entries.parameters)
      if (parameter->defined()) check_tensor(own.emplace_back(prefix + key), *parameter, nullptr);
    for (const auto& [key, buffer] : entries.buffers)
      if (buffer->defined() && buffer->persistent()) check_tensor(own.emplace_back(prefix + key), *buffer, buffer);
    check_extra_state(module, own.emplace_back(prefix + extra_state_key));
    for (const auto& [key, value] : dict_) {
      const std::string& name = key.string();
      if (!name.starts_with(prefix) || std::find(own.begin(), own.end(), name) != own.end()) continue;
      // As in PyTorch what would belong to an empty slot (a part that a variant of the model lacks) is passed over.
      const auto leads_on = [&](const Entry<ModuleBase>& child) { return name.starts_with(prefix + child.key + "."); };
      if (std::none_of(entries.children.begin(), entries.children.end(), leads_on)) report_.unexpected.push_back(name);
    }
    for (const auto& [key, child] : entries.children)
      if (child) check_module(*child, prefix + key + ".");
    if (registered && !registered->after_loading.hooks.empty()) hooked_.push_back(&module);
  }

  std::optional<int64_t> version_at(const std::string& prefix) const {
    if (!dict_.metadata()) return std::nullopt;
    const Value* entry = dict_.metadata()->find(prefix.substr(0, prefix.empty() ? 0 : prefix.size() - 1));
    const Value* version = entry && entry->is<Dict>() ? entry->as<Dict>().find("version") : nullptr;
    if (!version || !version->is<int64_t>()) return std::nullopt;
    return version->as<int64_t>();
  }

  void check_extra_state(ModuleBase& module, const std::string& key) {
    const Value* value = dict_.find(key);
    if (!module.get_extra_state()) {
      if (value) report_.unexpected.push_back(key);
    } else if (value) {
      extras_.push_back({&module, value});
    } else {
      report_.missing.push_back(key);
    }
  }

  void check_tensor(const std::string& key, const Tensor& target, Buffer* slot) {
    const Value* value = dict_.find(key);
    if (!value) {
      report_.missing.push_back(key);
      return;
    }
    if (!value->is<Tensor>() || !value->as<Tensor>().defined()) {
      errors_.push_back(
          fmt::format("While copying the parameter named \"{}\", expected torch.Tensor or Tensor-like object from "
                      "checkpoint but received <class '{}'>",
                      key, value->type_name()));
      return;
    }
    Tensor source = value->as<Tensor>().detach();
    if (target.dim() == 0 && source.shape() == Shape{1}) source = source.select(0, 0).detach();
    if (source.shape() != target.shape()) {
      if (options_.skip_mismatched) report_.mismatched.push_back(key);
      else
        errors_.push_back(
            fmt::format("size mismatch for {}: copying a param with shape {} from checkpoint, the shape in current "
                        "model is {}.",
                        key, torch_size(source.shape()), torch_size(target.shape())));
      return;
    }
    if (const std::string reason = why_not(target, source); !reason.empty()) {
      errors_.push_back(
          fmt::format("While copying the parameter named \"{}\", whose dimensions in the model are {} and whose "
                      "dimensions in the checkpoint are {}, an exception occurred : ('{}',).",
                      key, torch_size(target.shape()), torch_size(source.shape()), reason));
      return;
    }
    if (const auto [tied, is_first] = first_write_.try_emplace(target.impl(), writes_.size()); !is_first) {
      const Write& first = writes_[tied->second];
      if (!same_values(first.source, source))
        errors_.push_back(
            fmt::format("{} and {} are one tensor in the model, and the checkpoint has two different values for them.",
                        first.key, key));
    }
    writes_.push_back({target, slot, std::move(source), key});
  }

  /// What would make writing fail; empty if nothing.
  std::string why_not(const Tensor& target, const Tensor& source) const {
    if (options_.assign) {
      const bool fits = source.is_floating_point() || !target.requires_grad();
      return fits ? "" : "Only Tensors of floating point and complex dtype can require gradients";
    }
    if (source.is_meta() && !target.is_meta()) return "Cannot copy out of meta tensor; no data!";
    if (target.is_meta() && !source.is_meta())
      return "the model is on the meta device and has no memory to copy into: load with assign, or call to_empty() "
             "first";
    try {
      const NoGrad guard;
      tenon::detail::check_inplace(target, "copy_");
      if (source.dtype() != target.dtype()) empty({0}, {.dtype = source.dtype()}).to(target.dtype());
    } catch (const Error& e) {
      return e.what();
    }
    return "";
  }

  void fail_if_wrong() const {
    std::vector<std::string> lines;
    const auto list = [&](std::string_view title, const std::vector<std::string>& keys) {
      if (!options_.strict || keys.empty()) return;
      std::string quoted;
      for (const std::string& key : keys) quoted += fmt::format("{}\"{}\"", quoted.empty() ? "" : ", ", key);
      lines.push_back(fmt::format("{} key(s) in state_dict: {}. ", title, quoted));
    };
    list("Missing", report_.missing);
    list("Unexpected", report_.unexpected);
    lines.insert(lines.end(), errors_.begin(), errors_.end());
    if (lines.empty()) return;
    std::string text = fmt::format("Error(s) in loading state_dict for {}:", root_.type_name());
    for (const std::string& line : lines) text += "\n\t" + line;
    const std::string prefix = common_prefix();
    if (!prefix.empty())
      text += fmt::format("\nunexpected keys start with \"{}\": load with .strip_prefix = \"{}\"", prefix, prefix);
    else
      for (const std::string& line : suggest_names(report_.unexpected, report_.missing)) text += "\n" + line;
    fail("load_state_dict", "{}", text);
  }

  /// The first name of all unexpected keys ("module."), where it is only in the way: the model has the key without it.
  std::string common_prefix() const {
    if (report_.unexpected.empty() || report_.missing.empty()) return {};
    const std::string& first = report_.unexpected.front();
    const std::string prefix = first.substr(0, first.find('.') + 1);
    if (prefix.empty()) return {};
    for (const std::string& key : report_.unexpected)
      if (!key.starts_with(prefix)) return {};
    const auto is_missing = [&](const std::string& key) { return prefix + key == first; };
    return std::any_of(report_.missing.begin(), report_.missing.end(), is_missing) ? prefix : "";
  }

  // ---- writing
  void write_one(const Write& write) {
    const NoGrad guard;
    if (!options_.assign) write.target.copy_(write.source);
    else if (write.slot) rehousing_.buffer(*write.slot, [&](const Tensor&) { return write.source; });
    else if (writes_[first_write_.at(write.target.impl())].key == write.key)
      rehousing_.parameter(write.target, write.source);
  }

  // What a module does with its extra state, and a hook, may fail: then everything becomes what it was.
  void write_or_restore() {
    std::vector<Write> tensors;
    std::vector<Tensor> gradients;
    for (const Write& write : writes_) {
      const Tensor before = write.target.detach();
      tensors.push_back({write.target, write.slot, options_.assign ? before : before.clone(), write.key});
      gradients.push_back(write.target.grad());
    }
    std::vector<Dict> states;
    for (const Extra& extra : extras_) states.push_back(Dict{{"state", *extra.module->get_extra_state()}}.clone());
    std::size_t set = 0;
    try {
      for (const Write& write : writes_) write_one(write);
      for (; set < extras_.size(); ++set) extras_[set].module->set_extra_state(*extras_[set].value);
      for (ModuleBase* module : hooked_) module->tenon_state().registered->after_loading.call(*module, report_);
      fail_if_wrong();
    } catch (...) {
      const NoGrad guard;
      for (std::size_t i = tensors.size(); i-- > 0;) {
        const auto& [target, slot, before, key] = tensors[i];
        if (!options_.assign) target.copy_(before);
        else if (slot) *slot = target;
        else set_data(target, before);
        if (!slot) target.set_grad(gradients[i]);
      }
      for (std::size_t i = 0; i <= set && i < extras_.size(); ++i)
        extras_[i].module->set_extra_state(states[i]["state"]);
      throw;
    }
  }

  ModuleBase& root_;
  const LoadOptions& options_;
  Dict dict_;
  LoadReport report_;
  std::vector<std::string> errors_;
  std::vector<Write> writes_;
  std::unordered_map<const TensorImpl*, std::size_t> first_write_;  // of a tied tensor
  std::vector<Extra> extras_;
  std::vector<ModuleBase*> hooked_;  // children before parents
  Rehousing rehousing_;
};

}  // namespace

LoadReport ModuleBase::load_state_dict(const Dict& state_dict, const LoadOptions& options) {
  return Loading(*this, state_dict, options).run();
}

}  // namespace tenon::nn
