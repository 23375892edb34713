#pragma once
// Small things that every distribution needs.
#include <tenon/random.h>

#include "ops/in_place.h"
#include "tensor/carried.h"

namespace tenon::random {

template <class T>
struct Type {};

/// Calls f(Type<T>) with the data type.
template <class F>
void visit_floating_point(DType t, F&& f) {
  switch (t) {
    case DType::float16: return f(Type<Half>());
    case DType::bfloat16: return f(Type<BFloat16>());
    case DType::float32: return f(Type<float>());
    case DType::float64: return f(Type<double>());
    default: fail_carried(t);
  }
}

template <class F>
void visit_any(DType t, F&& f) {
  switch (t) {
    case DType::boolean: return f(Type<bool>());
    case DType::uint8: return f(Type<uint8_t>());
    case DType::int8: return f(Type<int8_t>());
    case DType::int16: return f(Type<int16_t>());
    case DType::int32: return f(Type<int32_t>());
    case DType::int64: return f(Type<int64_t>());
    default: return visit_floating_point(t, f);
  }
}

/// x is drawn anew by `draw(x)`, and no longer depends on anything.
template <class F>
void redraw(const char* name, const Tensor& x, F&& draw) {
  overwrite(name, x, {}, draw, [](Grads&) {});
}

}  // namespace tenon::random
