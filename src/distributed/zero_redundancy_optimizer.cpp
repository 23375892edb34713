#include <tenon/distributed/zero_redundancy_optimizer.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include <tenon/distributed/collectives.h>
#include <tenon/distributed/objects.h>
#include <tenon/ops.h>

namespace tenon::distributed::detail {

std::vector<int64_t> owners_of(const std::vector<Tensor>& parameters, int64_t processes) {
  std::vector<std::size_t> order(parameters.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, std::greater(), [&](std::size_t i) { return parameters[i].numel(); });
  std::vector<int64_t> owners(parameters.size()), load(static_cast<std::size_t>(processes));
  for (const std::size_t i : order) {
    const auto least = std::ranges::min_element(load);
    owners[i] = least - load.begin();
    *least += parameters[i].numel();
  }
  return owners;
}

OwnStep::OwnStep(std::vector<Tensor> parameters, Group group)
    : group_(std::move(group)), parameters_(std::move(parameters)), owners_(owners_of(parameters_, group_.size())) {
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    gradients_.push_back(parameters_[i].grad());
    if (owners_[i] != group_.rank()) parameters_[i].set_grad({});
  }
}

OwnStep::~OwnStep() {
  for (std::size_t i = 0; i < parameters_.size(); ++i)
    if (owners_[i] != group_.rank()) parameters_[i].set_grad(gradients_[i]);
}

void OwnStep::spread() const {
  std::vector<Work> works;
  for (std::size_t i = 0; i < parameters_.size(); ++i)
    if (gradients_[i].defined())
      works.push_back(broadcast(parameters_[i], owners_[i], {.group = group_, .async_op = true}));
  for (const Work& w : works) w.wait();
}

std::optional<Dict> whole_state(const Dict& own, int64_t to, const Group& group) {
  const std::vector<Value> all = gather_object(own, to, group);
  if (all.empty()) return std::nullopt;
  Dict whole = own;
  Dict states;
  std::vector<std::pair<int64_t, Value>> found;
  for (const Value& one : all)
    for (const auto& [id, state] : one["state"].as<Dict>()) found.emplace_back(id.integer(), state);
  std::ranges::sort(found, {}, &std::pair<int64_t, Value>::first);
  for (auto& [id, state] : found) states.set(id, std::move(state));
  whole.set("state", std::move(states));
  return whole;
}

Dict own_state(const Dict& whole, const std::vector<Tensor>& parameters, const Group& group) {
  const std::vector<int64_t> owners = owners_of(parameters, group.size());
  Dict own = whole, states;
  // Ids count the parameters of all groups.
  for (const auto& [id, state] : whole["state"].as<Dict>()) {
    const auto i = static_cast<std::size_t>(id.integer());
    if (i >= owners.size() || owners[i] == group.rank()) states.set(id, state);
  }
  own.set("state", std::move(states));
  return own;
}

}  // namespace tenon::distributed::detail
