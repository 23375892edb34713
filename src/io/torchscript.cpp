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
  std::optional<Names> read(const Opaque& object) {
    std::string file = object.module;
    std::replace(file.begin(), file.end(), '.', '/');
    file = "code/" + file + ".py";
    const auto [place, is_new] = files_.try_emplace(file);
    if (is_new) place->second = text_(file);
    std::string_view rest = place->second;
    const std::string begin = "class " + object.name + "(";
    const auto at = rest.starts_with(begin) ? 0 : rest.find("\n" + begin);
    if (at == rest.npos) return {};
    rest.remove_prefix(std::min(rest.find('\n', at + 1), rest.size() - 1) + 1);
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
  std::map<std::string, std::string> files_;
  std::map<std::string, std::optional<Names>> classes_;
};

const Dict* attributes(const Value& value) {
  if (!value.is<Opaque>()) return nullptr;
  const Opaque& object = value.as<Opaque>();
  return object.module.starts_with("__torch__") && object.state.size() == 1 && object.state[0].is<Dict>()
             ? &object.state[0].as<Dict>()
             : nullptr;
}

/// Its own tensors first, then those of its parts, as a state dict has them.
void add(Dict& state, const Value& module, const std::string& prefix, Program& program) {
  const Dict& all = *attributes(module);
  const std::optional<Names>& names = program.of(module.as<Opaque>());
  for (const auto& [key, value] : all)
    if (value.is<Tensor>() && key.is_string() && (!names || names->contains(key.string())))
      state.set(prefix + key.string(), value.as<Tensor>().detach());
  for (const auto& [key, value] : all)
    if (attributes(value) && key.is_string()) add(state, value, prefix + key.string() + ".", program);
}

}  // namespace

Dict torchscript_state(const Value& module, const Source& file,
                       const std::function<std::string(const std::string&)>& text) {
  if (!attributes(module)) file.damaged("is a TorchScript archive, but the object in it is no module");
  Program program(text);
  Dict state;
  state.set_ordered();
  add(state, module, "", program);
  return state;
}

}  // namespace tenon::io
