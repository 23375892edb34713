#include <tenon/nn/functional_call.h>

#include <algorithm>

#include "nn/entries.h"

namespace tenon::nn {
namespace {

/// Where a parameter or buffer is kept, and its path.
struct Place {
  std::string name;
  Tensor* slot;
};

/// Every place that holds a tensor, what is shared in each.
void collect(ModuleBase& module, const std::string& path, std::vector<Place>& places) {
  const Entries entries(module);
  const auto add = [&](const auto& list) {
    for (const auto& [key, slot] : list)
      if (slot->defined()) places.push_back({join(path, key), slot});
  };
  add(entries.parameters);
  add(entries.buffers);
  for (const auto& [key, child] : entries.children)
    if (child) collect(*child, join(path, key), places);
}

const Place& place_of(const std::vector<Place>& places, const ModuleBase& module, const std::string& name) {
  const auto found = std::find_if(places.begin(), places.end(), [&](const Place& p) { return p.name == name; });
  if (found == places.end()) fail("functional_call", "{} has no parameter or buffer \"{}\"", module.type_name(), name);
  return *found;
}

}  // namespace

detail::Replaced::Replaced(ModuleBase& module, const std::vector<NamedTensor>& tensors,
                           const FunctionalCallOptions& options) {
  std::vector<Place> places;
  collect(module, "", places);
  std::vector<const NamedTensor*> by(places.size(), nullptr);  // what comes to each place
  for (const NamedTensor& given : tensors) {
    const Place& place = place_of(places, module, given.name);
    if (!given.tensor.defined()) fail("functional_call", "the tensor for \"{}\" is undefined", given.name);
    for (std::size_t i = 0; i < places.size(); ++i) {
      if (&places[i] != &place && !(options.tie_weights && places[i].slot->is_same(*place.slot))) continue;
      if (by[i] && !by[i]->tensor.is_same(given.tensor))
        fail("functional_call", "\"{}\" and \"{}\" are one tensor in {}, and were given two", by[i]->name, given.name,
             module.type_name());
      by[i] = &given;
    }
  }
  for (std::size_t i = 0; i < places.size() && options.strict; ++i)
    if (!by[i]) fail("functional_call", "nothing was given for \"{}\", and strict asks for everything", places[i].name);
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (!by[i]) continue;
    slots_.push_back({places[i].slot, *places[i].slot});
    *places[i].slot = by[i]->tensor;
  }
}

detail::Replaced::~Replaced() {
  for (std::size_t i = slots_.size(); i-- > 0;) *slots_[i].tensor = std::move(slots_[i].before);
}

}  // namespace tenon::nn
