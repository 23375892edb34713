#pragma once
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <utility>

#include <tenon/nn/list_interface.h>
#include <tenon/nn/module.h>

#pragma GCC visibility push(default)

namespace tenon::nn {

/// Modules in order, of one class or (nn::ModuleList<>) of any. Used as a std::vector is; the modules keep their
/// addresses whatever happens to the list, and a slice shares them.
///
///   nn::ModuleList<TransformerBlock> layers;
///   for (int i = 0; i < 6; ++i) layers.emplace_back(d_model, n_heads);
///   for (auto& layer : layers) x = layer(x);
///
///   nn::ModuleList<> any{nn::Linear(2, 3), nn::ReLU()};   // elements are nn::AnyModule: any[0].as<nn::Linear>()
///
/// Source: torch.nn.ModuleList.
template <class T = AnyModule>
class ModuleList : public Module<ModuleList<T>>,
                   public detail::ListInterface<ModuleList<T>, typename detail::HandleOf<T>::type> {
  static_assert(detail::ModuleOrAny<T>, "a ModuleList holds modules: its T is a module class, or nn::AnyModule");
  using Handle = typename detail::HandleOf<T>::type;

 public:
  using value_type = T;

  ModuleList() = default;
  /// In braces, so that the modules are made, and their weights drawn, in the order in which they stand.
  ModuleList(std::initializer_list<Handle> modules) {
    for (const Handle& module : modules) this->put(items_.size(), module);
  }

  /// Makes a module at the end: emplace_back(arguments…), or emplace_back<nn::Linear>(arguments…) in a list of any.
  template <class M = T, class... A>
  M& emplace_back(A&&... arguments) {
    return emplace<M>(this->size(), std::forward<A>(arguments)...);
  }
  /// Makes a module before the one at the index.
  template <class M = T, class... A>
  M& emplace(int64_t index, A&&... arguments) {
    static_assert(std::derived_from<M, ModuleBase>,
                  "a list of any modules is to be told which class: emplace_back<nn::Linear>(...)");
    const std::size_t at = this->place_to_insert(index);
    auto module = std::make_shared<M>(std::forward<A>(arguments)...);
    M& made = *module;
    this->put(at, Handle(std::move(module)));
    return made;
  }
  /// Takes a module over, or shares one that others hold (nn::Shared, std::shared_ptr).
  ModuleList& push_back(Handle module) { return insert(this->size(), std::move(module)); }
  ModuleList& append(Handle module) { return push_back(std::move(module)); }
  ModuleList& insert(int64_t index, Handle module) {
    this->put(this->place_to_insert(index), std::move(module));
    return *this;
  }

  bool folds_equal_children() const override { return true; }

  static constexpr bool keeps_names = false;  // an element's name is its index

  bool tenon_take_in(const std::string& name, const std::shared_ptr<ModuleBase>& module) override {
    items_.add(name, detail::handle_for<Handle>(this->name(), name, module));
    return true;
  }
  bool tenon_let_go(std::string_view name) override { return items_.take_away(name); }

 private:
  friend detail::ListInterface<ModuleList, Handle>;
  detail::NamedHandles<Handle> items_;

  TENON_MODULE(ModuleList, items_)
};

}  // namespace tenon::nn

#pragma GCC visibility pop
