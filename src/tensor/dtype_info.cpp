#include <tenon/dtype_info.h>

#include <cfloat>
#include <limits>

#include <tenon/error.h>

namespace tenon {

FloatInfo finfo(DType dtype) {
  const DType t = part_type(dtype);
  const auto info = [t](double eps, double max, double tiny, double resolution) {
    return FloatInfo{t, static_cast<int>(item_size(t)) * 8, eps, max, -max, tiny, resolution};
  };
  switch (t) {
    case DType::float16: return info(0x1p-10, 65504, 0x1p-14, 1e-3);
    case DType::bfloat16: return info(0x1p-7, 0x1.FEp127, FLT_MIN, 1e-2);
    case DType::float32: return info(FLT_EPSILON, FLT_MAX, FLT_MIN, 1e-6);
    case DType::float64: return info(DBL_EPSILON, DBL_MAX, DBL_MIN, 1e-15);
    case DType::float8_e4m3fn: return info(0x1p-3, 448, 0x1p-6, 1);
    case DType::float8_e5m2: return info(0x1p-2, 57344, 0x1p-14, 1);
    case DType::float8_e4m3fnuz: return info(0x1p-3, 240, 0x1p-7, 1);
    case DType::float8_e5m2fnuz: return info(0x1p-2, 57344, 0x1p-15, 1);
    case DType::float8_e8m0fnu: return {t, 8, 1, 0x1p127, 0x1p-127, 0x1p-127, 1};  // has no zero and no sign
    default: fail("finfo", "expected a floating-point or complex type, got {}: iinfo() is for integers", dtype);
  }
}

IntInfo iinfo(DType dtype) {
  if (!is_integral(dtype))
    fail("iinfo", "expected an integer type, got {}: finfo() is for floating-point types", dtype);
  const int bits = static_cast<int>(item_size(dtype)) * 8;
  const uint64_t all = std::numeric_limits<uint64_t>::max() >> (64 - bits);
  if (!is_signed(dtype)) return {dtype, bits, 0, all};
  return {dtype, bits, std::numeric_limits<int64_t>::min() >> (64 - bits), all >> 1};
}

}  // namespace tenon
