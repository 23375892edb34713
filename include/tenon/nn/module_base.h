#pragma once
// What every module can do, whatever its class: walk its tree, switch modes, print itself. Written once, on a visitor.
#include <algorithm>
#include <concepts>
#include <cstddef>
#include <functional>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tenon/nn/hooks.h>
#include <tenon/nn/parameter.h>

namespace tenon::nn {

class ModuleBase;

namespace detail {
struct Registered;
}

/// Sees what one module holds, each under its key, in the order of declaration: in containers too, not in children.
class Visitor {
 public:
  virtual ~Visitor() = default;
  /// May be undefined: an empty slot.
  virtual void parameter(std::string_view key, Parameter& parameter);
  /// May be undefined: an empty slot.
  virtual void buffer(std::string_view key, Buffer& buffer);
  /// Null: an empty slot (an optional or a pointer that holds nothing).
  virtual void module(std::string_view key, ModuleBase* module);
};

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
  ModuleBase& operator[](std::size_t i) const { return *modules_.at(i); }
  void push_back(ModuleBase& module) { modules_.push_back(&module); }

 private:
  std::vector<ModuleBase*> modules_;
};

/// Every module's base: not to be derived from directly (derive from nn::Module<YourClass>). Moved, never copied.
/// Source: torch.nn.Module.
class ModuleBase {
 public:
  ModuleBase() = default;
  ModuleBase(const ModuleBase&) = delete;             // a module is moved, not copied: two would share their parameters
  ModuleBase& operator=(const ModuleBase&) = delete;  // a module is moved, not copied: two would share their parameters
  ModuleBase(ModuleBase&&) = default;
  ModuleBase& operator=(ModuleBase&&) = default;
  virtual ~ModuleBase() = default;

  /// The class's name as it was given to TENON_MODULE.
  virtual std::string_view type_name() const = 0;
  /// What stands between the parentheses when the module is printed; several lines are put above the children.
  virtual std::string extra_repr() const { return {}; }

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
  virtual std::string to_string() const;

  // ---- hooks (nn/hooks.h)
  HookHandle register_forward_pre_hook(const ForwardPreHook& hook, const HookOptions& options = {});
  HookHandle register_forward_hook(const ForwardHook& hook, const ForwardHookOptions& options = {});
  /// Called while gradients go back, where the call was recorded. The gradients are those of the call's tensors.
  HookHandle register_full_backward_pre_hook(const FullBackwardPreHook& hook, const HookOptions& options = {});
  HookHandle register_full_backward_hook(const FullBackwardHook& hook, const HookOptions& options = {});

  // ---- what TENON_MODULE and nn::Module<> define
  virtual void tenon_visit(Visitor& visitor) = 0;
  virtual ModuleState& tenon_state() = 0;
  virtual Tensor tenon_call(Tensor x) = 0;
};

/// How many numbers the parameters hold.
int64_t count(const std::vector<Parameter>& parameters);
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

// The text is copied by hand: clang++ does not find fmt::format_to in the library that g++ made.
template <std::derived_from<tenon::nn::ModuleBase> T>
struct fmt::formatter<T> {
  constexpr auto parse(format_parse_context& c) { return c.begin(); }
  auto format(const tenon::nn::ModuleBase& module, format_context& c) const {
    const std::string text = module.to_string();
    return std::copy(text.begin(), text.end(), c.out());
  }
};
