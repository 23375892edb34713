#pragma once
// What the containers of modules and parameters are made of: handles in order, each under its name.
#include <algorithm>
#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tenon/nn/members.h>
#include <tenon/nn/shared.h>
#include <tenon/slice.h>

#pragma GCC visibility push(default)

namespace tenon::nn::detail {

/// The place of an index that may count from the end. An error, with the index and the size, where there is none;
/// `size` itself is a place only where something may be inserted.
std::size_t checked_index(std::string_view container, int64_t index, std::size_t size, bool end_is_a_place = false);
/// The places that a slice takes of that many elements.
std::vector<std::size_t> places(std::string_view container, const Slice& slice, std::size_t size);
/// An error for a name that is empty, has a dot, or is among `taken`.
void check_name(std::string_view container, std::string_view name, const std::vector<std::string>& taken);
[[noreturn]] void fail_name(std::string_view container, std::string_view name, const std::vector<std::string>& names);
/// An error where one of the names is that of something registered with the container, which is no element of it.
void check_not_registered(ModuleBase& container, const std::vector<std::string>& names);
/// Every name becomes its element's index.
void renumber(std::vector<std::string>& names);
/// The names with another one at `at`: the one given, or its index. Names that were their element's index follow it.
std::vector<std::string> with_room(std::vector<std::string> names, std::size_t at,
                                   const std::optional<std::string>& name);

/// A module's handle stands for the module; AnyModule and a parameter for themselves.
template <class T>
T& element(const std::shared_ptr<T>& handle) {
  return *handle;
}
template <class T>
T& element(const Shared<T>& handle) {
  return *handle;
}
inline AnyModule& element(AnyModule& handle) { return handle; }
inline const AnyModule& element(const AnyModule& handle) { return handle; }
inline Parameter& element(Parameter& handle) { return handle; }
inline const Parameter& element(const Parameter& handle) { return handle; }

/// The same of a container that is about to go: what stands for itself goes with it, so it is a copy; a module is the
/// one that others hold, too.
template <class H>
decltype(auto) last_element(H& handle) {
  if constexpr (std::same_as<decltype(element(handle)), H&>) return H(handle);
  else return element(handle);
}

template <class T>
concept ModuleOrAny = std::derived_from<T, ModuleBase> || std::same_as<T, AnyModule>;

/// What a container of T holds.
template <class T>
struct HandleOf {
  using type = Shared<T>;
};
template <>
struct HandleOf<AnyModule> {
  using type = AnyModule;
};

/// A module of any class as a container's handle; an error where the container is for another class.
template <class H>
H handle_for(std::string_view container, std::string_view name, const std::shared_ptr<ModuleBase>& module) {
  using T = std::remove_reference_t<decltype(*std::declval<H&>())>;
  if (!module) fail(container, "expected a module as \"{}\", got an empty handle", name);
  auto fitting = std::dynamic_pointer_cast<T>(module);
  if (!fitting) fail(container, "expected a {} as \"{}\", got a {}", class_name<T>(), name, module->type_name());
  return H(std::move(fitting));
}

template <class H>
struct NamedHandles {
  std::vector<std::string> names;
  std::vector<H> handles;

  std::size_t size() const { return handles.size(); }
  /// size() where there is no such name.
  std::size_t find(std::string_view name) const {
    return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
  }
  void add(std::string name, H handle) {
    names.push_back(std::move(name));
    handles.push_back(std::move(handle));
  }
  void erase(std::size_t first, std::size_t last) {
    const auto cut = [&](auto& list) {
      list.erase(list.begin() + std::ptrdiff_t(first), list.begin() + std::ptrdiff_t(last));
    };
    cut(names);
    cut(handles);
  }
  bool take_away(std::string_view name) {
    const std::size_t at = find(name);
    if (at == size()) return false;
    erase(at, at + 1);
    return true;
  }
  void clear() {
    names.clear();
    handles.clear();
  }

  void tenon_visit(Visitor& visitor) {
    for (std::size_t i = 0; i < size(); ++i) show(visitor, names[i], handles[i]);
  }
  NamedHandles tenon_clone(Cloner& cloner) { return {names, cloned(cloner, handles)}; }
};

/// Goes over handles and gives what they stand for.
template <class H>
class ElementIterator {
 public:
  using iterator_category = std::random_access_iterator_tag;
  using reference = decltype(element(std::declval<H&>()));
  using value_type = std::remove_cvref_t<reference>;
  using difference_type = std::ptrdiff_t;
  using pointer = std::remove_reference_t<reference>*;

  ElementIterator() = default;
  explicit ElementIterator(H* at) : at_(at) {}
  reference operator*() const { return element(*at_); }
  pointer operator->() const { return &element(*at_); }
  reference operator[](difference_type n) const { return element(at_[n]); }
  ElementIterator& operator++() { return *this += 1; }
  ElementIterator& operator--() { return *this += -1; }
  ElementIterator operator++(int) { return ElementIterator(at_++); }
  ElementIterator operator--(int) { return ElementIterator(at_--); }
  ElementIterator& operator+=(difference_type n) {
    at_ += n;
    return *this;
  }
  ElementIterator& operator-=(difference_type n) { return *this += -n; }
  friend ElementIterator operator+(ElementIterator i, difference_type n) { return i += n; }
  friend ElementIterator operator+(difference_type n, ElementIterator i) { return i += n; }
  friend ElementIterator operator-(ElementIterator i, difference_type n) { return i -= n; }
  friend difference_type operator-(const ElementIterator& a, const ElementIterator& b) { return a.at_ - b.at_; }
  auto operator<=>(const ElementIterator&) const = default;

 private:
  H* at_ = nullptr;
};

}  // namespace tenon::nn::detail

#pragma GCC visibility pop
