#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <random>
#include <string_view>
#include <unordered_map>

#include <fmt/format.h>

#include <tenon/value.h>

namespace tenon {
namespace {

/// The value of a polynomial over the numbers modulo 2^61 − 1 at a point that is drawn for each process: whoever writes
/// a file cannot know which of its keys would have one hash. Source: Carter and Wegman 1979, "Universal classes of hash
/// functions".
class Hash {
 public:
  enum class Of : uint8_t { text, bytes, big_int, complex, tuple };
  explicit Hash(Of kind) : value_(static_cast<uint64_t>(kind) + 1) {}

  Hash& add(uint64_t x) {
    append(x >> 32);
    append(x & 0xFFFFFFFF);
    return *this;
  }
  Hash& add(std::string_view bytes) {
    constexpr std::size_t piece = 7;  // bytes that the modulus is larger than
    append(bytes.size());
    for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
      uint64_t x = 0;
      std::memcpy(&x, bytes.data(), std::min(piece, bytes.size()));
      append(x);
    }
    return *this;
  }
  std::size_t value() const { return value_; }

 private:
  static constexpr uint64_t modulus = (uint64_t{1} << 61) - 1;

  static uint64_t drawn() {
    std::random_device device;
    return 1 + ((uint64_t{device()} << 32 | device()) % (modulus - 1));
  }
  void append(uint64_t x) {
    static const uint64_t point = drawn();
    __extension__ using Wide = unsigned __int128;
    const Wide product = Wide{value_} * point;
    value_ = (static_cast<uint64_t>(product) & modulus) + static_cast<uint64_t>(product >> 61);
    value_ = (value_ + x) % modulus;
  }

  uint64_t value_;
};

std::size_t hash_of(double real, double imag) {
  return Hash(Hash::Of::complex).add(std::hash<double>()(real)).add(std::hash<double>()(imag)).value();
}

/// The integer that a whole number is, so that 2.0 and 2 are one key.
std::optional<int64_t> whole(double d) {
  if (!(std::abs(d) < 0x1p63) || d != std::trunc(d)) return {};
  return static_cast<int64_t>(d);
}

/// The integer that a bool, an int or a float is, if it is one.
std::optional<int64_t> integer_of(const Value& v) {
  if (v.is<bool>()) return v.as<bool>() ? 1 : 0;
  if (v.is<int64_t>()) return v.as<int64_t>();
  if (v.is<double>()) return whole(v.as<double>());
  if (v.is<std::complex<double>>() && v.as<std::complex<double>>().imag() == 0)
    return whole(v.as<std::complex<double>>().real());
  return {};
}
std::optional<std::complex<double>> fraction_of(const Value& v) {
  if (v.is<double>()) return v.as<double>();
  if (v.is<std::complex<double>>()) return v.as<std::complex<double>>();
  return {};
}

bool same_items(const Value::List& a, const Value::List& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (!a[i].equals(b[i])) return false;
  return true;
}
/// 0 for what has no hash, which only a set that a program made can hold.
std::size_t hash_or_0(const Value& v) {
  try {
    return v.hash();
  } catch (const Error&) {
    return 0;
  }
}
bool same_elements(const Value::List& a, const Value::List& b) {
  if (a.size() != b.size()) return false;
  std::unordered_multimap<std::size_t, const Value*> places;
  for (const Value& v : b) places.emplace(hash_or_0(v), &v);
  return std::ranges::all_of(a, [&](const Value& v) {
    const auto [first, last] = places.equal_range(hash_or_0(v));
    return std::any_of(first, last, [&](const auto& place) { return v.equals(*place.second); });
  });
}
/// A tuple's items, or a size's.
std::optional<Value::List> tuple_items(const Value& v) {
  if (v.is<Tuple>()) return v.as<Tuple>().items;
  if (v.is<Shape>()) return Value::List(v.as<Shape>().begin(), v.as<Shape>().end());
  return {};
}

}  // namespace

