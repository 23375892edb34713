#include "io/torchscript.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include <tenon/autograd.h>

namespace tenon::io {
namespace {

using Names = std::set<std::string, std::less<>>;

/// Which attributes of each class are parameters or buffers: the program lists them before the class's attributes.
class Program {
 public:
  explicit Program(const std::function<std::string(const std::string&)>& text) : text_(text) {}

  /// Nothing where the program does not say, as in those of early versions.
  const std::optional<Names>& of(const Opaque& object) {
    const auto [place, is_new] = classes_.try_emplace(object.full_name());
    if (is_new) place->second = read(object);
    return place->second;
  }

 private:
  /// A record of the program: its text, and where its classes begin in it, behind their first lines.
  struct File {
    std::string text;
    std::map<std::string, std::size_t, std::less<>> classes;
  };

  const File& file_of(const Opaque& object) {
    std::string name = object.module;
    std::replace(name.begin(), name.end(), '.', '/');
    const auto [place, is_new] = files_.try_emplace("code/" + name + ".py");
    File& file = place->second;
    if (!is_new) return file;
    file.text = text_(place->first);
    const std::string_view all = file.text;
    constexpr std::string_view begin = "class ";
    for (std::size_t at = 0, end = 0; at < all.size(); at = end) {
      end = std::min(all.find('\n', at), all.size() - 1) + 1;
      const std::string_view line = all.substr(at, end - at);
      if (!line.starts_with(begin) || line.find('(') == line.npos) continue;
      file.classes.try_emplace(std::string(line.substr(begin.size(), line.find('(') - begin.size())), end);
    }
    return file;
  }
  std::optional<Names> read(const Opaque& object) {
    const File& file = file_of(object);
    const auto found = file.classes.find(object.name);
    if (found == file.classes.end()) return {};
    std::string_view rest = std::string_view(file.text).substr(found->second);
    Names names;
    bool has_parameters = false, has_buffers = false;
    while (rest.starts_with("  ")) {  // the lines of the class
      const std::string_view line = rest.substr(0, rest.find('\n'));
      const bool parameters = line.starts_with("  __parameters__ = ["), buffers = line.starts_with("  __buffers__ = [");
      if (parameters || buffers) add_texts(line, names);
      has_parameters = has_parameters || parameters;
      has_buffers = has_buffers || buffers;
      if (line.starts_with("  def ")) break;
      rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    }
    if (!has_parameters || !has_buffers) return {};
    return names;
  }
  static void add_texts(std::string_view line, Names& names) {
    for (auto begin = line.find('"'); begin != line.npos;) {
      const auto end = line.find('"', begin + 1);
      if (end == line.npos) return;
      names.emplace(line.substr(begin + 1, end - begin - 1));
      begin = line.find('"', end + 1);
    }
  }

  const std::function<std::string(const std::string&)>& text_;
  std::map<std::string, File> files_;
  std::map<std::string, std::optional<Names>> classes_;
};

const Dict* attributes(const Value& value) {
  if (!value.is<Opaque>()) return nullptr;
  const Opaque& object = value.as<Opaque>();
  return object.module.starts_with("__torch__") && object.state.size() == 1 && object.state[0].is<Dict>()
             ? &object.state[0].as<Dict>()
             : nullptr;
}

class State {
 public:
  State(std::size_t pickle_bytes, const Source& file, const std::function<std::string(const std::string&)>& text)
      : program_(text), file_(file), left_(32e6 + 100.0 * static_cast<double>(pickle_bytes)) {
    state_.set_ordered();
  }

  /// Its own tensors first, then those of its parts, as a state dict has them.
  void add(const Value& module, const std::string& prefix) {
    const detail::Level level;
    const Dict& all = *attributes(module);
    const std::optional<Names>& names = program_.of(module.as<Opaque>());
    for (const auto& [key, value] : all)
      if (value.is<Tensor>() && key.is_string() && (!names || names->contains(key.string())))
        state_.set(named(prefix, key), value.as<Tensor>().detach());
    for (const auto& [key, value] : all)
      if (attributes(value) && key.is_string()) add(value, named(prefix, key) + ".");
  }
  Dict take() { return std::move(state_); }

 private:
  /// Counts what the names take together: a few hundred bytes can have a module stand in a million places.
  std::string named(const std::string& prefix, const Key& key) {
    constexpr double each = 32;
    left_ -= each + static_cast<double>(prefix.size() + key.string().size());
    if (left_ < 0)
      file_.damaged(
          "its modules hold one another so often that there is no end to their names: this file was made to do harm");
    return prefix + key.string();
  }

  Program program_;
  const Source& file_;
  double left_;
  Dict state_;
};

}  // namespace

Dict torchscript_state(const Value& module, std::size_t pickle_bytes, const Source& file,
                       const std::function<std::string(const std::string&)>& text) {
  if (!attributes(module)) file.damaged("is a TorchScript archive, but the object in it is no module");
  State state(pickle_bytes, file, text);
  state.add(module, "");
  return state.take();
}

}  // namespace tenon::io
