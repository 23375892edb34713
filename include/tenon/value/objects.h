#pragma once
// Python's objects that C++ has no type for. Include tenon/value.h.
#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#pragma GCC visibility push(default)

namespace tenon {

class Value;

/// A list that cannot be changed.
struct Tuple {
  std::vector<Value> items;
};

/// Values without order, each once: what is read from a file is.
struct Set {
  std::vector<Value> items;
};

struct Bytes {
  std::string data;
  bool operator==(const Bytes&) const = default;
};

/// An integer of any size, for those beyond 64 bits: carried exactly, printed, not computed with.
class BigInt {
 public:
  /// Two's complement, the lowest byte first, as pickles have it.
  static BigInt from_bytes(std::span<const std::byte> bytes);
  /// As few as possible; none for zero.
  const std::vector<std::byte>& bytes() const { return bytes_; }
  bool is_negative() const { return !bytes_.empty() && (bytes_.back() & std::byte{0x80}) != std::byte{}; }
  bool fits_64_bits() const { return bytes_.size() <= sizeof(int64_t); }
  int64_t to_int64() const;  ///< an error where it does not fit
  double to_double() const;  ///< the nearest below 2^53 bits, about that beyond
  std::string to_string() const;
  bool operator==(const BigInt&) const = default;

 private:
  std::vector<std::byte> bytes_;
};

/// What a checkpoint holds of a class or function that Tenon does not know: never called, only carried. As pickle has
/// it: `name` alone, or the result of calling it with `arguments`, which then got a state, items and entries.
struct Opaque {
  enum class Made : uint8_t { not_called, called, by_new };
  std::string module, name;  ///< "my.module" and "Config"
  Made made = Made::not_called;
  std::vector<Value> arguments;
  std::vector<Value> state;                      ///< at most one
  std::vector<Value> items;                      ///< appended
  std::vector<std::pair<Value, Value>> entries;  ///< set by key

  std::string full_name() const { return module + "." + name; }
};

}  // namespace tenon

#pragma GCC visibility pop
