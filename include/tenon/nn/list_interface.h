#pragma once
// What a container of elements in order can do: the interface of a std::vector, with PyTorch's names too.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tenon/nn/named_handles.h>
#include <tenon/slice.h>

#pragma GCC visibility push(default)

namespace tenon::nn::detail {

/// D has its elements in `D::items_`. Indices may count from the end.
template <class D, class H>
class ListInterface {
 public:
  using iterator = ElementIterator<H>;
  using const_iterator = ElementIterator<const H>;

  int64_t size() const { return static_cast<int64_t>(items().size()); }
  bool empty() const { return items().handles.empty(); }

  decltype(auto) operator[](int64_t index) & { return element(items().handles[place(index)]); }
  decltype(auto) operator[](int64_t index) const& { return element(items().handles[place(index)]); }
  decltype(auto) operator[](int64_t index) && { return last_element(items().handles[place(index)]); }
  /// Some of the elements, shared with this list: list[{1, 3}] are the second and the third.
  D operator[](const Slice& slice) const {
    D out;
    for (const std::size_t i : places(name(), slice, items().size()))
      out.items_.add(items().names[i], items().handles[i]);
    if constexpr (!D::keeps_names) renumber(out.items_.names);
    return out;
  }
  decltype(auto) at(int64_t index) & { return (*this)[index]; }
  decltype(auto) at(int64_t index) const& { return (*this)[index]; }
  decltype(auto) at(int64_t index) && { return std::move(*this)[index]; }
  decltype(auto) front() & { return (*this)[0]; }
  decltype(auto) front() const& { return (*this)[0]; }
  decltype(auto) front() && { return std::move(*this)[0]; }
  decltype(auto) back() & { return (*this)[-1]; }
  decltype(auto) back() const& { return (*this)[-1]; }
  decltype(auto) back() && { return std::move(*this)[-1]; }
  iterator begin() { return iterator(items().handles.data()); }
  iterator end() { return begin() + size(); }
  const_iterator begin() const { return const_iterator(items().handles.data()); }
  const_iterator end() const { return begin() + size(); }

  void reserve(int64_t n) {
    try {
      items().handles.reserve(static_cast<std::size_t>(std::max<int64_t>(n, 0)));
    } catch (const std::exception&) {
      fail(name(), "there is not enough memory for {} elements", n);
    }
  }
  void clear() { items().clear(); }
  /// Takes an element away; those behind it are renumbered.
  D& erase(int64_t index) {
    const std::size_t at = place(index);
    return cut(at, at + 1);
  }
  /// Takes those from first to before last away.
  D& erase(int64_t first, int64_t last) {
    const std::size_t from = checked_index(name(), first, items().size(), true),
                      to = checked_index(name(), last, items().size(), true);
    return cut(from, std::max(from, to));
  }
  /// Takes an element away and gives its handle.
  H pop(int64_t index = -1) {
    const std::size_t at = place(index);
    H out = items().handles[at];
    cut(at, at + 1);
    return out;
  }
  void pop_back() { erase(-1); }
  /// The other list's elements behind its own: all of them, or with an error none. Both share them.
  D& extend(const D& other) {
    std::vector<std::string> names = items().names;
    std::vector<H> handles = items().handles;
    for (const H& handle : other.items_.handles) {
      const std::size_t end = names.size();  // compilers read arguments in different orders
      names = with_room(std::move(names), end, {});
      handles.push_back(handle);
    }
    check_not_registered(self(), names);
    items() = {std::move(names), std::move(handles)};
    return self();
  }
  D& operator+=(const D& other) { return extend(other); }
  friend D operator+(const D& a, const D& b) {
    D out;
    out.extend(a).extend(b);
    return out;
  }

 protected:
  /// Inserts an element; names that are indices follow their elements.
  H& put(std::size_t at, H handle, const std::optional<std::string>& given_name = {}) {
    auto& [names, handles] = items();
    std::vector<std::string> renamed = with_room(names, at, given_name);
    check_not_registered(self(), renamed);
    const auto place = handles.insert(handles.begin() + static_cast<std::ptrdiff_t>(at), std::move(handle));
    names = std::move(renamed);
    return *place;
  }
  std::size_t place(int64_t index) const { return checked_index(name(), index, items().size()); }
  std::size_t place_to_insert(int64_t index) const { return checked_index(name(), index, items().size(), true); }
  std::string_view name() const { return static_cast<const D&>(*this).type_name(); }

 private:
  D& self() { return static_cast<D&>(*this); }
  NamedHandles<H>& items() { return self().items_; }
  const NamedHandles<H>& items() const { return static_cast<const D&>(*this).items_; }
  D& cut(std::size_t first, std::size_t last) {
    if (first == last) return self();
    std::vector<std::string> left(items().size() - (last - first));
    renumber(left);
    check_not_registered(self(), left);
    items().erase(first, last);
    items().names = std::move(left);
    return self();
  }
};

}  // namespace tenon::nn::detail

#pragma GCC visibility pop
