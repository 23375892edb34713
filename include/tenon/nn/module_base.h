#pragma once
// What every module can do, whatever its class: walk its tree, switch modes, print itself. Written once, on a visitor.
#include <algorithm>
#include <concepts>
#include <cstddef>
#include <functional>
#include <iosfwd>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <vector>

#include <tenon/nn/hooks.h>
#include <tenon/nn/state_dict.h>
#include <tenon/nn/visitor.h>
#include <tenon/tensor_list.h>

#pragma GCC visibility push(default)

namespace tenon::nn {

class ModuleBase;

namespace detail {
struct Registered;
class Cloner;

/// A module's class, or a reference to one.
template <class M>
concept AModule = std::derived_from<std::remove_cvref_t<M>, ModuleBase>;

[[noreturn]] void fail_module_class(const ModuleBase& module, std::string_view name);
template <class M>
M& as(ModuleBase& module, std::string_view name) {
  if (auto* as_m = dynamic_cast<M*>(&module)) return *as_m;
  fail_module_class(module, name);
}
}  // namespace detail

/// What a module keeps beside its members. TENON_MODULE declares it, for the members could not be counted if ModuleBase
/// had data.
struct ModuleState {
  bool training = true;
  /// What was added at run time; null while nothing was.
  std::shared_ptr<detail::Registered> registered = {};
  detail::HookSlot hooks = {};
};

// Structs, not pairs: `for (auto& [name, parameter] : model.named_parameters())`.
struct NamedParameter {
  std::string name;     ///< a path: "layers.0.weight"
  Parameter parameter;  ///< a handle of the model's own
};
struct NamedBuffer {
  std::string name;
  Buffer buffer;
};
struct NamedModule {
  std::string name;
  ModuleBase& module;
};

struct NamedOptions {
  std::string prefix = {};       ///< stands before every name, with a dot
  bool recurse = true;           ///< false: this module's own entries only
  bool remove_duplicate = true;  ///< false: what is shared appears under each of its names
};

namespace detail {
/// Walks over handles (anything with a unary *) and gives what they refer to.
template <class Handle>
class ReferenceIterator {
 public:
  using iterator_category = std::forward_iterator_tag;
  using value_type = ModuleBase;
  using difference_type = std::ptrdiff_t;
  using pointer = ModuleBase*;
  using reference = ModuleBase&;

  ReferenceIterator() = default;
  explicit ReferenceIterator(const Handle* at) : at_(at) {}
  ModuleBase& operator*() const { return **at_; }
  ModuleBase* operator->() const { return &**at_; }
  ReferenceIterator& operator++() {
    ++at_;
    return *this;
  }
  ReferenceIterator operator++(int) { return ReferenceIterator(at_++); }
  bool operator==(const ReferenceIterator&) const = default;

 private:
  const Handle* at_ = nullptr;
};
}  // namespace detail

/// A list of references to modules: `for (auto& child : model.children())`.
class ModuleRefs {
 public:
  using iterator = detail::ReferenceIterator<ModuleBase*>;
  iterator begin() const { return iterator(modules_.data()); }
  iterator end() const { return iterator(modules_.data() + modules_.size()); }
  std::size_t size() const { return modules_.size(); }
  bool empty() const { return modules_.empty(); }
  ModuleBase& operator[](std::size_t i) const {
    if (i >= modules_.size()) fail("ModuleRefs", "index {} is out of range: the size is {}", i, modules_.size());
    return *modules_[i];
  }
  void push_back(ModuleBase& module) { modules_.push_back(&module); }

 private:
  std::vector<ModuleBase*> modules_;
};

/// Every module's base: not to be derived from directly (derive from nn::Module<YourClass>). Moved, never copied.
/// Source: torch.nn.Module.
class ModuleBase {
 public:
  ModuleBase() = default;
  // Compilers show the line that is deleted, so each says why.
  ModuleBase(const ModuleBase&) = delete;             // a module is moved, not copied: two would share their parameters
  ModuleBase& operator=(const ModuleBase&) = delete;  // a module is moved, not copied: two would share their parameters
  ModuleBase(ModuleBase&&) = default;
  ModuleBase& operator=(ModuleBase&&) = default;
  virtual ~ModuleBase() = default;

  /// The class's name as it was given to TENON_MODULE.
  virtual std::string_view type_name() const = 0;
  /// What stands between the parentheses when the module is printed; several lines are put above the children.
  virtual std::string extra_repr() const { return {}; }
  /// Whether neighbours that print alike are one line, as in a list: (0-5): 6 x Linear(…).
  virtual bool folds_equal_children() const { return false; }

  /// Calls a module whose class is not known here. An error unless its forward takes one tensor and gives one.
  Tensor operator()(Tensor x) { return tenon_call(std::move(x)); }

