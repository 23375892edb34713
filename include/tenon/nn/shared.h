#pragma once
#include <concepts>
#include <memory>
#include <type_traits>
#include <utility>

#include <tenon/nn/module_base.h>

#pragma GCC visibility push(default)

namespace tenon::nn {

/// A member for a module that several parents share: copies of the handle are handles of one module.
///
///   nn::Shared<nn::Linear> embedding{nn::Linear(16, 16)};
///   Encoder encoder(embedding);
///   Decoder decoder(embedding);
///
/// Called as the module is. The module is listed once, saved under each of its names, and stays shared in a clone() of
/// what holds it. A default-made handle is an empty slot.
template <class T = ModuleBase>
class Shared {
 public:
  Shared() = default;
  /// Takes a module over.
  template <std::derived_from<ModuleBase> M>
  requires std::derived_from<M, T> Shared(M&& module) : module_(std::make_shared<M>(std::move(module))) {}
  Shared(std::shared_ptr<T> module) : module_(std::move(module)) {}

  explicit operator bool() const { return module_ != nullptr; }
  T& operator*() const { return checked(); }
  T* operator->() const { return &checked(); }
  template <class... A>
  decltype(auto) operator()(A&&... arguments) const {
    return checked()(std::forward<A>(arguments)...);
  }
  /// The module as what it is; an error where it is something else.
  template <std::derived_from<T> M>
  M& as() const {
    return detail::as<M>(checked(), "the shared module");
  }
  template <class M>
  requires std::convertible_to<T*, M*>
  operator std::shared_ptr<M>() const { return module_; }

  std::shared_ptr<T>& tenon_pointer() { return module_; }

 private:
  T& checked() const {
    if (!module_) fail("Shared", "this handle holds no module");
    return *module_;
  }
  std::shared_ptr<T> module_;
};

/// A member for a module of any class, which another may replace: `nn::AnyModule head{nn::Linear(8, 2)}; head =
/// nn::ReLU();` Called with one tensor; as<M>() gives the module as what it is.
using AnyModule = Shared<ModuleBase>;

}  // namespace tenon::nn

#pragma GCC visibility pop
