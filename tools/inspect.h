#pragma once
// What `tenon inspect` shows, as a table or for programs.
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include <tenon/tensor.h>

#include "entries.h"
#include "output.h"

namespace tenon::tool {

struct InspectOptions {
  std::string file;
  std::vector<std::string> patterns;
  bool json = false, stats = false, all = false, modules = false, no_name = false;
};

/// The memory that tensors lie in, numbered as it is met.
class Memory {
 public:
  struct Place {
    std::size_t number;
    const Entry* first;  ///< who was met in it first
    bool is_new;
  };
  Place of(const Entry& entry) {
    const Storage* const storage = entry.value->as<Tensor>().impl()->storage.get();
    const auto [at, is_new] = places_.try_emplace(storage, Place{places_.size(), &entry, false});
    if (is_new) bytes_ += static_cast<uint64_t>(storage->nbytes);
    return {at->second.number, at->second.first, is_new};
  }
  std::size_t blocks() const { return places_.size(); }
  uint64_t bytes() const { return bytes_; }

 private:
  std::map<const Storage*, Place> places_;
  uint64_t bytes_ = 0;
};

struct Totals {
  uint64_t tensors = 0, elements = 0, bytes = 0;
  void add(const Tensor& x) {
    ++tensors;
    elements += static_cast<uint64_t>(x.numel());
    bytes += static_cast<uint64_t>(x.nbytes());
  }
};

/// In bytes; a pipe has none.
inline std::optional<uint64_t> file_size(const std::string& file) {
  std::error_code none;
  const uint64_t size = std::filesystem::file_size(file, none);
  return none ? std::nullopt : std::optional(size);
}

inline bool is_tensor(const Value& value) { return value.is<Tensor>() && value.as<Tensor>().defined(); }

void show_table(const InspectOptions& options, const Value& top, const std::vector<Entry>& entries, Output& out);
void show_json(const InspectOptions& options, const Value& top, const std::vector<Entry>& entries, Output& out);

}  // namespace tenon::tool
