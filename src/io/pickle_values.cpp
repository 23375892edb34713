#include "io/pickle_values.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>

#include <tenon/autograd.h>

#include "io/pickle_names.h"
#include "io/pickle_numpy.h"
#include "io/pickle_tensor.h"
#include "io/pickle_text.h"
#include "io/unknown_names.h"

namespace tenon::io {
namespace {

using Index = PickleGraph::Index;
using Kind = PickleGraph::Kind;
using Parts = PickleGraph::Parts;

constexpr std::string_view what_to_do =
    "allow them with tenon::io::allow(name, builder), or load with opaque = true to carry them without running "
    "anything";

/// Makes values of objects, each object's once: where the pickle names one twice, both places hold the same.
class ValueMaker {
 public:
  ValueMaker(const PickleGraph& graph, Storages& storages, const LoadOptions& options)
      : graph_(graph),
        tensors_(storages),
        opaque_(options.opaque),
        most_(256e6 + 100.0 * static_cast<double>(graph.length())) {}

  Value run() {
    if (!opaque_) refuse_unknown();
    return make(graph_.root());
  }

 private:
  [[noreturn]] void damaged(Index i, std::string_view how) const {
    fail(graph_.operation(), "{}: {}{} (byte {} of the pickle)", graph_.place(), how,
         path().empty() ? "" : ", under " + path(), graph_[i].at);
  }
  void refuse_unknown() const {
    const auto names = unknown_names(graph_);
    if (names.empty()) return;
    std::string list;
    constexpr std::size_t most = 1000;
    for (std::size_t i = 0; i < std::min(names.size(), most); ++i)
      list += fmt::format("\n  {} ({})", names[i].name, names[i].path.empty() ? "the whole" : "under " + names[i].path);
    if (names.size() > most) list += fmt::format("\n  … and {} more", names.size() - most);
    fail(graph_.operation(), "{}: {}names that are not known, none of which was run:{}\n{}", graph_.place(),
         whole_module(names), list, what_to_do);
  }
  /// What to do about the usual reason for such names.
  std::string whole_module(const std::vector<UnknownName>& names) const {
    const std::set<std::string> all = modules(graph_);
    const auto module = std::find_if(names.begin(), names.end(), [&](const auto& n) { return all.contains(n.name); });
    if (module == names.end()) return "";
    return fmt::format(
        "holds a whole module of the class {}{}, as torch.save(model) writes it, and not its weights alone: load it in "
        "Python and save those, torch.save(model.state_dict(), \"weights.pt\"); ",
        module->name, module->path.empty() ? "" : ", under " + module->path);
  }
  std::string path() const {
    constexpr std::size_t most = 12;
    std::string text;
    for (std::size_t i = 0; i < std::min(path_.size(), most); ++i)
      text += path_[i].first != PickleGraph::nothing ? key_text(graph_, path_[i].first)
                                                     : fmt::format("[{}]", path_[i].second);
    return path_.size() > most ? text + "…" : text;
  }

  /// What stands under a key, or at a place.
  Value make_at(Index key, std::size_t number, Index i) {
    path_.emplace_back(key, number);
    Value v = make(i);
    path_.pop_back();
    return v;
  }
  Value make(Index i) {
    constexpr double each = 32, of_tensor = 1000;  // printed, it is as many letters and more
    switch (graph_.kind(i)) {
      case Kind::none: cost(i, each); return {};
      case Kind::boolean: cost(i, each); return graph_.integer(i) != 0;
      case Kind::integer: cost(i, each); return graph_.integer(i);
      case Kind::real: cost(i, each); return std::get<double>(graph_[i].data);
      case Kind::big_integer:
        // To write it out takes as long as its square.
        cost(i, each + std::pow(static_cast<double>(graph_.text(i).size()), 2) / 64);
        return BigInt::from_bytes(std::as_bytes(std::span(graph_.text(i))));
      case Kind::text: cost(i, each + static_cast<double>(graph_.text(i).size())); return graph_.text(i);
      default: break;
    }
    if (const auto made = made_.find(i); made != made_.end()) {
      if (!made->second.whole) damaged(i, "a value that holds itself; such ones are not read");
      cost(i, made->second.cost);
      return made->second.value;
    }
    made_.emplace(i, Made{});
    std::optional<detail::Level> level;
    try {
      level.emplace();
    } catch (const Error&) {
      damaged(i, fmt::format("values nested more than {} levels deep", detail::Level::most));
    }
    const double before = std::exchange(cost_, each);
    Value value = make_new(i);
    if (value.is<Tensor>()) cost_ += of_tensor;
    Made& made = made_[i];
    made = {value, std::exchange(cost_, before), true};
    cost(i, made.cost);
    return value;
  }
  /// Counts what the values would take if each place held its own: what walks over them must come to an end as well.
  void cost(Index i, double more) {
    cost_ += more;
    if (cost_ > most_)
      damaged(i, "its values name one another so often that there is no end to them: this file was made to do harm");
  }