  // ---- the tree: a module's own entries in the order of declaration, then its children's
  std::vector<Parameter> parameters(bool recurse = true) const;
  std::vector<NamedParameter> named_parameters(const NamedOptions& options = {}) const;
  std::vector<Buffer> buffers(bool recurse = true) const;
  std::vector<NamedBuffer> named_buffers(const NamedOptions& options = {}) const;
  /// The modules directly below, each once; empty slots are left out.
  ModuleRefs children();
  std::vector<NamedModule> named_children();
  /// The module itself (named like the prefix, by default ""), then all below, parents before children.
  ModuleRefs modules();
  std::vector<NamedModule> named_modules(const NamedOptions& options = {});

  /// Calls `f` on every module below, children before parents, and on this one last.
  ModuleBase& apply(const std::function<void(ModuleBase&)>& f);

  // ---- parts by their paths ("layers.0.norm"); an error says which part of the path is not there
  /// The module itself for "".
  ModuleBase& get_submodule(std::string_view path);
  template <std::derived_from<ModuleBase> M>
  M& get_submodule(std::string_view path) {
    return detail::as<M>(get_submodule(path), path);
  }
  Parameter& get_parameter(std::string_view path);
  Buffer& get_buffer(std::string_view path);

  // ---- registration on a live model: after the members, in the order of registration. A name that is empty, has a dot
  // or is taken, be it by a plain member, is an error. References to what was registered stay good until it is
  // unregistered. A module registered with a Sequential, a ModuleList or a ModuleDict is its last element.
  Parameter& register_parameter(std::string name, Parameter parameter);
  Buffer& register_buffer(std::string name, Buffer buffer);
  template <detail::AModule M>
  std::remove_cvref_t<M>& register_module(std::string name, M&& module) {
    auto shared = std::make_shared<std::remove_cvref_t<M>>(taken_over(std::forward<M>(module)));
    auto& reference = *shared;
    register_module(std::move(name), std::shared_ptr<ModuleBase>(std::move(shared)));
    return reference;
  }
  /// One that others hold too. Null: an empty slot, which set_submodule() may fill.
  void register_module(std::string name, std::shared_ptr<ModuleBase> module);
  /// Takes away what was registered; an error for a member of the class.
  void unregister_parameter(std::string_view name);
  void unregister_buffer(std::string_view name);
  void unregister_module(std::string_view name);
  /// Puts a module in the place of the child of that name. A member by value takes its own class only, a pointer what
  /// is derived from its class; nn::AnyModule, a container's place and a registered one take any. Gives the module
  /// where it now stands.
  template <class M>
  std::remove_cvref_t<M>& replace_module(std::string_view name, M&& module) {
    return put_module<std::remove_cvref_t<M>>(name, taken_over(std::forward<M>(module)), false);
  }
  /// The same at a path; registers the module if its parent has no child of that name.
  template <class M>
  std::remove_cvref_t<M>& set_submodule(std::string_view path, M&& module) {
    return put_module<std::remove_cvref_t<M>>(path, taken_over(std::forward<M>(module)), true);
  }

  // ---- saving and loading
  /// Parameters, persistent buffers and extra state under their paths, a module's own before its children's; what is
  /// shared under every name. The tensors are the model's memory, outside the tape: clone() the dict for a snapshot.
  /// Its metadata() holds the version of every module's class. Source: torch.nn.Module.state_dict.
  Dict state_dict(const StateDictOptions& options = {}) const;
  /// Copies such a dict's values into the model. Everything is checked before anything is written: an error, in
  /// PyTorch's words, leaves the model as it was. Source: torch.nn.Module.load_state_dict.
  LoadReport load_state_dict(const Dict& state_dict, const LoadOptions& options = {});
  LoadReport load_state_dict(const Value& state_dict, const LoadOptions& options = {}) {
    return load_state_dict(state_dict.as<Dict>(), options);
  }
  HookHandle register_state_dict_pre_hook(StateDictPreHook hook);
  HookHandle register_state_dict_post_hook(StateDictPostHook hook);
  HookHandle register_load_state_dict_pre_hook(LoadStateDictPreHook hook);
  HookHandle register_load_state_dict_post_hook(LoadStateDictPostHook hook);
  /// The class's version in a state dict's metadata; higher when its entries change.
  virtual int64_t state_dict_version() const { return 1; }
  /// What a class keeps in a state dict besides tensors, under "_extra_state". Override both or neither.
  virtual std::optional<Value> get_extra_state() const { return std::nullopt; }
  virtual void set_extra_state(const Value& state);
  /// Called before a module's own entries are looked up, and before its hooks: brings those of an older version up to
  /// date.
  virtual void upgrade_state_dict(LoadingState& loading);

