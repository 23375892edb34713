#pragma once
// The places in which a class can keep a child: a member by value, a pointer, an optional.
#include <concepts>
#include <memory>
#include <string_view>
#include <type_traits>
#include <typeinfo>
#include <utility>

#include <tenon/nn/module_base.h>

#pragma GCC visibility push(default)

namespace tenon::nn::detail {

template <class M>
std::string_view class_name() {
  if constexpr (requires { M::tenon_class_name(); }) return M::tenon_class_name();
  else return "module of the slot's class";
}

/// `place = value`, also for a class whose members cannot be assigned (a constant, a lambda).
template <class U>
void replace(U& place, U&& value) {
  if constexpr (std::is_move_assignable_v<U>) {
    place = std::move(value);
  } else {
    std::destroy_at(std::addressof(place));
    std::construct_at(std::addressof(place), std::move(value));
  }
}

inline bool is_exactly(const ModuleBase& module, const std::type_info& type) { return typeid(module) == type; }

/// Only the same class has room in a member by value.
template <class M>
class ValueSlot final : public ModuleSlot {
 public:
  explicit ValueSlot(M& member) : member_(member) {}
  ModuleBase* get() const override { return &member_; }
  std::string_view put(std::unique_ptr<ModuleBase>& module) override {
    if (!is_exactly(*module, typeid(M))) return class_name<M>();
    replace(member_, static_cast<M&&>(*module));
    module.reset();
    return {};
  }

 private:
  M& member_;
};

/// A std::unique_ptr, std::shared_ptr or std::optional. A pointer takes what is derived from its class.
template <class P>
class MaybeSlot final : public ModuleSlot {
 public:
  using M = std::remove_reference_t<decltype(*std::declval<P&>())>;
  explicit MaybeSlot(P& member) : member_(member) {}
  ModuleBase* get() const override { return member_ ? &*member_ : nullptr; }
  std::string_view put(std::unique_ptr<ModuleBase>& module) override {
    if constexpr (requires { member_.emplace(std::declval<M>()); }) {
      if (!is_exactly(*module, typeid(M))) return class_name<M>();
      member_.emplace(static_cast<M&&>(*module));
      module.reset();
    } else {
      M* fits = dynamic_cast<M*>(module.get());
      if (!fits) return class_name<M>();
      (void)module.release();
      member_.reset(fits);
    }
    return {};
  }

 private:
  P& member_;
};

}  // namespace tenon::nn::detail

#pragma GCC visibility pop
