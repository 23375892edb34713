#pragma once
// What a pickle says, as objects that refer to one another, before anything is made of it.
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <tenon/error.h>

#include "base/internal_api.h"

namespace tenon::io {

/// The pickle machine's objects. Reading one calls nothing and knows no names: a call is an object that names what
/// would be called.
class TENON_INTERNAL_API PickleGraph {
 public:
  using Index = uint32_t;
  static constexpr Index nothing = ~Index{0};

  // what is in the object, by kind
  // clang-format off
  enum class Kind : uint8_t {
    none,
    boolean,
    integer,
    real,  // number
    big_integer,
    text,
    bytes,   // text: for an integer its bytes in two's complement
    global,  // text: "module\nname"
    list,
    tuple,
    set,   // parts: items
    dict,  // parts: entries
    call,
    creation,    // parts: function and arguments, then what was added; creation: by the class's __new__
    persistent,  // parts: arguments: what stands for something outside of the pickle
  };
  // clang-format on

  struct Parts {
    Index function = nothing, arguments = nothing, state = nothing;
    std::vector<Index> items;
    std::vector<Index> entries;  ///< key, value, key, value …
  };
  struct Object {
    Kind kind;
    uint32_t at;  ///< the byte of the pickle that made it
    std::variant<int64_t, double, std::string_view, std::unique_ptr<Parts>> data;
  };

  /// Reads one pickle from the front of `bytes`, which must live on, as the objects' texts lie in them. `place` and
  /// `operation` are for messages. An error says what is wrong at which byte.
  PickleGraph(std::span<const std::byte> bytes, std::string operation, std::string place);

  Index root() const { return root_; }
  std::size_t size() const { return objects_.size(); }
  /// How many bytes the pickle has.
  std::size_t length() const { return length_; }
  const Object& operator[](Index i) const { return objects_[i]; }
  Kind kind(Index i) const { return objects_[i].kind; }
  int64_t integer(Index i) const { return std::get<int64_t>(objects_[i].data); }
  std::string_view text(Index i) const { return std::get<std::string_view>(objects_[i].data); }
  /// What it is made of; for an empty container that has none as well.
  const Parts& parts(Index i) const;
  const std::string& operation() const { return operation_; }
  const std::string& place() const { return place_; }

 private:
  friend class PickleMachine;
  std::string operation_, place_;
  std::vector<Object> objects_;
  std::deque<std::string> texts_;  // those that do not stand in the pickle as they are
  Index root_ = nothing;
  std::size_t length_ = 0;
};

}  // namespace tenon::io