  Value make_new(Index i) {
    const auto& object = graph_[i];
    switch (object.kind) {
      case Kind::bytes: cost_ += static_cast<double>(graph_.text(i).size()); return Bytes{std::string(graph_.text(i))};
      case Kind::list: return items(graph_.parts(i).items);
      case Kind::tuple: return Tuple{items(graph_.parts(i).items)};
      case Kind::set: return set(graph_.parts(i).items);
      case Kind::dict: return dict(graph_.parts(i).entries);
      case Kind::global: return name(i);
      case Kind::call:
      case Kind::creation: return called(i);
      default: damaged(i, "a storage outside of a tensor");
    }
  }
  Value::List items(const std::vector<Index>& indices) {
    Value::List list;
    list.reserve(indices.size());
    for (std::size_t k = 0; k < indices.size(); ++k) list.push_back(make_at(PickleGraph::nothing, k, indices[k]));
    return list;
  }
  Set set(const std::vector<Index>& indices) {
    Dict once;  // a set holds what a dict's keys can be
    for (const Index i : indices) once.set(key(i), Value());
    Set s;
    for (const auto& [item, none] : once) s.items.push_back(item.value());
    return s;
  }
  Key key(Index i) {
    const Value v = make(i);
    if (!v.is<std::string>() && !v.is<int64_t>()) {
      try {
        return Key(v);
      } catch (const Error&) {
        damaged(i, fmt::format("a {} as the key of a dict or in a set", v.type_name()));
      }
    }
    return Key(v);
  }
  Dict dict(const std::vector<Index>& entries) {
    Dict d;
    fill(d, entries);
    return d;
  }
  void fill(Dict& d, const std::vector<Index>& entries) {
    for (std::size_t k = 0; k < entries.size(); k += 2) {
      Key key = this->key(entries[k]);
      d.set(std::move(key), make_at(entries[k], 0, entries[k + 1]));
    }
  }

  // ---- names
  Opaque opaque(Index global) const {
    const std::string_view text = graph_.text(global);
    const auto end = text.find('\n');
    Opaque o;
    o.module = text.substr(0, end);
    o.name = text.substr(end + 1);
    return o;
  }
  Value built(Opaque o) {
    const auto builder = allowed_builder(o.full_name());
    return builder && *builder ? (*builder)(o) : Value(std::move(o));
  }
  Value name(Index i) {
    if (const auto dtype = dtype_of_global(graph_.text(i))) return *dtype;
    return known(graph_.text(i)) ? Value(opaque(i)) : built(opaque(i));
  }
  Value called(Index i) {
    const Parts& parts = graph_.parts(i);
    const auto what = known(graph_.text(parts.function));
    if (!what) return carried(i, parts);
    const Arguments arguments(graph_, parts.arguments);
    try {
      return known_call(i, *what, parts, arguments);
    } catch (const BadArgument& e) {
      damaged(i, fmt::format("{}: {}", opaque(parts.function).full_name(), e.what()));
    } catch (const StorageProblem& e) {
      damaged(i, e.what());
    }
  }
  Value carried(Index i, const Parts& parts) {
    Opaque o = opaque(parts.function);
    o.made = graph_.kind(i) == Kind::call ? Opaque::Made::called : Opaque::Made::by_new;
    for (const Index argument : graph_.parts(parts.arguments).items) o.arguments.push_back(make(argument));
    if (parts.state != PickleGraph::nothing) o.state.push_back(make(parts.state));
    o.items = items(parts.items);
    for (std::size_t k = 0; k < parts.entries.size(); k += 2) {
      Value key = make(parts.entries[k]);
      o.entries.emplace_back(std::move(key), make_at(parts.entries[k], 0, parts.entries[k + 1]));
    }
    return built(std::move(o));
  }

