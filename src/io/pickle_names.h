#pragma once
// The names in pickles that mean something here.
#include <optional>
#include <string_view>

#include <tenon/dtype.h>

namespace tenon::io {

/// What a name makes when it is called (`tensor` … `complex`), or stands for by itself.
enum class Known : uint8_t {
  tensor_v1,
  tensor_v2,
  tensor_v3,
  meta_tensor,
  parameter,
  parameter_with_state,
  from_type,
  ordered_dict,
  counter,
  size,
  device,
  bytes,
  bytearray,
  set,
  complex,
  numpy_scalar,
  numpy_array,
  numpy_buffer,
  numpy_dtype,
  numpy_array_class,
  dtype,
  storage_class,
  tensor_class,
  parameter_class,
};

/// `name`: module and name with a line break between them, as in PickleGraph. Nothing for a name that could be
/// anything.
std::optional<Known> known(std::string_view name);

/// The type that `torch\nfloat32` is; nothing where Tenon has no such type.
std::optional<DType> dtype_of_global(std::string_view name);

}  // namespace tenon::io