  // ---- conversion: parameters stay the same objects, so that an optimizer goes on working, and their gradients are
  // converted with them
  /// Converts floating-point parameters and buffers, and leaves others alone. An error for a type that is none.
  ModuleBase& to(DType dtype);
  /// Moves everything. An error for data from the meta device, which has none: to_empty().
  ModuleBase& to(const Device& device);
  ModuleBase& to(const Device& device, DType dtype);
  /// Parameters and buffers of 4 or 5 dimensions lie in this order from now on: to(channels_last). An error, with
  /// nothing changed, where one of them has not the format's number of dimensions.
  ModuleBase& to(MemoryFormat format);
  ModuleBase& half() { return to(float16); }
  ModuleBase& bfloat16() { return to(tenon::bfloat16); }
  ModuleBase& cpu() { return to(kCPU); }
  ModuleBase& cuda(int index = 0) { return to(Device(DeviceType::cuda, index)); }
  /// Gives every tensor uninitialised memory there, and drops the gradients.
  ModuleBase& to_empty(const Device& device);

  /// A deep copy; see Module<>::clone().
  std::unique_ptr<ModuleBase> clone();

  // ---- modes and gradients
  /// Sets the mode of this module and all below; dropout and normalisation look at it.
  ModuleBase& train(bool mode = true);
  ModuleBase& eval() { return train(false); }
  bool training() const;
  /// Whether gradients are to be computed for the parameters, here and below (false: frozen).
  ModuleBase& requires_grad_(bool requires_grad = true);
  /// Drops the parameters' gradients; set_to_none = false fills them with zeros instead.
  void zero_grad(bool set_to_none = true);

  /// The tree in PyTorch's words. fmt::print("{}", model) prints it.
  std::string to_string() const;

  // ---- hooks (nn/hooks.h)
  HookHandle register_forward_pre_hook(const ForwardPreHook& hook, const HookOptions& options = {});
  HookHandle register_forward_hook(const ForwardHook& hook, const ForwardHookOptions& options = {});
  /// Called in the backward pass of a call that was recorded, with the gradients of the call's tensors.
  HookHandle register_full_backward_pre_hook(const FullBackwardPreHook& hook, const HookOptions& options = {});
  HookHandle register_full_backward_hook(const FullBackwardHook& hook, const HookOptions& options = {});

  // ---- what TENON_MODULE and nn::Module<> define
  virtual void tenon_visit(Visitor& visitor) = 0;
  virtual const std::type_info& tenon_class() const { return typeid(*this); }
  virtual ModuleState& tenon_state() = 0;
  virtual Tensor tenon_call(Tensor x) = 0;
  /// A container of modules makes one that is registered an element, and lets one go that is unregistered.
  virtual bool tenon_take_in(const std::string& name, const std::shared_ptr<ModuleBase>& module);
  virtual bool tenon_let_go(std::string_view name);
  virtual std::unique_ptr<ModuleBase> tenon_clone(detail::Cloner& cloner) = 0;

 private:
  template <class M>
  static M&& taken_over(M&& module) {
    static_assert(!std::is_lvalue_reference_v<M>,
                  "a module takes its parts over: pass a new one, or std::move(module), or register a std::shared_ptr");
    return std::move(module);
  }
  template <std::derived_from<ModuleBase> M>
  M& put_module(std::string_view path, M module, bool may_add) {
    return static_cast<M&>(put_module(path, std::make_unique<M>(std::move(module)), may_add));
  }
  ModuleBase& put_module(std::string_view path, std::unique_ptr<ModuleBase> module, bool may_add);
};

/// A module that its module leaves alone.
template <std::derived_from<ModuleBase> T>
class Untracked<T> : public T {
 public:
  using T::T;
  Untracked() = default;
  Untracked(T value) : T(std::move(value)) {}
  const std::type_info& tenon_class() const override { return typeid(T); }
};

/// Prints it as {} does.
std::ostream& operator<<(std::ostream& out, const ModuleBase& module);

/// How many numbers the parameters hold.
int64_t count(const TensorList& parameters);
/// Those that require grad.
std::vector<Parameter> trainable(const std::vector<Parameter>& parameters);

}  // namespace tenon::nn

// A module with begin() and end() is printed as a module. Declared, not included: <fmt/ranges.h> is slow to compile.
FMT_BEGIN_NAMESPACE
template <typename T, typename Char>
struct is_range;
template <std::derived_from<tenon::nn::ModuleBase> T, typename Char>
struct is_range<T, Char> {
  static constexpr bool value = false;
};
FMT_END_NAMESPACE

template <std::derived_from<tenon::nn::ModuleBase> T>
struct fmt::formatter<T> : tenon::detail::TextFormatter {
  auto format(const tenon::nn::ModuleBase& module, fmt::format_context& c) const {
    return write(module.to_string(), c);
  }
};

#pragma GCC visibility pop
