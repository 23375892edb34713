#pragma once
// Value and Dict: what a state dict or a checkpoint is made of, as Python's objects are.
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/core.h>

#include <tenon/error.h>
#include <tenon/tensor.h>

namespace tenon {

class Value;

/// A key of a Dict: a string, or an integer (an optimizer numbers its parameters). Prints as it is.
class Key {
 public:
  Key(const char* name) : key_(std::string(name)) {}
  Key(std::string_view name) : key_(std::string(name)) {}
  Key(std::string name) : key_(std::move(name)) {}
  template <std::integral T>
  requires(!std::same_as<T, bool> && !std::same_as<T, char>) Key(T number) : key_(static_cast<int64_t>(number)) {}

  bool is_string() const { return key_.index() == 0; }
  const std::string& string() const;  ///< an error for an integer
  int64_t integer() const;            ///< an error for a string
  std::string to_string() const;      ///< without quotes
  std::string quoted() const;         ///< 'name' or 3, as messages write it
  bool operator==(const Key&) const = default;
  std::size_t hash() const;

 private:
  std::variant<std::string, int64_t> key_;
};

/// Keys with values, in the order in which they were added. Copies are deep, but for the tensors, which are handles.
/// References to values stay good while others are added or removed.
class Dict {
 public:
  struct Item;
  using iterator = std::list<Item>::iterator;
  using const_iterator = std::list<Item>::const_iterator;

  Dict();
  Dict(std::initializer_list<Item> items);  ///< Dict{{"epoch", 3}, {"loss", 0.25}}; a key given twice is an error
  Dict(const Dict&);
  Dict(Dict&&) noexcept;
  Dict& operator=(const Dict&);
  Dict& operator=(Dict&&) noexcept;
  ~Dict();

  /// The value of a key that is there. An error that names the key otherwise; set() adds one.
  Value& operator[](const Key& key);
  const Value& operator[](const Key& key) const;
  /// The value, or null.
  Value* find(const Key& key);
  const Value* find(const Key& key) const;
  bool contains(const Key& key) const { return find(key) != nullptr; }
  /// Adds the key at the end, or replaces its value where it stands.
  Value& set(Key key, Value value);
  /// Whether there was such a key.
  bool erase(const Key& key);
  void clear();
  /// A snapshot: tensors are copied too, here and in the dicts and lists below; one that appears several times is copied once.
  Dict clone() const;

  /// What stands beside a state dict: the versions of its modules' classes by path (PyTorch's OrderedDict has it as `_metadata`). Null
  /// for a plain dict.
  const Dict* metadata() const { return metadata_.get(); }
  void set_metadata(Dict metadata);

  std::size_t size() const;
  bool empty() const { return size() == 0; }
  /// `for (auto& [key, value] : dict)`; the key is const.
  iterator begin();
  iterator end();
  const_iterator begin() const;
  const_iterator end() const;

 private:
  struct Index;
  Item* lookup(const Key& key) const;
  Value& append(Key key, Value value);

  std::list<Item> items_;
  std::unique_ptr<Dict> metadata_;
  std::unique_ptr<Index> index_;  // only for large ones: few keys are found faster one after the other
};

/// None, a bool, an integer, a float, a string, a tensor, a list or a dict.
class Value {
 public:
  using List = std::vector<Value>;

  Value() = default;                                                 ///< None
  Value(std::same_as<bool> auto b) : data_(static_cast<bool>(b)) {}  // not `bool`: a const char* would become one
  template <std::integral T>
  requires(!std::same_as<T, bool>) Value(T i) : data_(checked_integer(i)) {}
  template <std::floating_point T>
  Value(T d) : data_(static_cast<double>(d)) {}
  Value(const char* s) : data_(std::string(s)) {}
  Value(std::string_view s) : data_(std::string(s)) {}
  Value(std::string s) : data_(std::move(s)) {}
  Value(Tensor t) : data_(std::move(t)) {}
  Value(List items) : data_(std::move(items)) {}
  Value(Dict d) : data_(std::move(d)) {}
  template <class T>
  requires(!std::same_as<T, Value> && std::constructible_from<Value, const T&>) Value(const std::vector<T>& items)
      : data_(List(items.begin(), items.end())) {}
  template <class T, std::size_t N>
  requires std::constructible_from<Value, const T&> Value(const std::array<T, N>& items)
      : data_(List(items.begin(), items.end())) {}
  template <class T>
  requires std::constructible_from<Value, const T&> Value(const std::optional<T>& maybe) {
    if (maybe) *this = Value(*maybe);
  }

  bool is_none() const { return data_.index() == 0; }
  /// Whether it holds that: bool, an integer type, a floating-point type, std::string, Tensor, Value::List or Dict.
  template <class T>
  bool is() const {
    return std::holds_alternative<held_t<T>>(data_);
  }
  /// Python's name of what it holds: NoneType, bool, int, float, str, Tensor, list, dict.
  std::string_view type_name() const;

