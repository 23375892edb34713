// A folder holds index.pt, which names the checkpoint that is whole, and its files, one a process.
#include <tenon/distributed/sharded_checkpoint.h>

#include <algorithm>
#include <map>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <tenon/distributed/objects.h>
#include <tenon/distributed/world.h>
#include <tenon/error.h>
#include <tenon/grad_mode.h>
#include <tenon/io/checkpoint.h>
#include <tenon/ops.h>

#include "distributed/sharded_unit.h"

namespace tenon::distributed {
namespace {

namespace fs = std::filesystem;
using detail::ShardedUnit;

/// What each process does by itself: an error in one becomes an error in all.
template <class F>
void together(const char* operation, F each) {
  std::string wrong;
  try {
    each();
  } catch (const std::exception& e) {
    wrong = e.what();
    if (const std::string own = fmt::format("[{}] ", operation); wrong.starts_with(own)) wrong.erase(0, own.size());
  }
  const std::vector<Value> all = all_gather_object(wrong);
  for (std::size_t r = 0; r < all.size(); ++r)
    if (const auto text = all[r].as<std::string>(); !text.empty()) fail(operation, "rank {}: {}", r, text);
}

// ---- names

std::string prefix_of(int64_t number) { return fmt::format("save-{:06}-", number); }
std::string file_name(int64_t number, int64_t r, int64_t processes) {
  return fmt::format("{}rank-{:05}-of-{:05}.pt", prefix_of(number), r, processes);
}
fs::path index_of(const fs::path& folder) { return folder / "index.pt"; }

/// Files of checkpoints other than this one.
void remove_others(const fs::path& folder, int64_t number) {
  std::vector<fs::path> others;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("save-") && name.ends_with(".pt") && !name.starts_with(prefix_of(number)))
      others.push_back(entry.path());
  }
  std::error_code ignored;  // what is left is in nobody's way
  for (const fs::path& file : others) fs::remove(file, ignored);
}

// ---- rows

/// Some rows of a whole tensor, from `begin` on.
struct Rows {
  Tensor rows;
  int64_t begin;
};
Tensor with_rows(const Tensor& x) { return x.dim() == 0 ? x.view({1}) : x; }

/// Rows [begin, begin + to.size(0)) of what the pieces make up together.
void copy_rows(const Tensor& to, int64_t begin, const std::vector<Rows>& pieces, const std::string& what) {
  const Tensor out = with_rows(to);
  const int64_t end = begin + out.size(0);
  int64_t copied = 0;
  for (const Rows& piece : pieces) {
    const Tensor rows = with_rows(piece.rows);
    const int64_t first = std::max(begin, piece.begin), last = std::min(end, piece.begin + rows.size(0));
    if (first >= last) continue;
    out.narrow(0, first - begin, last - first).copy_(rows.narrow(0, first - piece.begin, last - first));
    copied += last - first;
  }
  if (copied != end - begin)
    fail("load_sharded", "{} has {} of the {} rows from {} on", what, copied, end - begin, begin);
}

/// Where a model's parameters lie: what this process keeps of each, by their paths, as long as they are shared out.
Dict placements_of(nn::ModuleBase& model) {
  Dict all;
  for (const auto& [path, parameter] : model.named_parameters({.remove_duplicate = false}))
    if (const auto unit = ShardedUnit::of(parameter)) {
      const ShardedUnit::Placement at = unit->placement(parameter);
      all.set(path, Dict{{"begin", at.begin}, {"shape", at.whole}});
    }
  return all;
}

// ---- a checkpoint's files

class Files {
 public:
  explicit Files(const fs::path& folder) {
    const Value index = load(index_of(folder));
    const auto number = index["save"].as<int64_t>(), processes = index["processes"].as<int64_t>();
    for (int64_t r = 0; r < processes; ++r) files_.push_back(load(folder / file_name(number, r, processes)).as<Dict>());
    if (files_.empty()) fail("load_sharded", "{} names no files", index_of(folder).string());
  }
  const Dict& first() const { return files_.front(); }

  /// What was saved of a tensor, in pieces; `tensor_in` finds it in a file.
  template <class F>
  std::vector<Rows> pieces(const Key& path, F tensor_in) const {
    if (!placement(files_.front(), path)) return {{tensor_in(files_.front()), 0}};
    std::vector<Rows> all;
    for (const Dict& file : files_) all.push_back({tensor_in(file), (*placement(file, path))["begin"].as<int64_t>()});
    return all;
  }
  Shape whole_shape(const Key& path, const Tensor& first) const {
    const Value* const at = placement(files_.front(), path);
    return at ? (*at)["shape"].as<Shape>() : first.shape();
  }

 private:
  static const Value* placement(const Dict& file, const Key& path) { return file["rows"].as<Dict>().find(path); }
  std::vector<Dict> files_;
};

