#pragma once
// What a container of named elements can do: the interface of a map that remembers in which order its keys came.
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <tenon/nn/named_handles.h>

#pragma GCC visibility push(default)

namespace tenon::nn::detail {

/// Goes over names and elements: `for (auto& [name, module] : dict)`.
template <class H>
class EntryIterator {
 public:
  using Element = std::remove_reference_t<decltype(element(std::declval<H&>()))>;
  struct Entry {
    const std::string& name;
    Element& value;
  };
  using iterator_category = std::input_iterator_tag;
  using value_type = Entry;
  using difference_type = std::ptrdiff_t;
  using pointer = Entry*;
  using reference = Entry&;

  EntryIterator() = default;
  EntryIterator(const std::string* name, H* handle) : name_(name), handle_(handle) {}
  // Kept in the iterator, so that `auto&` has something to refer to.
  Entry& operator*() const { return entry_.emplace(Entry{*name_, element(*handle_)}); }
  Entry* operator->() const { return &**this; }
  EntryIterator& operator++() {
    ++name_;
    ++handle_;
    return *this;
  }
  EntryIterator operator++(int) {
    EntryIterator old(name_, handle_);
    ++*this;
    return old;
  }
  bool operator==(const EntryIterator& o) const { return name_ == o.name_; }

 private:
  const std::string* name_ = nullptr;
  H* handle_ = nullptr;
  mutable std::optional<Entry> entry_;
};

/// Elements without their names.
template <class H>
struct ElementRange {
  ElementIterator<H> first, last;
  ElementIterator<H> begin() const { return first; }
  ElementIterator<H> end() const { return last; }
};

/// D has its elements in `D::items_`. A name is not empty and has no dot; it may be any method's name.
template <class D, class H>
class DictInterface {
 public:
  using iterator = EntryIterator<H>;
  using const_iterator = EntryIterator<const H>;

  int64_t size() const { return static_cast<int64_t>(items().size()); }
  bool empty() const { return items().handles.empty(); }
  bool contains(std::string_view key) const { return items().find(key) != items().size(); }
  /// An error, with the keys that there are, where this one is not.
  decltype(auto) operator[](std::string_view key) & { return element(items().handles[place(key)]); }
  decltype(auto) operator[](std::string_view key) const& { return element(items().handles[place(key)]); }
  decltype(auto) operator[](std::string_view key) && { return last_element(items().handles[place(key)]); }
  decltype(auto) at(std::string_view key) & { return (*this)[key]; }
  decltype(auto) at(std::string_view key) const& { return (*this)[key]; }
  decltype(auto) at(std::string_view key) && { return std::move(*this)[key]; }
  /// end() where there is no such key.
  iterator find(std::string_view key) { return iterator_at(items().find(key)); }
  const_iterator find(std::string_view key) const { return iterator_at(items().find(key)); }
  iterator begin() { return iterator_at(0); }
  iterator end() { return iterator_at(items().size()); }
  const_iterator begin() const { return iterator_at(0); }
  const_iterator end() const { return iterator_at(items().size()); }
  /// In the order in which they came.
  const std::vector<std::string>& keys() const { return items().names; }
  ElementRange<H> values() {
    H* first = items().handles.data();
    return {ElementIterator<H>(first), ElementIterator<H>(first + size())};
  }

  void clear() { items().clear(); }
  void erase(std::string_view key) {
    const std::size_t at = place(key);
    items().erase(at, at + 1);
  }
  /// Takes an element away and gives its handle.
  H pop(std::string_view key) {
    const std::size_t at = place(key);
    H out = std::move(items().handles[at]);
    items().erase(at, at + 1);
    return out;
  }
  /// An error where the key is taken.
  D& insert(std::string key, H handle) {
    check_new_key(key);
    items().add(std::move(key), std::move(handle));
    return self();
  }
  /// Where the key is taken, the element takes the other's place.
  D& insert_or_assign(std::string key, H handle) {
    const std::size_t at = items().find(key);
    if (at == items().size()) return insert(std::move(key), std::move(handle));
    items().handles[at] = std::move(handle);
    return self();
  }
  /// All of the other's elements, or with an error none. Both share them.
  D& update(const D& other) {
    NamedHandles<H> all = items();
    std::vector<std::string> added;
    for (std::size_t i = 0; i < other.items_.size(); ++i) {
      const std::string& key = other.items_.names[i];
      const std::size_t at = all.find(key);
      if (at < all.size()) {
        all.handles[at] = other.items_.handles[i];
      } else {
        all.add(key, other.items_.handles[i]);
        added.push_back(key);
      }
    }
    check_not_registered(self(), added);
    items() = std::move(all);
    return self();
  }

 protected:
  std::string_view name() const { return static_cast<const D&>(*this).type_name(); }
  void check_new_key(const std::string& key) {
    check_name(name(), key, items().names);
    check_not_registered(self(), {key});
  }

 private:
  D& self() { return static_cast<D&>(*this); }
  NamedHandles<H>& items() { return self().items_; }
  const NamedHandles<H>& items() const { return static_cast<const D&>(*this).items_; }
  std::size_t place(std::string_view key) const {
    const std::size_t at = items().find(key);
    if (at == items().size()) fail_name(name(), key, items().names);
    return at;
  }
  iterator iterator_at(std::size_t i) { return iterator(items().names.data() + i, items().handles.data() + i); }
  const_iterator iterator_at(std::size_t i) const {
    return const_iterator(items().names.data() + i, items().handles.data() + i);
  }
};

}  // namespace tenon::nn::detail

#pragma GCC visibility pop
