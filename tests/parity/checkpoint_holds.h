#pragma once
// What a checkpoint held when PyTorch wrote it.
#include <map>
#include <string>

#include <tenon/value.h>

#include "report.h"

namespace tenon::parity {

/// Compares what was loaded with a description of it, as deep as it goes: types, keys and their order, metadata; of
/// tensors also strides, offsets, which of them share memory, and the bytes of their elements.
class Holds {
 public:
  Holds(Case& one, const Bundle& bundle) : one_(one), bundle_(bundle) {}

  /// Whether dicts must be OrderedDicts where PyTorch's were: safetensors files do not say.
  bool check_order = true;
  void compare(const std::string& what, const Value& actual, const nlohmann::json& expected);

 private:
  void tensor(const std::string& what, const Value& actual, const nlohmann::json& expected);
  void dict(const std::string& what, const Value& actual, const nlohmann::json& expected);
  void list(const std::string& what, const Value::List& actual, const nlohmann::json& expected);

  Case& one_;
  const Bundle& bundle_;
  std::map<int64_t, const Storage*> storages_;  // by PyTorch's number
};

}  // namespace tenon::parity
