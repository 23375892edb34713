#include <array>
#include <optional>
#include <utility>

#include "io/pickle_values.h"

namespace tenon::io {
namespace {

constexpr std::array<std::pair<std::string_view, DType>, 13> classes{{
    {"FloatStorage", float32},
    {"DoubleStorage", float64},
    {"HalfStorage", float16},
    {"BFloat16Storage", bfloat16},
    {"LongStorage", int64},
    {"IntStorage", int32},
    {"ShortStorage", int16},
    {"CharStorage", int8},
    {"ByteStorage", uint8},
    {"BoolStorage", boolean},
    {"ComplexFloatStorage", complex64},
    {"ComplexDoubleStorage", complex128},
    {"UntypedStorage", uint8},
}};

}  // namespace

std::optional<DType> dtype_of_storage_class(std::string_view name) {
  for (const auto& [known, dtype] : classes)
    if (known == name) return dtype;
  return {};
}

std::string_view storage_class_of(DType dtype) {
  for (const auto& [name, known] : classes)
    if (known == dtype) return name;
  return {};
}

}  // namespace tenon::io
