#include <tenon/nn/module_base.h>

#include <unordered_set>

#include <tenon/autograd.h>
#include <tenon/nn/slot.h>

#include "nn/entries.h"
#include "nn/registered.h"

namespace tenon::nn {
namespace {

// f(path, module) for the module and all below it, parents first.
template <class F>
class Walk {
 public:
  Walk(const NamedOptions& options, F f) : options_(options), f_(std::move(f)), path_(options.prefix) {}

  void operator()(ModuleBase& module) {
    if (options_.remove_duplicate && !seen_.insert(&module).second) return;
    f_(path_, module);
    if (!options_.recurse) return;
    for (const auto& [key, child] : Entries(module).children) {
      if (!child) continue;
      const std::size_t length = path_.size();
      if (length != 0) path_ += '.';
      path_ += key;
      (*this)(*child);
      path_.resize(length);
    }
  }

 private:
  const NamedOptions& options_;
  F f_;
  std::string path_;
  std::unordered_set<const ModuleBase*> seen_;
};

// The tensors of one kind, module by module, each with its path.
template <class Named>
class Collector : public Visitor {
 public:
  explicit Collector(bool remove_duplicate) : remove_duplicate_(remove_duplicate) {}
  void enter(const std::string& path, ModuleBase& module) {
    path_ = path;
    visit_entries(module, *this);
  }
  std::vector<Named> found;

 protected:
  template <class T>
  void add(std::string_view key, const T& tensor) {
    if (!tensor.defined() || (remove_duplicate_ && !seen_.insert(tensor.impl()).second)) return;
    found.push_back({join(path_, key), tensor});
  }

 private:
  bool remove_duplicate_;
  std::string path_;
  std::unordered_set<const TensorImpl*> seen_;
};
struct CollectParameters : Collector<NamedParameter> {
  using Collector::Collector;
  void parameter(std::string_view key, Parameter& p) override { add(key, p); }
};
struct CollectBuffers : Collector<NamedBuffer> {
  using Collector::Collector;
  void buffer(std::string_view key, Buffer& b) override { add(key, b); }
};

template <class C>
auto collect(const ModuleBase& root, const NamedOptions& options) {
  C collector(options.remove_duplicate);
  Walk walk(options, [&](const std::string& path, ModuleBase& m) { collector.enter(path, m); });
  walk(const_cast<ModuleBase&>(root));  // it changes nothing; it is not const since a visitor may
  return std::move(collector.found);
}

}  // namespace

void Visitor::member(std::string_view) {}
void Visitor::parameter(std::string_view, Parameter&) {}
void Visitor::buffer(std::string_view, Buffer&) {}
void Visitor::module(std::string_view, ModuleBase*) {}
void Visitor::slot(std::string_view key, ModuleSlot& slot) { module(key, slot.get()); }

namespace {

/// Passes on what it sees but for parameters that are computed.
class WithoutComputed : public Visitor {
 public:
  WithoutComputed(ModuleBase& module, Visitor& visitor) : module_(module), visitor_(visitor) {}
  void member(std::string_view key) override { visitor_.member(key); }
  void parameter(std::string_view key, Parameter& parameter) override {
    if (!is_computed(module_, key)) visitor_.parameter(key, parameter);
  }
  void buffer(std::string_view key, Buffer& buffer) override { visitor_.buffer(key, buffer); }
  void slot(std::string_view key, ModuleSlot& slot) override { visitor_.slot(key, slot); }

 private:
  ModuleBase& module_;
  Visitor& visitor_;
};

}  // namespace

void visit_entries(ModuleBase& module, Visitor& visitor) {
  const auto registered = module.tenon_state().registered;
  if (!registered) return module.tenon_visit(visitor);
  WithoutComputed listed(module, visitor);
  module.tenon_visit(listed);
  for (auto& [name, parameter] : registered->parameters) listed.parameter(name, parameter);
  for (auto& [name, buffer] : registered->buffers) visitor.buffer(name, buffer);
  for (auto& [name, child] : registered->modules) {
    detail::MaybeSlot slot(child);
    visitor.slot(name, slot);
  }
}

bool ModuleBase::tenon_take_in(const std::string&, const std::shared_ptr<ModuleBase>&) { return false; }
bool ModuleBase::tenon_let_go(std::string_view) { return false; }

std::vector<NamedParameter> ModuleBase::named_parameters(const NamedOptions& options) const {
  return collect<CollectParameters>(*this, options);
}
std::vector<NamedBuffer> ModuleBase::named_buffers(const NamedOptions& options) const {
  return collect<CollectBuffers>(*this, options);
}

std::vector<Parameter> ModuleBase::parameters(bool recurse) const {
  std::vector<Parameter> out;
  for (NamedParameter& p : named_parameters({.recurse = recurse})) out.push_back(std::move(p.parameter));
  return out;
}
std::vector<Buffer> ModuleBase::buffers(bool recurse) const {
  std::vector<Buffer> out;
  for (NamedBuffer& b : named_buffers({.recurse = recurse})) out.push_back(std::move(b.buffer));
  return out;
}

std::vector<NamedModule> ModuleBase::named_modules(const NamedOptions& options) {
  std::vector<NamedModule> out;
  Walk(options, [&](const std::string& path, ModuleBase& m) { out.push_back({path, m}); })(*this);
  return out;
}
ModuleRefs ModuleBase::modules() {
  ModuleRefs out;
  for (const NamedModule& m : named_modules()) out.push_back(m.module);
  return out;
}
std::vector<NamedModule> ModuleBase::named_children() {
  std::vector<NamedModule> out;
  std::unordered_set<const ModuleBase*> seen;
  for (auto& [key, child] : Entries(*this).children)
    if (child && seen.insert(child).second) out.push_back({std::move(key), *child});
  return out;
}
ModuleRefs ModuleBase::children() {
  ModuleRefs out;
  for (const NamedModule& m : named_children()) out.push_back(m.module);
  return out;
}

ModuleBase& ModuleBase::apply(const std::function<void(ModuleBase&)>& f) {
  for (ModuleBase& child : children()) child.apply(f);
  f(*this);
  return *this;
}

ModuleBase& ModuleBase::train(bool mode) {
  for (ModuleBase& module : modules()) module.tenon_state().training = mode;
  return *this;
}
bool ModuleBase::training() const { return const_cast<ModuleBase*>(this)->tenon_state().training; }

ModuleBase& ModuleBase::requires_grad_(bool requires_grad) {
  for (const Parameter& p : parameters()) p.requires_grad_(requires_grad);
  return *this;
}

void ModuleBase::zero_grad(bool set_to_none) {
  for (const Parameter& p : parameters()) {
    const Tensor grad = p.grad();
    if (!grad.defined()) continue;
    if (set_to_none) p.set_grad({});
    else if (grad.requires_grad()) p.set_grad(grad.detach().zero_());  // from backward({.create_graph = true})
    else grad.zero_();
  }
}

int64_t count(const TensorList& parameters) {
  int64_t n = 0;
  for (const Tensor& p : parameters) n += p.numel();
  return n;
}

std::vector<Parameter> trainable(const std::vector<Parameter>& parameters) {
  std::vector<Parameter> out;
  for (const Parameter& p : parameters)
    if (p.requires_grad()) out.push_back(p);
  return out;
}

}  // namespace tenon::nn
