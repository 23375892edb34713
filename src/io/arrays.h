#pragma once
// NumPy's arrays, from and to anything.
#include <tenon/tensor.h>
#include <tenon/value.h>

#include "base/internal_api.h"
#include "io/npy_header.h"
#include "io/sink.h"
#include "io/zip.h"

namespace tenon::io {

/// The elements behind a header. Memory is taken only for bytes that are there.
Tensor read_elements(Source& source, const NpyHeader& header);
/// One array in the .npy form; the source is left behind it.
TENON_INTERNAL_API Tensor read_npy(Source& source);

/// Whether an archive is an .npz: there is something in it, and nothing but arrays.
bool holds_arrays(const ZipReader& zip);
Dict read_npz(ZipReader& zip);

/// The sink is finished. An error for what NumPy has no type for, before anything is written.
TENON_INTERNAL_API void write_npy(Sink& sink, const Tensor& x);
void write_npz(Sink& sink, const Dict& arrays, bool compressed);

}  // namespace tenon::io
