#pragma once
// What stands before an array's bytes in a .npy file: a magic text, a version, and a line that is a Python dictionary.
#include <string>

#include <tenon/dtype.h>
#include <tenon/shape.h>

#include "io/stream.h"

namespace tenon::io {

struct NpyHeader {
  DType dtype;
  bool swapped = false;        ///< the bytes of a number stand in the other order
  bool fortran_order = false;  ///< the first dimension runs fastest
  Shape shape;
};

/// Reads it, and leaves the source where the array's bytes begin. An error for anything that is not exactly such a
/// header, or of a type that no tensor has.
NpyHeader read_npy_header(Source& source);

/// What the name of a type says (">f8"): data type and byte order, of no shape. An error for one that no tensor has.
NpyHeader header_of_type(const Source& source, std::string_view descr);

/// The header of a row-major array, padded so that the bytes after it are aligned. An error naming `operation` for a
/// type that NumPy does not have.
std::string npy_header(std::string_view operation, DType dtype, const Shape& shape);

}  // namespace tenon::io