  /// What it holds, as T; an error that names the key (in a Dict) and the type found if it is something else. An
  /// integer is also a double; nothing else is converted, and an integer must fit. std::vector<T> takes a list whose
  /// items are all T.
  template <class T>
  decltype(auto) as() const {
    using H = held_t<T>;
    if constexpr (std::same_as<H, std::monostate>) {
      T items;  // a std::vector of something
      for (const Value& v : get<List>("list")) items.push_back(v.as<typename T::value_type>());
      return items;
    } else if constexpr (std::same_as<H, double>) {
      if (const auto* i = std::get_if<int64_t>(&data_)) return static_cast<T>(*i);
      return static_cast<T>(get<double>("float"));
    } else if constexpr (std::same_as<H, int64_t>) {
      const int64_t i = get<int64_t>("int");
      if (!std::in_range<T>(i)) out_of_range(i);
      return static_cast<T>(i);
    } else if constexpr (std::same_as<H, bool>) {
      return bool{get<bool>("bool")};
    } else {
      constexpr const char* expected = std::same_as<H, std::string> ? "str"
                                       : std::same_as<H, Tensor>    ? "Tensor"
                                       : std::same_as<H, List>      ? "list"
                                                                    : "dict";
      return get<H>(expected);  // const H&
    }
  }
  /// To change a list or a dict where it lies: value.as_mutable<Dict>().set("key", 1).
  template <class T>
  requires(std::same_as<T, List> || std::same_as<T, Dict>) T& as_mutable() {
    return const_cast<T&>(std::as_const(*this).as<T>());
  }

  /// A dict's value or a list's item; an error if there is no such key or place, or this is neither.
  Value& operator[](const Key& key) { return const_cast<Value&>(std::as_const(*this)[key]); }
  const Value& operator[](const Key& key) const;
  /// Whether this is a dict with that key.
  bool contains(const Key& key) const;
  /// How many items a list or a dict has.
  std::size_t size() const;

  /// Python's repr: {'epoch': 3, 'name': None}.
  std::string to_string() const;

 private:
  friend struct Dict::Item;
  using Data = std::variant<std::monostate, bool, int64_t, double, std::string, Tensor, List, Dict>;

  /// The alternative that T is kept in; std::monostate for a vector of something else than Value.
  template <class T>
  struct Held {
    using type = std::conditional_t<
        std::same_as<T, bool>, bool,
        std::conditional_t<std::integral<T>, int64_t, std::conditional_t<std::floating_point<T>, double, T>>>;
  };
  template <class T>
  struct Held<std::vector<T>> {
    using type = std::conditional_t<std::same_as<T, Value>, List, std::monostate>;
  };
  template <class T>
  using held_t = typename Held<T>::type;

  template <class H>
  const H& get(const char* expected) const {
    if (const H* x = std::get_if<H>(&data_)) [[likely]]
      return *x;
    wrong_type(expected);
  }
  template <class T>
  static int64_t checked_integer(T i) {
    if (!std::in_range<int64_t>(i)) fail("Value", "expected an integer of 64 bits with sign, got {}", i);
    return static_cast<int64_t>(i);
  }
  [[noreturn]] void wrong_type(const char* expected) const;
  [[noreturn]] void out_of_range(int64_t i) const;
  std::string place() const;  // " for key 'epoch'", for messages

  // The key under which a Dict holds this very value. A copy stands elsewhere, so it does not take it along.
  struct Tag {
    const Key* key = nullptr;
    Tag() = default;
    Tag(const Tag&) {}
    Tag& operator=(const Tag&) { return *this; }
  };

  Data data_;
  Tag tag_;
};

struct Dict::Item {
  Item(Key k, Value v) : key(std::move(k)), value(std::move(v)) { value.tag_.key = &key; }
  Item(const Item& o) : Item(o.key, o.value) {}

  const Key key;
  Value value;
};

inline Dict::iterator Dict::begin() { return items_.begin(); }
inline Dict::iterator Dict::end() { return items_.end(); }
inline Dict::const_iterator Dict::begin() const { return items_.begin(); }
inline Dict::const_iterator Dict::end() const { return items_.end(); }
inline std::size_t Dict::size() const { return items_.size(); }

}  // namespace tenon

template <>
struct fmt::formatter<tenon::Key> {
  constexpr auto parse(format_parse_context& c) { return c.begin(); }
  auto format(const tenon::Key& k, format_context& c) const {
    const auto text = k.to_string();
    return std::copy(text.begin(), text.end(), c.out());
  }
};
template <>
struct fmt::formatter<tenon::Value> {
  constexpr auto parse(format_parse_context& c) { return c.begin(); }
  auto format(const tenon::Value& v, format_context& c) const {
    const auto text = v.to_string();
    return std::copy(text.begin(), text.end(), c.out());
  }
};
template <>
struct fmt::formatter<tenon::Dict> : fmt::formatter<tenon::Value> {
  auto format(const tenon::Dict& d, format_context& c) const {
    return fmt::formatter<tenon::Value>::format(tenon::Value(d), c);
  }
};
