#pragma once
// From a pickle's objects to values: what the names in it mean.
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include <tenon/io/checkpoint.h>

#include "base/internal_api.h"
#include "io/pickle_graph.h"

namespace tenon::io {

/// A storage as a pickle names it.
struct StorageName {
  std::string key;
  std::string location;  ///< "cpu", "cuda:1"
  DType dtype;           ///< uint8 for one that is counted in bytes
  int64_t numel;
  // Before PyTorch 1.6 one could be a part of another.
  std::string view_key = {};  ///< empty: it is not
  int64_t view_offset = 0, view_numel = 0;
};

/// What is wrong with a storage, to be completed by where it is named.
struct StorageProblem : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Where storages come from.
class Storages {
 public:
  virtual ~Storages() = default;
  /// The same one for the same key, on the device where it goes. It has at least the bytes that the name says, or a
  /// StorageProblem is thrown.
  virtual Ref<Storage> get(const StorageName& name) = 0;
};

/// What was read into the CPU's memory, where it goes.
Ref<Storage> moved(Ref<Storage> storage, const Device& place);

/// The value that a pickle describes. `storages` has what it refers to. An error says what is wrong at which byte and
/// under which key; one for names that are neither known nor allowed lists all of them.
TENON_INTERNAL_API Value values_of(const PickleGraph& graph, Storages& storages, const LoadOptions& options);

/// The data type of a storage class ("FloatStorage"); nothing for one that is not known.
std::optional<DType> dtype_of_storage_class(std::string_view name);
/// PyTorch's storage class for a type; empty where it has none of its own.
std::string_view storage_class_of(DType dtype);

/// The builder of a name that is allowed here; nothing: it is not. An empty builder: it is to be carried.
std::optional<Builder> allowed_builder(const std::string& full_name);

}  // namespace tenon::io
