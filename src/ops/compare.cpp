// Comparisons: bool results, nothing to record.
#include "ops/common.h"

namespace tenon {
namespace {

Tensor run(CompareOp op, const char* name, const Tensor& a, const Tensor& b) {
  check_same_device(a, b, name);
  const DType dtype = result_type(a, b);
  Tensor out = a.shape() == b.shape() ? new_like(a, boolean) : new_tensor(broadcast_shapes(a.shape(), b.shape(), name), boolean, a.device());
  const NoGrad guard;
  backend_for(out.device()).compare(op, out, as_type(a, dtype), as_type(b, dtype));
  return out;
}

}  // namespace

Tensor operator==(const Tensor& a, const Tensor& b) { return run(CompareOp::eq, "eq", a, b); }
Tensor operator!=(const Tensor& a, const Tensor& b) { return run(CompareOp::ne, "ne", a, b); }
Tensor operator<(const Tensor& a, const Tensor& b) { return run(CompareOp::lt, "lt", a, b); }
Tensor operator<=(const Tensor& a, const Tensor& b) { return run(CompareOp::le, "le", a, b); }
Tensor operator>(const Tensor& a, const Tensor& b) { return run(CompareOp::gt, "gt", a, b); }
Tensor operator>=(const Tensor& a, const Tensor& b) { return run(CompareOp::ge, "ge", a, b); }
Tensor operator==(const Tensor& a, const Scalar& b) { return a == number_for(a, b); }
Tensor operator!=(const Tensor& a, const Scalar& b) { return a != number_for(a, b); }
Tensor operator<(const Tensor& a, const Scalar& b) { return a < number_for(a, b); }
Tensor operator<=(const Tensor& a, const Scalar& b) { return a <= number_for(a, b); }
Tensor operator>(const Tensor& a, const Scalar& b) { return a > number_for(a, b); }
Tensor operator>=(const Tensor& a, const Scalar& b) { return a >= number_for(a, b); }
Tensor Tensor::eq(const Tensor& other) const { return *this == other; }
Tensor Tensor::eq(const Scalar& other) const { return *this == other; }

}  // namespace tenon
