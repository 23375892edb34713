#pragma once
// The safetensors format: named tensors and nothing else, where they can be used as they lie in the file.
#include <tenon/value.h>

#include "base/internal_api.h"
#include "io/mapped_file.h"
#include "io/sink.h"

namespace tenon::io {

/// The tensors in such a file by their names, in the order of these, on the file's own bytes; the texts that stand
/// beside them ("format": "pt") as the dict's metadata(), if there are any. A damaged file is refused: sizes, places
/// and types must agree to the byte. Source: safetensors.torch.load_file.
TENON_INTERNAL_API Dict read_safetensors(const MappedFile& file);
/// The same from anything; the tensors are copies.
TENON_INTERNAL_API Dict read_safetensors(SeekableSource& source);
/// Whether a file that begins with these bytes (nine are enough) can be such a file at all.
bool begins_as_safetensors(std::span<const std::byte> begin);

/// Writes a dict of tensors, and the texts in its metadata(), to the byte as Python's safetensors does; the versions of
/// modules there have no place in the format. A tensor may lie on the tape and have any strides. Tensors that share
/// memory (tied weights, views) are each written in full, so that every name is there when the file is loaded; Python's
/// save_file refuses them, its save_model leaves names out. An error that names the key, before anything is written,
/// for anything but tensors with a name, for those on the meta device, and for complex32 and complex128, which the
/// format does not have. Source: safetensors.torch.save_file.
TENON_INTERNAL_API void write_safetensors(Sink& sink, const Dict& tensors);

}  // namespace tenon::io
