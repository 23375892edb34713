#include <tenon/distributed/fully_shard.h>

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

}  // namespace tenon::distributed
