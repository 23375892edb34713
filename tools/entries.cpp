#include "entries.h"

#include <fmt/format.h>

#include <tenon/io/checkpoint.h>

#include "output.h"

namespace tenon::tool {
namespace {

constexpr int deepest = 1000;
constexpr std::size_t most = 1'000'000;
constexpr std::size_t longest_paths = 256'000'000;  // bytes, of all of them together

/// f(key, value) for everything that a value holds.
template <class F>
void for_children(const Value& value, F f) {
  const auto numbered = [&](const std::vector<Value>& items, const char* format) {
    for (std::size_t i = 0; i < items.size(); ++i) f(fmt::format(fmt::runtime(format), i), items[i]);
  };
  if (value.is<Dict>()) {
    for (const auto& [key, item] : value.as<Dict>()) f(printable(key.to_string()), item);
  } else if (value.is<Value::List>()) {
    numbered(value.as<Value::List>(), "{}");
  } else if (value.is<Tuple>()) {
    numbered(value.as<Tuple>().items, "{}");
  } else if (value.is<Set>()) {
    numbered(value.as<Set>().items, "{}");
  } else if (value.is<Opaque>()) {
    const Opaque& object = value.as<Opaque>();
    numbered(object.arguments, "argument {}");
    numbered(object.state, "state");
    numbered(object.items, "{}");
    for (const auto& [key, item] : object.entries) f(printable(key.to_string()), item);
  }
}

class Walk {
 public:
  std::vector<Entry> entries;

  std::size_t below(const Value& value, const std::string& path, int depth) {
    if (depth > deepest) fail("tenon", "it is nested more than {} levels deep", deepest);
    std::size_t children = 0;
    for_children(value, [&](const std::string& key, const Value& item) {
      if (entries.size() == most) fail("tenon", "there are more than {} entries in it", count_text(most));
      const std::size_t at = entries.size();
      path_bytes_ += path.size() + key.size();
      if (path_bytes_ > longest_paths)
        fail("tenon", "the names in it are more than {} together", size_text(longest_paths));
      std::string its_path = path.empty() ? key : path + "." + key;
      entries.push_back({its_path, key, depth, &item, 0});
      entries[at].children = below(item, its_path, depth + 1);
      ++children;
    });
    return children;
  }

 private:
  std::size_t path_bytes_ = 0;
};

}  // namespace

Value load_to_look_at(const std::filesystem::path& file, bool verify) {
  return load(file, {.map_location = "cpu", .verify = verify, .opaque = true, .torchscript = true});
}

std::vector<Entry> entries_of(const Value& top) {
  Walk walk;
  if (walk.below(top, "", 0) == 0) walk.entries.push_back({"", "", 0, &top, 0});
  return std::move(walk.entries);
}

bool for_parents(const std::string& path, const std::function<bool(std::string_view)>& f) {
  int levels = 0;
  for (std::size_t dot = path.find('.'); dot != path.npos && levels < deepest; dot = path.find('.', dot + 1), ++levels)
    if (f(std::string_view(path).substr(0, dot))) return true;
  return false;
}

std::string type_text(const Value& value) {
  if (value.is<Tensor>()) {
    const Tensor& x = value.as<Tensor>();
    return x.defined() ? fmt::format("{} {}", x.dtype(), x.shape()) : "undefined tensor";
  }
  if (value.is<Opaque>()) return printable(value.as<Opaque>().full_name());
  return std::string(value.type_name());
}

}  // namespace tenon::tool
