#pragma once
// Values as a pickle of protocol 2, to the byte as torch.save's has it.
#include <string>
#include <vector>

#include <tenon/value.h>

namespace tenon::io {

struct PickledCheckpoint {
  std::string pickle;
  std::vector<Ref<Storage>> storages;  ///< "0", "1", … by their first use
};

/// An error naming `operation` and the key for what has no place in a file: an undefined tensor, or values nested too
/// deeply.
PickledCheckpoint pickled(const Value& value, std::string_view operation);

}  // namespace tenon::io
