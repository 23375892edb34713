#pragma once
// torch.save's zip form, from PyTorch 1.6 on.
#include <tenon/io/checkpoint.h>

#include "io/mapped_file.h"
#include "io/sink.h"
#include "io/zip.h"

namespace tenon::io {

/// Reads one, or on request a TorchScript archive's weights. Where `mapping` is given, which is the same file, tensors
/// lie in it as far as they are aligned there; else they are copies.
Value read_zip_checkpoint(ZipReader& zip, const MappedFile* mapping, const LoadOptions& options);

/// Writes one; `folder`: what its entries stand in. The sink is finished.
void write_zip_checkpoint(Sink& sink, const std::string& folder, const Value& value);

}  // namespace tenon::io
