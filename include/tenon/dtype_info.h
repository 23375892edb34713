#pragma once
// The limits of data types.
#include <cstdint>

#include <tenon/dtype.h>

#pragma GCC visibility push(default)

namespace tenon {

/// What torch.finfo says.
struct FloatInfo {
  DType dtype;  ///< of a complex type its parts'
  int bits;
  double eps;  ///< from 1 to the next number
  double max, min;
  double tiny;        ///< the smallest positive number of full precision
  double resolution;  ///< ten to the power of −(decimal digits that always hold)
};

/// What torch.iinfo says.
struct IntInfo {
  DType dtype;
  int bits;
  int64_t min;
  uint64_t max;
};

/// Of a floating-point or complex type; an error for others. Source: torch.finfo.
FloatInfo finfo(DType dtype);
/// Of an integer type; an error for others, bool too. Source: torch.iinfo.
IntInfo iinfo(DType dtype);

}  // namespace tenon

#pragma GCC visibility pop
