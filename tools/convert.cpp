// tenon convert: the same in another form, under other names, of another type.
#include <functional>
#include <map>
#include <tuple>

#include <tenon/autograd.h>
#include <tenon/io/checkpoint.h>
#include <tenon/ops.h>

#include "command.h"
#include "output.h"

namespace tenon::tool {
namespace {

struct Options {
  std::string from, to, dtype;
  std::vector<std::string> keys, renames, strips;
  bool compact = false, force = false;
};

constexpr int deepest = 1000;

/// Changes every tensor; what was there once, or was tied, stays so.
class Tensors {
 public:
  explicit Tensors(std::function<Tensor(const Tensor&)> change) : change_(std::move(change)) {}

  Value operator()(const Value& value, int depth = 0) {
    if (depth > deepest) fail("convert", "it is nested more than {} levels deep", deepest);
    if (value.is<Tensor>()) return changed(value);
    if (!value.is<Dict>() && !value.is<Value::List>() && !value.is<Tuple>()) return value;
    const auto known = containers_.find(value.identity());
    if (known != containers_.end()) return known->second;
    return containers_.emplace(value.identity(), container(value, depth + 1)).first->second;
  }

 private:
  // Made anew rather than changed: what was lent to be changed is copied from then on, and would be there twice.
  Value container(const Value& value, int depth) {
    if (value.is<Dict>()) {
      Dict dict = value.as<Dict>();
      for (auto& [key, item] : dict) item = (*this)(item, depth);
      return dict;
    }
    Value::List list = value.is<Tuple>() ? value.as<Tuple>().items : value.as<Value::List>();
    for (Value& item : list) item = (*this)(item, depth);
    return value.is<Tuple>() ? Value(Tuple{std::move(list)}) : Value(std::move(list));
  }

  using View = std::tuple<const Storage*, int64_t, std::vector<int64_t>, std::vector<int64_t>, DType>;

  Value changed(const Value& value) {
    const Tensor& x = value.as<Tensor>();
    if (!x.defined() || x.device() == kMeta) return value;
    const auto list = [](const Shape& s) { return std::vector<int64_t>(s.begin(), s.end()); };
    Tensor& y = tensors_[{x.impl()->storage.get(), x.storage_offset(), list(x.shape()), list(x.strides()), x.dtype()}];
    if (!y.defined()) y = change_(x.detach());
    if (value.is<nn::Parameter>()) return nn::Parameter(y, {.requires_grad = x.requires_grad()});
    return x.requires_grad() ? y.detach().requires_grad_() : y;
  }

  std::function<Tensor(const Tensor&)> change_;
  std::map<const void*, Value> containers_;
  std::map<View, Tensor> tensors_;
};

/// What becomes of keys, and of the paths of modules.
class Names {
 public:
  explicit Names(const Options& options) {
    for (const std::string& prefix : options.strips)
      rules_.push_back({prefix.ends_with('.') ? prefix : prefix + ".", "", true, false});
    for (const std::string& rule : options.renames) {
      const std::size_t at = rule.find('=');
      if (at == 0 || at == rule.npos) fail("convert", "--rename takes FROM=TO, got {}", rule);
      rules_.push_back({rule.substr(0, at), rule.substr(at + 1), false, false});
    }
  }
  bool empty() const { return rules_.empty(); }

  std::string operator()(std::string key) {
    for (Rule& r : rules_) {
      const bool whole = !r.strips && key == r.from;
      const bool begin = key.starts_with(r.from) &&
                         (r.from.ends_with('.') || (key.size() > r.from.size() && key[r.from.size()] == '.'));
      if (!whole && !begin) continue;
      r.used = true;
      key = r.to + key.substr(r.from.size());
    }
    return key;
  }
  /// A module's path has no dot at its end.
  std::string of_module(const std::string& path) {
    for (const Rule& r : rules_)
      if (r.strips && path + "." == r.from) return "";
    return (*this)(path);
  }
  void check_used() const {
    for (const Rule& r : rules_)
      if (!r.used) fail("convert", "no key begins with {}", Key(r.from).quoted());
  }

