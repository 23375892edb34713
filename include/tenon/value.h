#pragma once
// Value: what a state dict or a checkpoint is made of, as Python's objects are.
#include <array>
#include <complex>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/core.h>

#include <tenon/error.h>
#include <tenon/parameter.h>
#include <tenon/tensor.h>
#include <tenon/value/dict.h>
#include <tenon/value/key.h>
#include <tenon/value/objects.h>
#include <tenon/value/shared.h>

#pragma GCC visibility push(default)

namespace tenon {

/// None, a bool, an integer, a float, a string, a tensor, a list, a dict, or what else Python keeps in a checkpoint: a
/// tuple, a set, bytes, a large integer, a complex number, a torch.Size (a Shape), a dtype, a device, a parameter, or
/// an object that is only carried.
class Value {
 public:
  using List = std::vector<Value>;
  /// What its copies share until one of them is changed.
  template <class T>
  static constexpr bool by_reference =
      std::same_as<T, List> || std::same_as<T, Dict> || std::same_as<T, Tuple> || std::same_as<T, Set> ||
      std::same_as<T, Device> || std::same_as<T, std::complex<double>> || std::same_as<T, Shape> ||
      std::same_as<T, Bytes> || std::same_as<T, BigInt> || std::same_as<T, Opaque>;

  // In value.cpp where they can be: what a variant of so many types does takes long to compile, and every program
  // would compile it.
  Value() = default;                                                 ///< None
  Value(std::same_as<bool> auto b) : data_(static_cast<bool>(b)) {}  // not `bool`: a const char* would become one
  template <std::integral T>
  requires(!std::same_as<T, bool>) Value(T i) : data_(checked_integer(i)) {}
  template <std::floating_point T>
  Value(T d) : data_(static_cast<double>(d)) {}
  Value(const char* s);
  Value(std::string_view s);
  Value(std::string s);
  Value(Tensor t);
  Value(nn::Parameter p);
  Value(std::complex<double> c);
  Value(DType t);
  Value(Device d);
  Value(List items);
  Value(Dict d);
  Value(Tuple t);
  Value(Set s);
  Value(Shape size);
  Value(Bytes b);
  Value(BigInt i);  ///< an int where 64 bits are enough
  Value(Opaque o);
  template <class T>
  requires(!std::same_as<T, Value> && std::constructible_from<Value, const T&>) Value(const std::vector<T>& items)
      : data_(Shared<List>(List(items.begin(), items.end()))) {}
  /// As many items as the type says: a tuple.
  template <class T, std::size_t N>
  requires std::constructible_from<Value, const T&> Value(const std::array<T, N>& items)
      : data_(Shared<Tuple>(Tuple{List(items.begin(), items.end())})) {}
  template <class T>
  requires std::constructible_from<Value, const T&> Value(const std::optional<T>& maybe) {
    if (maybe) *this = Value(*maybe);
  }
  Value(const Value&);
  Value(Value&& o) noexcept;
  Value& operator=(const Value&);
  Value& operator=(Value&& o) noexcept;
  ~Value();

  bool is_none() const { return data_.index() == 0; }
  /// Whether it holds that: bool, an integer type, a floating-point type, std::string, Tensor (a parameter is one),
  /// nn::Parameter, std::complex<double>, DType, Device, Value::List, Dict, Tuple, Set, Shape, Bytes, BigInt or Opaque.
  template <class T>
  bool is() const {
    return pointer<held_t<T>>() != nullptr;
  }
  /// Python's name of what it holds: NoneType, bool, int, float, str, Tensor, list, dict …
  std::string_view type_name() const;

  /// What it holds, as T; an error that names the key (in a Dict) and the type found if it is something else. An
  /// integer is also a double; nothing else is converted, and an integer must fit. std::vector<T> takes a list, a tuple
  /// or a size whose items are all T.
  template <class T>
  decltype(auto) as() const& {
    using H = held_t<T>;
    if constexpr (std::same_as<H, std::monostate>) {
      T items;  // a std::vector of something
      for (std::size_t i = 0, n = sequence_size(); i < n; ++i)
        items.push_back(item(i).template as<typename T::value_type>());
      return items;
    } else if constexpr (std::same_as<H, double>) {
      if (const auto* i = std::get_if<int64_t>(&data_)) return static_cast<T>(*i);
      return static_cast<T>(get<double>());
    } else if constexpr (std::same_as<H, int64_t>) {
      const int64_t i = get<int64_t>();
      if (!std::in_range<T>(i)) out_of_range(i);
      return static_cast<T>(i);
    } else if constexpr (std::same_as<H, bool>) {
      return bool{get<bool>()};
    } else {
      return get<H>();  // const H&
    }
  }
  /// Of a value that is about to go, a copy: for (auto& [key, value] : load(file).as<Dict>()).
  template <class T>
  auto as() && {
    return std::as_const(*this).template as<T>();
  }
  /// To change a list, a dict or another container where it lies: value.as_mutable<Dict>().set("key", 1).
  template <class T>
  requires(by_reference<T>) T& as_mutable() & {
    if (auto* shared = std::get_if<Shared<T>>(&data_)) return shared->lend();
    wrong_type(name_of<T>());
  }

