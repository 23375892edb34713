#pragma once
// Calls in a pickle that make tensors.
#include <stdexcept>
#include <unordered_set>

#include "io/pickle_graph.h"
#include "io/pickle_names.h"
#include "io/pickle_values.h"

namespace tenon::io {

/// What is wrong with the arguments of a call.
struct BadArgument : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The arguments of a call, by place; BadArgument where one is missing or something else.
class Arguments {
 public:
  using Index = PickleGraph::Index;
  /// `tuple`: an object of the graph.
  Arguments(const PickleGraph& graph, Index tuple);

  std::size_t size() const { return items_.size(); }
  Index at(std::size_t place) const;
  const PickleGraph& graph() const { return graph_; }
  int64_t integer(std::size_t place) const;
  double real(std::size_t place) const;
  bool boolean(std::size_t place) const;
  std::string_view text(std::size_t place) const;
  std::string_view global(std::size_t place) const;
  const std::vector<Index>& items(std::size_t place) const;  ///< of a list, a tuple or a set
  Shape shape(std::size_t place) const;                      ///< a tuple of integers, or a torch.Size
  bool is_none(std::size_t place) const;

 private:
  const PickleGraph& graph_;
  const std::vector<Index>& items_;
};

/// What a persistent object of the graph says. BadArgument where it is no storage.
StorageName storage_name(const PickleGraph& graph, PickleGraph::Index persistent);

class PickledTensors {
 public:
  explicit PickledTensors(Storages& storages) : storages_(storages) {}

  /// Tenons's tensor for a call of one of the four functions. BadArgument, StorageProblem.
  Tensor make(Known function, const Arguments& arguments);

 private:
  Tensor meta(const Arguments& arguments);
  void check_booleans(const Ref<Storage>& storage);

  Storages& storages_;
  std::unordered_set<const Storage*> checked_;
};

}  // namespace tenon::io