 private:
  struct Rule {
    std::string from, to;
    bool strips, used;
  };
  std::vector<Rule> rules_;
};

Dict renamed(const Dict& dict, Names names) {
  Dict out;
  for (const auto& [key, value] : dict) {
    const Key name = key.is_string() ? Key(names(key.string())) : key;
    if (out.contains(name)) fail("convert", "two entries would have the key {}", name.quoted());
    out.set(name, value);
  }
  names.check_used();
  out.set_ordered(dict.is_ordered());
  if (!dict.metadata()) return out;
  Dict metadata;
  for (const auto& [key, value] : *dict.metadata())
    metadata.set(key.is_string() && value.is<Dict>() ? Key(names.of_module(key.string())) : key, value);
  out.set_metadata(std::move(metadata));
  return out;
}

/// What stands beside the tensors of a safetensors file are texts, beside a state dict the versions of modules: neither
/// fits the other.
Dict with_metadata_for(const Dict& dict, bool safetensors) {
  Dict metadata, out;
  if (dict.metadata())
    for (const auto& [key, value] : *dict.metadata())
      if (value.is<std::string>() == safetensors) metadata.set(key, value);
  if (safetensors && !metadata.contains("format")) metadata.set("format", "pt");  // some readers insist on it
  for (const auto& [key, value] : dict) out.set(key, value);
  out.set_ordered(dict.is_ordered());
  if (!metadata.empty()) out.set_metadata(std::move(metadata));
  return out;
}

Tensor changed(const Tensor& x, const Options& options) {
  Tensor y = x;
  if (!options.dtype.empty() && is_floating_point(x.dtype())) y = y.to(dtype_from_name(options.dtype));
  if (options.compact && (!y.is_contiguous() || y.impl()->storage->nbytes > y.nbytes())) y = y.clone().contiguous();
  return y;
}

int run(const Options& options) {
  if (!options.dtype.empty() && !is_floating_point(dtype_from_name(options.dtype)))
    fail("convert", "--dtype takes a floating-point type, got {}", options.dtype);
  std::error_code not_there;
  if (!options.force && std::filesystem::equivalent(options.from, options.to, not_there))
    fail("convert", "{} and {} are one file, of which only what is converted would be left: --force does it",
         options.from, options.to);
  const NoGrad guard;
  Value value = load(options.from, {.map_location = "cpu", .torchscript = true});
  for (const std::string& key : options.keys) {
    if (!value.contains(key)) fail("convert", "{}: there is no key {} in it", options.from, Key(key).quoted());
    value = Value(value[key]);
  }
  const Names names(options);
  if (!names.empty() && !value.is<Dict>())
    fail("convert", "{}: only a dict has keys to be renamed, found {}", options.from, value.type_name());
  if (!names.empty()) value = renamed(value.as<Dict>(), names);
  if (!options.dtype.empty() || options.compact)
    value = Tensors([&](const Tensor& x) { return changed(x, options); })(value);
  if (value.is<Dict>())
    value = with_metadata_for(value.as<Dict>(), std::filesystem::path(options.to).extension() == ".safetensors");
  save(value, options.to);
  return 0;
}

}  // namespace

Command add_convert(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("A", options->from, "a checkpoint: .pt, .pth, .safetensors, index.json, .npy, .npz")->required();
  app.add_option("B", options->to,
                 "what to write: a name that ends in .safetensors, .npy or .npz is that, any other PyTorch's form")
      ->required();
  app.add_option("--key", options->keys, "only what stands under this key (model_state_dict); again for one inside it")
      ->take_all();
  app.add_option("--dtype", options->dtype, "convert floating-point tensors: float32, bfloat16, float16 …");
  app.add_option("--strip", options->strips, "take this from the begin of keys: module.")->take_all();
  app.add_option("--rename", options->renames, "FROM=TO: the first parts of keys, or whole ones")->take_all();
  app.add_flag("--compact", options->compact, "a view brings only its own elements, contiguous; ties stay");
  app.add_flag("--force", options->force, "B may be A itself");
  return [options] { return run(*options); };
}

}  // namespace tenon::tool
