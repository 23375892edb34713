#pragma once
#include <set>
#include <string>
#include <vector>

#include "io/pickle_graph.h"

namespace tenon::io {

/// Where something stands, as one would write it in Python: ['model']['fc1.weight'][0].
std::string key_text(const PickleGraph& graph, PickleGraph::Index key);

struct UnknownName {
  std::string name;  ///< module.Name
  std::string path;  ///< of the first place; empty: the whole
};
/// The names that are neither known nor allowed, in the order in which they come, each once a place.
std::vector<UnknownName> unknown_names(const PickleGraph& graph);

/// Those of the names whose objects are modules of PyTorch's, by what they hold.
std::set<std::string> modules(const PickleGraph& graph);

}  // namespace tenon::io
