#pragma once
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tenon/nn/list_interface.h>
#include <tenon/nn/module.h>
#include <tenon/nn/shared.h>

#pragma GCC visibility push(default)

namespace tenon::nn {

/// A function as a module: what a lambda in a Sequential becomes.
template <class F>
class Lambda : public Module<Lambda<F>> {
 public:
  explicit Lambda(F f) : function(std::move(f)) {}
  F function;

 protected:
  Tensor forward(Tensor x) { return function(std::move(x)); }

  TENON_MODULE(Lambda, function)
};

namespace detail {
template <class F>
concept TensorFunction = requires(F& f, Tensor x) {
  { f(std::move(x)) } -> std::convertible_to<Tensor>;
};
}  // namespace detail

/// One entry of a Sequential: a module or a function of one tensor, and perhaps a name. Made implicitly from either, or
/// from a handle of a module that others hold too (nn::Shared, std::shared_ptr).
class Layer {
 public:
  template <class M, class = std::enable_if_t<!std::is_same_v<std::decay_t<M>, Layer>>>
  Layer(M&& module) : Layer(std::nullopt, std::forward<M>(module)) {}
  template <class M>
  Layer(std::optional<std::string> name, M&& module) : name_(std::move(name)) {
    using U = std::decay_t<M>;
    if constexpr (std::is_base_of_v<ModuleBase, U>) {
      static_assert(!std::is_lvalue_reference_v<M>,
                    "a Sequential takes its modules over: pass a new one, or std::move(module)");
      static_assert(detail::TensorFunction<U>, "a layer of a Sequential takes one tensor and gives one");
      detail::check_module_class<U>();
      if constexpr (!std::is_lvalue_reference_v<M>) module_ = std::make_shared<U>(std::move(module));
    } else if constexpr (requires { Shared(module); }) {
      static_assert(detail::TensorFunction<std::remove_reference_t<decltype(*module)>>,
                    "a layer of a Sequential takes one tensor and gives one");
      module_ = Shared(module);
    } else if constexpr (detail::TensorFunction<U>) {
      module_ = std::make_shared<Lambda<U>>(std::forward<M>(module));
    } else {
      static_assert(detail::never<U>,
                    "a layer of a Sequential is a module, or a function of one tensor that gives one");
    }
  }

  /// None: the layer's index will be its name.
  const std::optional<std::string>& name() const { return name_; }
  const std::shared_ptr<ModuleBase>& module() const { return module_; }

 private:
  std::optional<std::string> name_;
  std::shared_ptr<ModuleBase> module_;
};

/// A layer with a name: nn::named("encoder", nn::Linear(784, 256)).
template <class M>
Layer named(std::string name, M&& module) {
  return Layer(std::optional(std::move(name)), std::forward<M>(module));
}

/// Modules and functions of one tensor, called one after the other. Written in braces, so that the layers are made, and
/// their weights drawn, in the order in which they stand:
///
///   nn::Sequential model{nn::Linear(784, 256), nn::ReLU(), nn::named("head", nn::Linear(256, 10))};
///
/// Takes what the first layer takes and gives what the last gives. A slice, `model[{1, 3}]`, shares its layers and
/// keeps their names. Source: torch.nn.Sequential.
class Sequential : public Module<Sequential>, public detail::ListInterface<Sequential, std::shared_ptr<ModuleBase>> {
 public:
  Sequential() = default;
  /// Names that are taken, empty or have a dot are errors. Braces around one Sequential give that one (nn::named nests
  /// it).
  Sequential(std::initializer_list<Layer> layers);
  template <class A, class... B>
  explicit Sequential(A&&, B&&...) {
    static_assert(detail::never<A>,
                  "write the layers of a Sequential in braces, nn::Sequential{...}: in parentheses C++ does not say "
                  "in which order they are made, and so which weights they draw");
  }

  Sequential& append(const Layer& layer) { return insert(size(), layer); }
  /// Before the one at the index. Layers that are named by their indices are renumbered.
  Sequential& insert(int64_t index, const Layer& layer);
  /// The layers n times over; all of them share their weights. An error for n below 1.
  Sequential& operator*=(int64_t n);

  /// The layer as what it is: get<nn::Linear>("encoder"). An error where it is something else, or there is none.
  template <class M>
  M& get(std::string_view name) const {
    return detail::as<M>(find(name), name);
  }
  template <class M>
  M& get(int64_t index) const {
    return detail::as<M>(*items_.handles[place(index)], std::to_string(index));
  }

  static constexpr bool keeps_names = true;

  bool tenon_take_in(const std::string& name, const std::shared_ptr<ModuleBase>& module) override;
  bool tenon_let_go(std::string_view name) override { return items_.take_away(name); }

 protected:
  Tensor forward(Tensor x) const;

 private:
  friend detail::ListInterface<Sequential, std::shared_ptr<ModuleBase>>;
  ModuleBase& find(std::string_view name) const;

  detail::NamedHandles<std::shared_ptr<ModuleBase>> items_;

  TENON_MODULE(Sequential, items_)
};

Sequential operator*(const Sequential& layers, int64_t n);
Sequential operator*(int64_t n, const Sequential& layers);

}  // namespace tenon::nn

#pragma GCC visibility pop
