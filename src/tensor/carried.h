#pragma once
// The gate before what is computed: data types that are only carried do not come through.
#include <tenon/dtype.h>

namespace tenon {

[[noreturn]] void fail_carried(DType t);

/// An error that says what to do, for a type that is stored, copied and converted but not computed with.
inline void refuse_carried(DType t) {
  if (is_carried(t)) [[unlikely]]
    fail_carried(t);
}

}  // namespace tenon
