// Choice between two tensors by a third.
#include "backend/elementwise.h"
#include "ops/common.h"

namespace tenon {
namespace {

void check_value(const Scalar& value, const Tensor& beside) {
  const DType dtype = beside.dtype();
  if (value.kind() == float64 && !is_floating_point(dtype)) return check_fits(value, float32, "where");
  if (dtype != float16 && dtype != bfloat16)
    check_fits(value, dtype, "where");  // those take what is too large for infinity
}

}  // namespace

Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b) {
  if (condition.dtype() != boolean)
    fail("where", "expected a condition of type bool, got {}: compare it with 0", condition.dtype());
  const Device device = common_device("where", {&condition, &a, &b});
  const DType dtype = result_type(a, b);
  const Shape shape = broadcast_shapes(broadcast_shapes(a.shape(), b.shape(), "where"), condition.shape(), "where");
  Tensor y;
  {
    const NoGrad guard;
    const Tensor first = as_type(a, dtype), second = as_type(b, dtype);
    y = new_result(shape, dtype, device, {&condition, &first, &second});
    on<ElementwiseKernels>(device).where(y, condition, first, second);
  }
  if (needs_grad(a, b))
    record("where", y, {&a, &b}, {&condition}, [la = Like(a), lb = Like(b)](Grads& g) {
      if (g.needs(0)) g.give(0, reduce_to(where(g.saved(0), g.in(), 0), la));
      if (g.needs(1)) g.give(1, reduce_to(where(g.saved(0), 0, g.in()), lb));
    });
  return y;
}

Tensor where(const Tensor& condition, const Tensor& a, const Scalar& b) {
  check_value(b, a);
  return where(condition, a, number_for(a, b));
}
Tensor where(const Tensor& condition, const Scalar& a, const Tensor& b) {
  check_value(a, b);
  return where(condition, number_for(b, a), b);
}
Tensor where(const Tensor& condition, const Scalar& a, const Scalar& b) {
  const DType kind = promote_types(a.kind(), b.kind());
  for (const Scalar& value : {a, b})
    if (kind == float64) check_fits(value, float32, "where");
  const TensorOptions options{.dtype = kind == float64 ? float32 : kind, .device = kCPU};
  return where(condition, full({}, a, options), full({}, b, options));
}

Tensor Tensor::where(const Tensor& condition, const Tensor& other) const {
  return tenon::where(condition, *this, other);
}
Tensor Tensor::where(const Tensor& condition, const Scalar& other) const {
  return tenon::where(condition, *this, other);
}

}  // namespace tenon
