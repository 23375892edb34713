#pragma once
// What torch.save wrote before PyTorch 1.6: pickles one after another, then the storages' bytes.
#include <tenon/io/checkpoint.h>

#include "io/mapped_file.h"
#include "io/stream.h"

namespace tenon::io {

/// Reads one, or a plain pickle, which holds no tensors. Where `mapping` is given, which is the same file, tensors lie
/// in it as far as they are aligned there; else they are copies. `length`, where given, is set to how long it is; else
/// more behind a plain pickle is an error.
Value read_legacy_checkpoint(SeekableSource& file, const MappedFile* mapping, const LoadOptions& options,
                             uint64_t* length);

}  // namespace tenon::io