  Value known_call(Index i, Known what, const Parts& parts, const Arguments& arguments) {
    switch (what) {
      case Known::tensor_v1:
      case Known::tensor_v2:
      case Known::tensor_v3:
      case Known::meta_tensor: return tensors_.make(what, arguments);
      case Known::parameter:
      case Known::parameter_with_state: return parameter(make(arguments.at(0)), arguments.boolean(1));
      case Known::from_type: return of_type(i, arguments);
      case Known::ordered_dict: return ordered(i, parts, arguments);
      case Known::counter: return arguments.size() == 0 ? Value(dict(parts.entries)) : make(arguments.at(0));
      case Known::size: return arguments.size() == 0 ? Shape() : arguments.shape(0);
      case Known::device: return device(parts, arguments);
      case Known::bytes: return latin1(arguments);
      case Known::bytearray:
        return arguments.size() == 0 ? Value(Bytes{}) : arguments.size() == 2 ? latin1(arguments) : bytes(arguments);
      case Known::set: return arguments.size() == 0 ? Value(Set{}) : Value(set(arguments.items(0)));
      case Known::numpy_scalar:
      case Known::numpy_array:
      case Known::numpy_buffer:
      case Known::numpy_dtype: return of_numpy(i, what, parts, arguments);
      case Known::complex: return std::complex<double>(arguments.real(0), arguments.size() > 1 ? arguments.real(1) : 0);
      default: damaged(i, opaque(parts.function).full_name() + " is called, which makes no value");
    }
  }
  Value parameter(const Value& tensor, bool requires_grad) {
    if (!tensor.is<Tensor>()) throw BadArgument(fmt::format("expected a tensor, found a {}", tensor.type_name()));
    const Tensor& t = tensor.as<Tensor>();
    if (requires_grad && !t.is_floating_point() && !t.is_complex())
      throw BadArgument(fmt::format("a parameter of {} cannot require grad", t.dtype()));
    return nn::Parameter(t, {.requires_grad = requires_grad});
  }
  /// A tensor that brought attributes along, which it loses: (how it is made, its class, arguments, attributes).
  Value of_type(Index i, const Arguments& arguments) {
    const auto what = known(arguments.global(0)), type = known(arguments.global(1));
    if (!what || *what > Known::meta_tensor || !type ||
        (*type != Known::tensor_class && *type != Known::parameter_class))
      damaged(i, "a tensor of a class that is not known: " + opaque(arguments.at(1)).full_name());
    Value tensor = tensors_.make(*what, Arguments(graph_, arguments.at(2)));
    return *type == Known::parameter_class ? parameter(tensor, tensor.as<Tensor>().requires_grad()) : tensor;
  }
  Value ordered(Index i, const Parts& parts, const Arguments& arguments) {
    Dict d;
    d.set_ordered();
    if (arguments.size() > 0)  // as Python 2 had it: a list of pairs
      for (const Index pair : arguments.items(0)) {
        const Value both = make(pair);
        if (!(both.is<Value::List>() || both.is<Tuple>()) || both.size() != 2)
          damaged(i, "an OrderedDict of something else than pairs");
        d.set(Key(both[0]), both[1]);
      }
    fill(d, parts.entries);
    if (parts.state != PickleGraph::nothing) {
      const Value state = make(parts.state);
      const Value* metadata = state.is<Dict>() ? state.as<Dict>().find("_metadata") : nullptr;
      if (metadata && metadata->is<Dict>()) d.set_metadata(metadata->as<Dict>());
    }
    return d;
  }
  Value device(const Parts& parts, const Arguments& arguments) {
    const std::string type(arguments.text(0));
    if (type == "cpu" || type == "cuda" || type == "meta") {
      const int64_t index = arguments.size() > 1 ? arguments.integer(1) : 0;
      if (index >= 0 && index <= (type == "cuda" ? 127 : 0))
        return Device(type == "cuda" ? fmt::format("cuda:{}", index) : type);
    }
    Opaque o = opaque(parts.function);  // another company's
    o.made = Opaque::Made::called;
    for (std::size_t k = 0; k < arguments.size(); ++k) o.arguments.push_back(make(arguments.at(k)));
    return o;
  }
  /// What has no place in a tensor, objects and texts, is carried as far as that was asked for.
  Value of_numpy(Index i, Known what, const Parts& parts, const Arguments& arguments) {
    const std::string place = fmt::format("{}: {}{}", graph_.place(), opaque(parts.function).full_name(),
                                          path().empty() ? "" : " under " + path());
    const auto data = [&](Index bytes) { return make(bytes); };
    try {
      return numpy_value(what, parts, arguments, data, place);
    } catch (const Error&) {
      if (!opaque_) throw;
      return carried(i, parts);
    }
  }
  Value bytes(const Arguments& arguments) {
    Value v = make(arguments.at(0));
    if (!v.is<Bytes>()) throw BadArgument(fmt::format("expected bytes, found a {}", v.type_name()));
    return v;
  }
  Value latin1(const Arguments& arguments) {
    const std::string_view coding = arguments.text(1);
    const auto bytes = latin1_from_utf8(arguments.text(0));
    if ((coding != "latin1" && coding != "latin-1") || !bytes)
      throw BadArgument("expected text of Latin-1 letters, encoded as latin1");
    cost_ += static_cast<double>(bytes->size());
    return Bytes{*bytes};
  }

  struct Made {
    Value value;
    double cost = 0;
    bool whole = false;
  };
  const PickleGraph& graph_;
  PickledTensors tensors_;
  bool opaque_;
  double cost_ = 0;
  const double most_;
  std::unordered_map<Index, Made> made_;
  std::vector<std::pair<Index, std::size_t>> path_;  // a key, or where there is none a place
};

}  // namespace

Value values_of(const PickleGraph& graph, Storages& storages, const LoadOptions& options) {
  const NoGrad guard;
  return ValueMaker(graph, storages, options).run();
}

}  // namespace tenon::io
