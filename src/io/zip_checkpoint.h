#pragma once
// torch.save's zip form, from PyTorch 1.6 on.
#include <tenon/io/checkpoint.h>

#include "io/mapped_file.h"
#include "io/stream.h"

namespace tenon::io {

/// Reads one. Where `mapping` is given, which is the same file, tensors lie in it as far as they are aligned there;
/// else they are copies.
Value read_zip_checkpoint(std::unique_ptr<SeekableSource> file, const MappedFile* mapping, const LoadOptions& options);

}  // namespace tenon::io
