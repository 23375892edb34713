#pragma once
// Checkpoints in several files (shards), with an index beside them: model.safetensors.index.json.
#include <string>
#include <utility>
#include <vector>

#include "base/internal_api.h"
#include "io/stream.h"

namespace tenon::io {

/// The tensors' names, each with the name of the file beside the index that has it, in the index's order. An error for
/// anything but such an index, and for one that names files elsewhere.
TENON_INTERNAL_API std::vector<std::pair<std::string, std::string>> read_shard_index(SeekableSource& source);

}  // namespace tenon::io
