#pragma once
// What a member's type means: how TENON_MODULE shows a class's data members to a visitor.
#include <array>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>

#include <tenon/nn/clone.h>
#include <tenon/nn/slot.h>

#pragma GCC visibility push(default)

namespace tenon::nn::detail {

// ---------------------------------------------------------------- showing one member
/// "layers" and 0 → "layers.0". A key of a map must be a name: not empty, without a dot.
std::string element_key(std::string_view key, std::size_t index);
std::string element_key(std::string_view key, std::string_view name);

/// A class that leaves TENON_MODULE to its base would be shown without its own members.
template <class M>
constexpr void check_module_class() {
  if constexpr (requires { typename M::tenon_listed_in; })
    static_assert(
        std::same_as<typename M::tenon_listed_in, M>,
        "this class inherits its base's TENON_MODULE: derive it from nn::Module<ThisClass>, and make the other "
        "module a member");
}

template <class U>
void show(Visitor& v, std::string_view key, U& member) {
  if constexpr (!leads_to_state<std::remove_const_t<U>>()) {
    static_assert(
        std::copy_constructible<std::remove_all_extents_t<U>> || is_untracked<U>::value,
        "a member that cannot be copied, perhaps a struct with modules in it: make the struct a module of its "
        "own (nn::Module, TENON_MODULE), or write nn::Untracked<T> for what is neither saved nor listed");
  } else if constexpr (std::is_const_v<U>) {
    static_assert(never<U>,
                  "a const member cannot be trained or loaded: remove the const (requires_grad_(false) freezes)");
  } else if constexpr (std::derived_from<U, ModuleBase>) {
    check_module_class<U>();
    ValueSlot<U> slot(member);
    v.slot(key, slot);
  } else if constexpr (std::derived_from<U, Parameter>) {
    v.parameter(key, member);
  } else if constexpr (std::derived_from<U, Buffer>) {
    v.buffer(key, member);
  } else if constexpr (std::derived_from<U, Tensor>) {
    static_assert(never<U>,
                  "a plain Tensor member: make it nn::Parameter (trained), nn::Buffer (saved, not trained) or "
                  "nn::Untracked<Tensor> (neither)");
  } else if constexpr (SelfVisiting<U>) {
    member.tenon_visit(v);
  } else if constexpr (SharingModule<U>) {
    show(v, key, member.tenon_pointer());
  } else if constexpr (std::is_pointer_v<U>) {
    static_assert(
        never<U>,
        "a plain pointer does not own its module or tensor: hold it by value or in a std::unique_ptr, or write "
        "nn::Untracked<T*> for one that is not part of this module");
  } else if constexpr (requires { typename U::hasher; }) {
    static_assert(never<U>, "a hash map has no order, so its parameters would have none: use std::map or std::vector");
  } else if constexpr (MapLike<U>) {
    for (auto& [name, element] : member) {
      if constexpr (std::integral<typename U::key_type>)
        show(v, element_key(key, static_cast<std::size_t>(name)), element);
      else show(v, element_key(key, std::string_view(name)), element);
    }
  } else if constexpr (RangeLike<U> || std::is_array_v<U>) {
    std::size_t i = 0;
    for (auto& element : member) show(v, element_key(key, i++), element);
  } else if constexpr (MaybeLike<U>) {
    using Element = std::remove_reference_t<decltype(*member)>;
    if constexpr (std::derived_from<Element, ModuleBase> && !std::is_const_v<Element>) {
      check_module_class<Element>();
      MaybeSlot<U> slot(member);
      v.slot(key, slot);
    } else if (member) {
      show(v, key, *member);
    }
  } else {
    static_assert(
        never<U>,
        "this type may hold modules or tensors that cannot be seen: use a struct that is a module, a standard "
        "container (vector, array, map, optional, unique_ptr), or nn::Untracked<T>");
  }
}

// ---------------------------------------------------------------- showing all members of a class
/// Checks what the compiler cannot: that the object is of the class listed, and the order of members of one type.
class MemberList {
 public:
  MemberList(Visitor& visitor, const void* object, std::size_t size, std::string_view class_name,
             const std::string_view* keys, bool exact_class);
  template <class U>
  int show_next(U& member) {
    const std::string_view key = next_key(std::addressof(member), std::is_empty_v<U>);
    if (copies_) {
      copies_->member(class_name_, key, member);
      return 0;
    }
    if constexpr (!SelfVisiting<U>) visitor_.member(key);  // a container's elements have names of their own
    show(visitor_, key, member);
    return 0;
  }

 private:
  std::string_view next_key(const volatile void* member, bool is_empty);

  Visitor& visitor_;
  Copies* copies_;
  std::uintptr_t begin_, end_, last_;
  std::string_view class_name_;
  const std::string_view* key_;
};

template <class... M>
void show_members(MemberList& list, M&... members) {
  // Not a fold expression: clang stops at 256 of them.
  (void)std::initializer_list<int>{0, list.show_next(members)...};
}

// ---------------------------------------------------------------- keys: the text of the list, split
void TENON_AS_needs_a_key_that_is_a_name_without_a_dot();  // not constexpr: calling them ends the compilation
void TENON_MODULE_has_two_members_with_the_same_key();

constexpr std::size_t find_comma(std::string_view list) {
  int depth = 0;
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (list[i] == '(') ++depth;
    else if (list[i] == ')') --depth;
    else if (list[i] == ',' && depth == 0) return i;
  }
  return list.size();
}

constexpr std::size_t count_members(std::string_view list) {
  if (list.empty()) return 0;
  std::size_t n = 1;
  for (std::size_t comma = find_comma(list); comma != list.size(); comma = find_comma(list)) {
    list.remove_prefix(comma + 1);
    ++n;
  }
  return n;
}

/// `fc1, TENON_AS(fc2, "head")` → fc1, head.
template <std::size_t N>
consteval std::array<std::string_view, N> member_keys(std::string_view list) {
  std::array<std::string_view, N> keys{};
  for (std::size_t k = 0; k < N; ++k) {
    const std::size_t comma = find_comma(list);
    std::string_view key = list.substr(0, comma);
    list.remove_prefix(comma == list.size() ? comma : comma + 1);
    while (!key.empty() && key.front() == ' ') key.remove_prefix(1);
    if (const std::size_t quote = key.find('"'); quote != key.npos) {
      key = key.substr(quote + 1, key.rfind('"') - quote - 1);
      if (key.empty() || key.find('.') != key.npos) TENON_AS_needs_a_key_that_is_a_name_without_a_dot();
    }
    for (std::size_t i = 0; i < k; ++i)
      if (keys[i] == key) TENON_MODULE_has_two_members_with_the_same_key();
    keys[k] = key;
  }
  return keys;
}

template <class... M>
struct TypeList {};
template <class... M>
TypeList<M...> types_of(M&...);

}  // namespace tenon::nn::detail

#pragma GCC visibility pop
