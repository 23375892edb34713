#include <tenon/distributed/fully_shard.h>

#include <algorithm>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <tenon/distributed/collectives.h>
#include <tenon/distributed/objects.h>
#include <tenon/grad_mode.h>
#include <tenon/ops.h>

#include "distributed/sharded_unit.h"

namespace tenon::distributed {

using detail::ShardedUnit;

namespace {

/// The norm of an empty tensor is what changes no other's.
Tensor norm_of(const Tensor& x, double p) {
  if (x.numel() > 0) return x.norm(p);
  return full({}, p < 0 ? std::numeric_limits<double>::infinity() : 0, {.dtype = x.dtype()});
}

/// Gradients of which the processes of a group have rows: their places among all that are clipped.
struct Shards {
  Group group;
  std::vector<std::size_t> at;
};

/// The norms of their rows become those of the whole gradients, all in one exchange.
void make_whole(std::vector<Tensor>& norms, const Shards& shards, double p) {
  std::vector<Tensor> own;
  own.reserve(shards.at.size());
  for (const std::size_t i : shards.at) own.push_back(norms[i].to(float64));
  const Tensor rows = stack(all_gather(stack(own), {.group = shards.group}).result());  // (processes, gradients)
  const Tensor whole = p == 0 ? rows.sum({0}) : rows.norm(p, {0});
  for (std::size_t i = 0; i < shards.at.size(); ++i) {
    Tensor& norm = norms[shards.at[i]];
    norm = whole.select(0, static_cast<int64_t>(i)).to(norm.dtype());
  }
}

}  // namespace

void fully_shard(nn::ModuleBase& module, const FullyShardOptions& options) {
  std::make_shared<ShardedUnit>(module, options)->listen(module);
}

Dict full_state_dict(nn::ModuleBase& model, int64_t to) {
  const NoGrad guard;
  Dict whole = model.state_dict();
  for (auto& [path, parameter] : model.named_parameters({.remove_duplicate = false})) {
    const auto unit = ShardedUnit::of(parameter);
    if (!unit) continue;
    const Tensor all = unit->whole(parameter);
    if (unit->group().rank() == to) whole.set(path, all);
  }
  if (rank() != to) whole.clear();
  return whole;
}

void load_full_state_dict(nn::ModuleBase& model, const Dict& state_dict, int64_t from) {
  const NoGrad guard;
  std::map<std::string, Tensor> parameters;
  for (const auto& [path, parameter] : model.named_parameters({.remove_duplicate = false}))
    parameters[path] = parameter;
  Dict own = model.state_dict();
  std::vector<std::pair<std::shared_ptr<ShardedUnit>, Tensor>> wholes;
  std::string wrong;
  for (const auto& [key, value] : own) {
    const auto at = parameters.find(key.to_string());
    const auto unit = at == parameters.end() ? nullptr : ShardedUnit::of(at->second);
    const Tensor whole = unit ? unit->whole(at->second) : value.as<Tensor>().clone();
    wholes.emplace_back(unit, whole);
    if (rank() != from || !wrong.empty()) continue;
    const Value* given = state_dict.find(key);
    if (!given) wrong = fmt::format("the state dict lacks {}", key.quoted());
    else if (const Tensor x = given->as<Tensor>(); x.shape() != whole.shape())
      wrong = fmt::format("expected {} of shape {}, got {}", key.quoted(), whole.shape().to_string(),
                          x.shape().to_string());
    else whole.copy_(x);
  }
  wrong = broadcast_object(wrong, from).as<std::string>();
  if (!wrong.empty()) fail("load_full_state_dict", "{}", wrong);
  std::size_t i = 0;
  for (auto& [key, value] : own) {
    const auto& [unit, whole] = wholes[i++];
    broadcast(whole, from);
    value = unit ? unit->rows_of(whole) : whole;
  }
  model.load_state_dict(own);
}

Tensor clip_grad_norm_(const TensorList& parameters, double max_norm, const nn::ClipGradNormOptions& options) {
  const NoGrad guard;
  const double p = options.norm_type;
  std::vector<Tensor> norms;
  std::vector<Shards> all_shards;  // in an order that is everybody's
  for (const Tensor& parameter : parameters) {
    const Tensor grad = parameter.grad();
    if (!grad.defined()) continue;
    norms.push_back(norm_of(grad, p));
    const auto unit = ShardedUnit::of(parameter);
    if (!unit || unit->group().size() == 1) continue;
    const auto is_its = [&](const Shards& s) { return &s.group.communicator() == &unit->group().communicator(); };
    auto at = std::ranges::find_if(all_shards, is_its);
    if (at == all_shards.end()) at = all_shards.insert(at, {.group = unit->group(), .at = {}});
    at->at.push_back(norms.size() - 1);
  }
  for (const Shards& shards : all_shards) make_whole(norms, shards, p);
  Tensor total = nn::get_total_norm(norms, options);
  nn::clip_grads_with_norm_(parameters, max_norm, total);
  return total;
}

}  // namespace tenon::distributed
