#pragma once
// What PyTorch answered: a JSON description beside a safetensors file of the tensors that it refers to.
#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include <tenon/tensor.h>

namespace tenon::parity {

/// Missing or damaged data, or a call that cannot be understood: nothing could be compared.
struct BadInput : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// What a case needs and the library does not have yet: the case is skipped, by name.
struct NotYet : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Reads a JSON file; BadInput names the file and the place where it is damaged.
nlohmann::json read_json(const std::filesystem::path& file);

/// The JSON files of a folder, sorted by name; BadInput where there are none.
std::vector<std::filesystem::path> descriptions(const std::filesystem::path& folder);

/// The member `key` of a description; BadInput where there is none.
const nlohmann::json& member(const nlohmann::json& object, std::string_view key);

/// A number that the generators may have written as text because JSON has none such: "inf", "-inf", "nan".
double number(const nlohmann::json& value);

class Bundle {
 public:
  /// Reads NAME.json and NAME.safetensors; `description` is the path of the first.
  explicit Bundle(const std::filesystem::path& description);

  const nlohmann::json& description() const { return description_; }
  const std::filesystem::path& path() const { return path_; }

  bool has(const std::string& key) const { return entries_.contains(key); }
  /// A copy of the tensor with that name. NotYet where its data type is one that Tenon does not compute with.
  Tensor tensor(const std::string& key) const;
  /// The tensor that {"tensor": key} refers to.
  Tensor tensor(const nlohmann::json& reference) const;

  static bool is_reference(const nlohmann::json& value) { return value.is_object() && value.contains("tensor"); }

 private:
  struct Entry {
    std::string dtype;
    Shape shape;
    std::size_t begin = 0, end = 0;  // in bytes_
  };
  std::filesystem::path path_;
  nlohmann::json description_;
  std::string bytes_;
  std::map<std::string, Entry> entries_;
};

}  // namespace tenon::parity
