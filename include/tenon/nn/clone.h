#pragma once
// clone(): how members are copied, and how a module of any class is made of the copies.
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <tenon/nn/member_types.h>
#include <tenon/nn/slot.h>

#pragma GCC visibility push(default)

namespace tenon::nn::detail {

/// One clone(): what was one tensor or one shared module in the model is one in the copy.
class Cloner {
 public:
  enum class What : uint8_t {
    everything,
    shapes  ///< tensors on the meta device, and no hooks
  };
  explicit Cloner(What what = What::everything);
  ~Cloner();
  Cloner(const Cloner&) = delete;
  Cloner& operator=(const Cloner&) = delete;

  /// A copy of the data, outside every graph; a leaf that requires grad as the original does. Undefined for an
  /// undefined one.
  Tensor tensor(const Tensor& original);
  /// The copy of what several may hold; null at first, when the caller has to put it there.
  std::shared_ptr<void>& shared(const void* original);
  std::shared_ptr<Registered> registered(const std::shared_ptr<Registered>& original);
  bool keeps_hooks() const { return what_ == What::everything; }

 private:
  struct Memo;
  What what_;
  std::unique_ptr<Memo> memo_;
};

/// A deep copy of what leads to modules or tensors; a plain copy of the rest. Modules are not const: see Copies.
template <class U>
U cloned(Cloner& c, U& member) {
  if constexpr (is_untracked_module<U>) {
    return U(cloned<typename is_untracked<U>::type>(c, member));
  } else if constexpr (std::derived_from<U, ModuleBase>) {
    return member.tenon_copy(c);
  } else if constexpr (std::derived_from<U, Tensor>) {
    U copy(member);
    static_cast<Tensor&>(copy) = c.tensor(member);
    return copy;
  } else if constexpr (!leads_to_state<U>()) {
    return U(member);
  } else if constexpr (SelfVisiting<U>) {
    return member.tenon_clone(c);
  } else if constexpr (SharingModule<U>) {
    return U(cloned(c, member.tenon_pointer()));
  } else if constexpr (MapLike<U>) {
    U copy;
    for (auto& [key, element] : member) copy.emplace(key, cloned(c, element));
    return copy;
  } else if constexpr (requires(U u) { u.emplace_back(cloned(c, *u.begin())); }) {
    U copy;
    for (auto& element : member) copy.emplace_back(cloned(c, element));
    return copy;
  } else if constexpr (requires { std::tuple_size<U>::value; }) {
    return [&]<std::size_t... I>(std::index_sequence<I...>) { return U{cloned(c, member[I])...}; }
    (std::make_index_sequence<std::tuple_size_v<U>>());
  } else if constexpr (MaybeLike<U>) {
    if (!member) return U();
    using Element = std::remove_reference_t<decltype(*member)>;
    constexpr bool is_module = std::derived_from<Element, ModuleBase>;
    if constexpr (requires { member.use_count(); }) {  // std::shared_ptr
      using Root = std::conditional_t<is_module, ModuleBase, Element>;
      Root* original = member.get();
      std::shared_ptr<void>& copy = c.shared(original);
      if (!copy) {
        if constexpr (is_module) copy = std::shared_ptr<Root>(member->tenon_clone(c));
        else copy = std::make_shared<Root>(cloned(c, *member));
      }
      return std::static_pointer_cast<Element>(std::static_pointer_cast<Root>(copy));
    } else if constexpr (requires { member.release(); }) {  // std::unique_ptr
      if constexpr (is_module) return U(static_cast<Element*>(member->tenon_clone(c).release()));
      else return U(new Element(cloned(c, *member)));
    } else {
      return U(cloned(c, *member));
    }
  } else {
    static_assert(never<U>, "clone() does not know how to copy this container of modules or tensors");
  }
}

/// Makes a module of copies of another's members.
///
/// The only constructor that every module class has is the one that moves. So the members are copied first; then the
/// original moves into a new object; then each member of the original comes back, and the copy takes its place in the
/// new object. All by the letter of the language, for any class, with constants and lambdas among its members; the
/// price is that the original must not be used meanwhile.
class Copies : public Visitor {
 public:
  Copies(Cloner& cloner, ModuleBase& original)
      : cloner_(cloner), original_(original.tenon_state()), registered_(cloner.registered(original_.registered)) {
    original.tenon_visit(*this);
  }
  /// `moved` was made of the original.
  void settle(ModuleBase& moved) {
    settling_ = true;
    moved.tenon_visit(*this);
    original_ = std::move(moved.tenon_state());
    moved.tenon_state() = {.training = original_.training, .registered = std::move(registered_)};
    if (cloner_.keeps_hooks()) original_.hooks.copy_to(moved);
  }

  Copies* tenon_copies() override { return this; }
  using Visitor::member;
  template <class U>
  void member(std::string_view class_name, std::string_view key, U& member) {
    if constexpr (std::is_array_v<U>) {
      for (auto& element : member) this->member(class_name, key, element);
    } else if constexpr (!leads_to_state<U>() &&
                         (std::is_trivially_copyable_v<U> || std::is_const_v<U> || std::is_empty_v<U>)) {
      // moving it was copying it
    } else if constexpr (!leads_to_state<U>() && !std::copy_constructible<U> && !is_untracked_module<U>) {
      fail(class_name, "clone() cannot copy {}, which is of a type without a copy constructor", key);
    } else if (settling_) {
      Copy<U>& copy = static_cast<Copy<U>&>(*copies_[next_++]);
      replace(copy.original, std::move(member));
      replace(member, std::move(copy.copy));
    } else {
      copies_.push_back(std::make_unique<Copy<U>>(member, cloned(cloner_, member)));
    }
  }

 private:
  struct AnyCopy {
    virtual ~AnyCopy() = default;
  };
  template <class U>
  struct Copy final : AnyCopy {
    Copy(U& o, U c) : original(o), copy(std::move(c)) {}
    U& original;
    U copy;
  };

  Cloner& cloner_;
  ModuleState& original_;
  std::shared_ptr<Registered> registered_;
  bool settling_ = false;
  std::size_t next_ = 0;
  std::vector<std::unique_ptr<AnyCopy>> copies_;
};

}  // namespace tenon::nn::detail

#pragma GCC visibility pop