/// This process's part of a tensor that was saved under `path`, or of one that lies as it does (a momentum).
template <class F>
Tensor own_part(const Files& files, const Dict& placements, const Key& path, const Shape& own, F tensor_in) {
  const Tensor first = tensor_in(files.first());
  const Value* const at = placements.find(path);
  const Shape expected = at ? (*at)["shape"].as<Shape>() : own, saved = files.whole_shape(path, first);
  if (saved != expected)
    fail("load_sharded", "expected {} of shape {}, got {}", path.quoted(), expected.to_string(), saved.to_string());
  Tensor part = empty(own, {.dtype = first.dtype()});
  copy_rows(part, at ? (*at)["begin"].as<int64_t>() : 0, files.pieces(path, tensor_in), path.quoted());
  return part;
}

Dict model_part(const Files& files, nn::ModuleBase& model, const Dict& placements) {
  Dict part = model.state_dict();
  const Dict& saved = files.first()["model"].as<Dict>();
  for (const auto& [key, value] : saved)
    if (!part.contains(key)) fail("load_sharded", "the checkpoint has {}, which the model has not", key.quoted());
  for (auto& [key, value] : part) {
    const Value* const first = saved.find(key);
    if (!first) fail("load_sharded", "the checkpoint lacks {}", key.quoted());
    if (!first->is<Tensor>() || !value.is<Tensor>()) value = *first;
    else
      value = own_part(files, placements, key, value.as<Tensor>().shape(),
                       [&key = key](const Dict& file) { return file["model"][key].as<Tensor>(); });
  }
  return part;
}

Dict optimizer_part(const Files& files, nn::ModuleBase& model, const optim::Optimizer& optimizer,
                    const Dict& placements) {
  if (files.first()["optimizer"].is_none()) fail("load_sharded", "the checkpoint was saved without an optimizer");
  std::map<const TensorImpl*, std::string> paths;
  for (const auto& [path, parameter] : model.named_parameters()) paths[parameter.impl()] = path;
  std::vector<Tensor> parameters;
  for (std::size_t i = 0; i < optimizer.group_count(); ++i)
    for (const Tensor& p : optimizer.group(i).parameters()) parameters.push_back(p);

  Dict part = files.first()["optimizer"].as<Dict>(), states;
  for (const auto& [id, saved] : part["state"].as<Dict>()) {
    const auto i = static_cast<std::size_t>(id.integer());
    const auto at = i < parameters.size() ? paths.find(parameters[i].impl()) : paths.end();
    Dict state;
    for (const auto& [name, value] : saved.as<Dict>()) {
      // What has the parameter's shape lies as the parameter does; a count of steps is everybody's, also where the
      // parameter is a number.
      const bool lies_so = at != paths.end() && name != "step" && value.is<Tensor>() &&
                           value.as<Tensor>().shape() == files.first()["model"][at->second].as<Tensor>().shape();
      state.set(name, !lies_so ? value
                               : Value(own_part(files, placements, at->second, parameters[i].shape(),
                                                [&id = id, &name = name](const Dict& file) {
                                                  return file["optimizer"]["state"][id][name].as<Tensor>();
                                                })));
    }
    states.set(id, std::move(state));
  }
  part.set("state", std::move(states));
  return part;
}

}  // namespace

void save_sharded(const fs::path& folder, nn::ModuleBase& model, const optim::Optimizer* optimizer, const Dict& extra) {
  constexpr const char* name = "save_sharded";
  int64_t number = 1;
  together(name, [&] {
    if (rank() != 0) return;
    fs::create_directories(folder);
    if (fs::exists(index_of(folder))) number = load(index_of(folder))["save"].as<int64_t>() + 1;
  });
  number = broadcast_object(number).as<int64_t>();
  together(name, [&] {
    const Value state = optimizer ? Value(optimizer->state_dict()) : Value();
    save(Dict{{"model", model.state_dict()}, {"rows", placements_of(model)}, {"optimizer", state}, {"extra", extra}},
         folder / file_name(number, rank(), world_size()));
  });
  together(name, [&] {
    if (rank() != 0) return;
    save(Dict{{"save", number}, {"processes", world_size()}}, index_of(folder));
    remove_others(folder, number);
  });
}

Dict load_sharded(const fs::path& folder, nn::ModuleBase& model, optim::Optimizer* optimizer) {
  const NoGrad guard;
  constexpr const char* name = "load_sharded";
  Dict own_model, own_optimizer, extra;
  together(name, [&] {
    const Files files(folder);
    const Dict placements = placements_of(model);
    own_model = model_part(files, model, placements);
    if (optimizer) own_optimizer = optimizer_part(files, model, *optimizer, placements);
    extra = files.first()["extra"].as<Dict>().clone();
  });
  together(name, [&] {
    if (optimizer) optimizer->load_state_dict(own_optimizer);
    model.load_state_dict(own_model);
  });
  return extra;
}

}  // namespace tenon::distributed