bool Value::equals(const Value& o) const {
  const detail::Level level;
  if (const auto a = integer_of(*this), b = integer_of(o); a || b) return a && b && *a == *b;
  if (const auto a = fraction_of(*this), b = fraction_of(o); a || b) return a && b && *a == *b;
  if (identity() && identity() == o.identity()) return true;  // as Python does, before it looks into lists
  if (const auto a = tuple_items(*this), b = tuple_items(o); a || b) return a && b && same_items(*a, *b);
  if (is<Tensor>() && o.is<Tensor>()) return as<Tensor>().is_same(o.as<Tensor>());
  if (data_.index() != o.data_.index()) return false;
  if (is_none()) return true;
  if (is<std::string>()) return as<std::string>() == o.as<std::string>();
  if (is<DType>()) return as<DType>() == o.as<DType>();
  if (is<Device>()) return as<Device>() == o.as<Device>();
  if (is<Bytes>()) return as<Bytes>() == o.as<Bytes>();
  if (is<BigInt>()) return as<BigInt>() == o.as<BigInt>();
  if (is<List>()) return same_items(as<List>(), o.as<List>());
  if (is<Set>()) return same_elements(as<Set>().items, o.as<Set>().items);
  if (is<Dict>()) {
    if (size() != o.size()) return false;
    for (const auto& [key, value] : as<Dict>()) {
      const Value* other = o.as<Dict>().find(key);
      if (!other || !value.equals(*other)) return false;
    }
    return true;
  }
  return identity() == o.identity();
}

std::size_t Value::hash() const {
  const detail::Level level;
  if (const auto i = integer_of(*this)) return std::hash<int64_t>()(*i);
  if (const auto c = fraction_of(*this)) return hash_of(c->real(), c->imag());
  if (const auto items = tuple_items(*this)) {
    Hash h(Hash::Of::tuple);
    h.add(items->size());
    for (const Value& item : *items) h.add(item.hash());
    return h.value();
  }
  if (is_none()) return 0;
  if (is<std::string>()) return Hash(Hash::Of::text).add(as<std::string>()).value();
  if (is<DType>()) return static_cast<std::size_t>(as<DType>()) + 1;
  if (is<Device>()) return Hash(Hash::Of::text).add(as<Device>().to_string()).value();
  if (is<Bytes>()) return Hash(Hash::Of::bytes).add(as<Bytes>().data).value();
  if (is<BigInt>()) {
    const auto& bytes = as<BigInt>().bytes();
    return Hash(Hash::Of::big_int).add({reinterpret_cast<const char*>(bytes.data()), bytes.size()}).value();
  }
  if (is<Opaque>()) return std::hash<const void*>()(identity());
  fail("Key", "expected a value that never changes, as text, numbers and tuples of such are, found a {}{}", type_name(),
       place());
}

Key::Key(const Value& value) {
  if (value.is<std::string>()) key_ = value.as<std::string>();
  else if (value.is<int64_t>()) key_ = value.as<int64_t>();
  else {
    (void)value.hash();  // an error for what cannot be a key
    key_ = std::make_shared<const Value>(value);
  }
}

Value Key::value() const {
  if (const auto* s = std::get_if<std::string>(&key_)) return *s;
  if (const auto* i = std::get_if<int64_t>(&key_)) return *i;
  return *std::get<2>(key_);
}

const std::string& Key::string() const& {
  if (const auto* s = std::get_if<std::string>(&key_)) return *s;
  fail("Key", "expected a string, found the {} {}", is_integer() ? "integer" : value().type_name(), quoted());
}
int64_t Key::integer() const {
  if (const auto* i = std::get_if<int64_t>(&key_)) return *i;
  fail("Key", "expected an integer, found the {} {}", is_string() ? "string" : value().type_name(), quoted());
}
std::string Key::to_string() const { return is_string() ? string() : quoted(); }
std::string Key::quoted() const { return value().to_string(); }

bool Key::operator==(const Key& o) const {
  if (key_.index() == o.key_.index() && key_.index() < 2) return key_ == o.key_;
  if (is_string() || o.is_string()) return false;
  return value().equals(o.value());
}
std::size_t Key::hash() const {
  if (const auto* s = std::get_if<std::string>(&key_)) return Hash(Hash::Of::text).add(*s).value();
  if (const auto* i = std::get_if<int64_t>(&key_)) return std::hash<int64_t>()(*i);
  return std::get<2>(key_)->hash();
}

}  // namespace tenon