  /// A dict's value, or an item of a list or a tuple; an error if there is no such key or place, or this is neither.
  Value& operator[](const Key& key) &;
  const Value& operator[](const Key& key) const&;
  /// Of a value that is about to go, a copy: const auto& x = load(file)["model"]["x"].
  Value operator[](const Key& key) &&;
  /// Whether this is a dict with that key.
  bool contains(const Key& key) const;
  /// How many items a list, a tuple, a set, a size or a dict has.
  std::size_t size() const;
  /// The object that it holds by reference (a list, a dict, a tuple …, a tensor): the same for values that hold the
  /// same one, not only an equal one, as where a file names one in several places. Null for what is held by value.
  const void* identity() const;
  /// Whether Python finds both equal: 1, 1.0 and True; a size and a tuple. Tensors, and what is only carried, equal
  /// themselves alone.
  bool equals(const Value& o) const;
  /// Equal for what equals(); an error for what Python cannot hash either: lists, dicts and sets, and for tensors.
  std::size_t hash() const;

  /// Python's repr: {'epoch': 3, 'name': None}.
  std::string to_string() const;

 private:
  friend struct Dict::Item;
  friend class Dict;
  template <class T>
  using Shared = detail::Shared<T>;
  using Data = std::variant<std::monostate, bool, int64_t, double, std::string, Tensor, nn::Parameter, DType,
                            Shared<std::complex<double>>, Shared<Device>, Shared<List>, Shared<Dict>, Shared<Tuple>,
                            Shared<Set>, Shared<Shape>, Shared<Bytes>, Shared<BigInt>, Shared<Opaque>>;
  /// What T is kept as: bool, int64_t, double, T itself, or std::monostate for a vector of something else than Value.
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
  const H* pointer() const {
    if constexpr (by_reference<H>) {
      const auto* shared = std::get_if<Shared<H>>(&data_);
      return shared ? &**shared : nullptr;
    } else if constexpr (std::same_as<H, Tensor>) {
      const auto* parameter = std::get_if<nn::Parameter>(&data_);
      return parameter ? parameter : std::get_if<Tensor>(&data_);
    } else {
      return std::get_if<H>(&data_);
    }
  }
  template <class H>
  const H& get() const {
    if (const H* x = pointer<H>()) [[likely]]
      return *x;
    wrong_type(name_of<H>());
  }
  template <class H>
  static std::string_view name_of() {
    return type_names[std::is_same_v<H, std::monostate>
                          ? 0
                          : index_of<std::conditional_t<by_reference<H>, Shared<H>, H>>()];
  }
  template <class A, std::size_t I = 0>
  static constexpr std::size_t index_of() {
    if constexpr (std::same_as<A, std::variant_alternative_t<I, Data>>) return I;
    else return index_of<A, I + 1>();
  }
  static const std::array<std::string_view, std::variant_size_v<Data>> type_names;

  template <class T>
  static int64_t checked_integer(T i) {
    if (!std::in_range<int64_t>(i)) fail("Value", "expected an integer of 64 bits with sign, got {}", i);
    return static_cast<int64_t>(i);
  }
  [[noreturn]] void wrong_type(std::string_view expected) const;
  [[noreturn]] void out_of_range(int64_t i) const;
  std::string place() const;  // " for key 'epoch'", for messages
  std::size_t sequence_size() const;
  Value item(std::size_t i) const;
  const List* items() const;  // a list's, a tuple's or a set's; else null

  /// A copy that knows under which key it stood, for messages, though the dict is gone.
  Value(const Value& v, const Key& key);

  // The key under which a Dict holds this very value. A copy stands elsewhere, so it does not take it along.
  class Tag {
   public:
    Tag() = default;
    ~Tag() {
      if (place_ & own) delete key();
    }
    Tag(const Tag&) {}
    Tag& operator=(const Tag&) { return *this; }
    const Key* key() const { return reinterpret_cast<const Key*>(place_ & ~own); }
    void refer_to(const Key* key) { place_ = reinterpret_cast<uintptr_t>(key); }
    void keep(const Key& key) { place_ = reinterpret_cast<uintptr_t>(new Key(key)) | own; }

   private:
    static constexpr uintptr_t own = 1;  // the bit is free in an address
    uintptr_t place_ = 0;
  };

  Data data_;
  Tag tag_;
};

struct Dict::Item {
  Item(Key k, Value v) : key(std::move(k)), value(std::move(v)) { value.tag_.refer_to(&key); }
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
inline constexpr bool tenon::detail::streams<tenon::Value> = true;
template <>
inline constexpr bool tenon::detail::streams<tenon::Dict> = true;
template <>
struct fmt::formatter<tenon::Value> : tenon::detail::TextFormatter {
  auto format(const tenon::Value& v, fmt::format_context& c) const { return write(v.to_string(), c); }
};
template <>
struct fmt::formatter<tenon::Dict> : fmt::formatter<tenon::Value> {
  auto format(const tenon::Dict& d, fmt::format_context& c) const {
    return fmt::formatter<tenon::Value>::format(tenon::Value(d), c);
  }
};

#pragma GCC visibility pop
