#pragma once
#include <concepts>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>

#include <tenon/nn/dict_interface.h>
#include <tenon/nn/module.h>

#pragma GCC visibility push(default)

namespace tenon::nn {

/// Modules under names, in the order in which they came; of one class or (nn::ModuleDict<>) of any. The modules keep
/// their addresses whatever happens to the dict.
///
///   nn::ModuleDict<nn::Linear> heads{{"digits", nn::Linear(64, 10)}, {"letters", nn::Linear(64, 26)}};
///   Tensor y = heads[task](encoder(x));
///   for (auto& [name, head] : heads) …
///
/// Source: torch.nn.ModuleDict.
template <class T = AnyModule>
class ModuleDict : public Module<ModuleDict<T>>,
                   public detail::DictInterface<ModuleDict<T>, typename detail::HandleOf<T>::type> {
  static_assert(detail::ModuleOrAny<T>, "a ModuleDict holds modules: its T is a module class, or nn::AnyModule");
  using Handle = typename detail::HandleOf<T>::type;

 public:
  using mapped_type = T;

  ModuleDict() = default;
  ModuleDict(std::initializer_list<std::pair<std::string, Handle>> modules) {
    for (const auto& [key, module] : modules) this->insert(key, module);
  }

  /// Makes a module under a new key: emplace("a", arguments…), or emplace<nn::Linear>("a", arguments…) in a dict of
  /// any.
  template <class M = T, class... A>
  M& emplace(std::string key, A&&... arguments) {
    static_assert(std::derived_from<M, ModuleBase>,
                  "a dict of any modules is to be told which class: emplace<nn::Linear>(key, ...)");
    this->check_new_key(key);
    auto module = std::make_shared<M>(std::forward<A>(arguments)...);
    M& made = *module;
    items_.add(std::move(key), Handle(std::move(module)));
    return made;
  }

  bool tenon_take_in(const std::string& name, const std::shared_ptr<ModuleBase>& module) override {
    items_.add(name, detail::handle_for<Handle>(this->name(), name, module));
    return true;
  }
  bool tenon_let_go(std::string_view name) override { return items_.take_away(name); }

 private:
  friend detail::DictInterface<ModuleDict, Handle>;
  detail::NamedHandles<Handle> items_;

  TENON_MODULE(ModuleDict, items_)
};

}  // namespace tenon::nn

#pragma GCC visibility pop
