#pragma once
// Which form a file has.
#include <span>

#include "base/internal_api.h"
#include "io/stream.h"

namespace tenon::io {

enum class Form : uint8_t {
  zip,          ///< an archive: torch.save's, or NumPy's .npz
  pickle,       ///< what torch.save wrote before PyTorch 1.6, or a plain one
  safetensors,  ///< tensors by name
  npy,          ///< one array of NumPy's
  index,        ///< JSON that says which file has which tensor
};

/// Decided by the file's first bytes and its size, so that a name that says something else does no harm; the source is
/// left at its begin. For anything else an error that says what the file is, as far as that can be seen, and what to
/// do.
TENON_INTERNAL_API Form form_of(SeekableSource& file);
/// Whether that would be Form::zip, by the first bytes alone (nine are enough): of a stream, whose size nobody knows.
TENON_INTERNAL_API bool begins_as_archive(std::span<const std::byte> begin);

}  // namespace tenon::io
