#pragma once
// What a checkpoint holds, one thing after the other.
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <tenon/value.h>

namespace tenon::tool {

struct Entry {
  std::string path;  ///< all keys from the top on, with dots between: model_state_dict.fc1.weight
  std::string key;   ///< the last one
  int depth = 0;
  const Value* value = nullptr;
  std::size_t children = 0;
};

/// A file as a value. Whatever is in it can be looked at: tensors that were on another device, classes that are not
/// known, the weights of a TorchScript archive. `verify`: all checksums are compared.
Value load_to_look_at(const std::filesystem::path& file, bool verify = false);

/// The value itself, if it is one thing, or everything in it, in order, each container before what it holds. An error
/// where this would not end in any useful time: a small file can name one list a million times.
std::vector<Entry> entries_of(const Value& top);

/// f(a) for all that a path lies below, from the top on: "a" and "a.b" for "a.b.c"; true, and no more, once f is. The
/// first thousand of them: a name can have as many dots as it has letters.
bool for_parents(const std::string& path, const std::function<bool(std::string_view)>& f);

/// "float32 [16, 12]" for a tensor, Python's name of the type for anything else.
std::string type_text(const Value& value);

}  // namespace tenon::tool
