#pragma once
// What stands before the tensors' bytes in a safetensors file: the length of a JSON object, and the object.
#include <optional>
#include <string>
#include <vector>

#include <tenon/dtype.h>
#include <tenon/shape.h>
#include <tenon/value.h>

#include "base/internal_api.h"
#include "io/stream.h"

namespace tenon::io {

struct SafetensorsEntry {
  std::string name;
  DType dtype = DType::float32;
  Shape shape;
  uint64_t begin = 0, end = 0;  ///< where its bytes lie, from the end of the header on
};

struct SafetensorsHeader {
  std::vector<SafetensorsEntry> tensors;  ///< read: in the order of their names; written: in that of their places
  Dict metadata;                          ///< texts by name
};

/// Reads it, and leaves the source where the tensors' bytes begin. These are then known to be there, all of them and no
/// more, one tensor behind the other, each as long as its type and shape say. An error for anything else.
TENON_INTERNAL_API SafetensorsHeader read_safetensors_header(Source& source);

/// The bytes of a header, padded so that the tensors' bytes are aligned. `operation` is for the error where a text is
/// not UTF-8.
TENON_INTERNAL_API std::string safetensors_header(std::string_view operation, const SafetensorsHeader& header);

/// The format's types, in the order in which tensors stand in a file: higher numbers later. None for a type that it
/// does not have.
std::optional<int> safetensors_rank(DType dtype);

}  // namespace tenon::io
