#include "ops/elementwise/binary.h"

#include <algorithm>

#include "backend/elementwise.h"
#include "backend/memory.h"

namespace tenon {
namespace {

[[noreturn]] void fail_type(const char* name, const char* wanted, DType got) {
  fail(name, "expected {}, got a result of type {}: convert the tensors first", wanted, got);
}

DType type_of_result(BinaryOp op, const char* name, const Tensor& a, const Tensor& b) {
  refuse_carried(a.dtype());
  refuse_carried(b.dtype());
  const DType dtype = a.dtype() == b.dtype() ? a.dtype() : result_type(a, b);
  switch (op) {
    case BinaryOp::sub:
      if (a.dtype() == boolean || b.dtype() == boolean)
        fail(name, "bool tensors cannot be subtracted: convert one to int64 first");
      return dtype;
    case BinaryOp::div_trunc:
    case BinaryOp::div_floor:
    case BinaryOp::remainder:
    case BinaryOp::fmod:
    case BinaryOp::pow:
      if (dtype == boolean) fail_type(name, "numbers", dtype);
      return dtype;
    case BinaryOp::heaviside:
      if (a.dtype() != b.dtype()) fail(name, "expected tensors of one type, got {} and {}", a.dtype(), b.dtype());
      return dtype;
    case BinaryOp::bitwise_and:
    case BinaryOp::bitwise_or:
    case BinaryOp::bitwise_xor:
      if (is_floating_point(dtype)) fail_type(name, "integers or bool", dtype);
      return dtype;
    case BinaryOp::shift_left:
    case BinaryOp::shift_right:
    case BinaryOp::gcd:
    case BinaryOp::lcm:
      if (!is_integral(dtype)) fail_type(name, "integers", dtype);
      return dtype;
    case BinaryOp::hypot:
    case BinaryOp::nextafter:
    case BinaryOp::logaddexp:
    case BinaryOp::logaddexp2:
    case BinaryOp::igamma:
    case BinaryOp::igammac:
      if (!is_floating_point(dtype)) fail_type(name, "real numbers", dtype);
      return dtype;
    case BinaryOp::div:
    case BinaryOp::atan2:
    case BinaryOp::copysign:
    case BinaryOp::xlogy:
    case BinaryOp::zeta:
    case BinaryOp::ldexp: return real_type(dtype);
    default: return dtype;
  }
}

/// x as an operand of a result of type `dtype`. A number beside half types is rounded to them, but for products and
/// quotients, where PyTorch computes with the number as it is.
Tensor operand(BinaryOp op, const Tensor& x, DType dtype) {
  if (x.dtype() == dtype) return x;
  const bool half = dtype == float16 || dtype == bfloat16;
  const bool whole =
      op == BinaryOp::mul || op == BinaryOp::div || op == BinaryOp::div_trunc || op == BinaryOp::div_floor;
  const NoGrad guard;
  if (op == BinaryOp::ldexp && half) return as_type(x, float32);  // not all exponents are numbers of a half type
  return as_type(x, half && whole && x.dim() == 0 ? float32 : dtype);
}

bool divides(BinaryOp op) {
  return op == BinaryOp::div_trunc || op == BinaryOp::div_floor || op == BinaryOp::remainder || op == BinaryOp::fmod;
}

/// An error where integers would be divided by zero. The divisor is what `given` is in their type: 256 is 0 in uint8.
void check_divisor(const char* name, const Tensor& given, const Tensor& divisor) {
  if (!(divisor == 0).any().item<bool>()) return;
  if (!(given == 0).any().item<bool>())
    fail(name, "division of integers by zero: a divisor does not fit into {}, where it is 0: convert to a wider type",
         divisor.dtype());
  fail(name, "division of integers by zero: convert to a real type first");
}

/// The second operand of a result of type `dtype` and shape `result` on `device`.
Tensor right_operand(BinaryOp op, const char* name, const Tensor& b, DType dtype, const Shape& result,
                     const Device& device) {
  Tensor y = operand(op, b, dtype);
  const bool is_empty = std::ranges::find(result, 0) != result.end();  // how many there are may be no number
  if (divides(op) && !is_floating_point(dtype) && !is_empty && device != kMeta) check_divisor(name, b, y);
  return y;
}

}  // namespace

Tensor binary(BinaryOp op, const char* name, const Tensor& a, const Tensor& b, const Scalar& alpha) {
  const DType dtype = type_of_result(op, name, a, b);
  const Device device = a.device() == b.device() ? a.device() : common_device(name, {&a, &b});
  const Shape shape = broadcast_shapes(a.shape(), b.shape(), name);
  const Tensor x = operand(op, a, dtype), y = right_operand(op, name, b, dtype, shape, device);
  Tensor out = new_result(shape, dtype, device, {&x, &y});
  on<ElementwiseKernels>(device).binary(op, out, x, y, alpha);
  if (a.impl()->wrapped_number && b.impl()->wrapped_number) out.impl()->wrapped_number = true;
  return out;
}

void record_constant(const char* name, const Tensor& y, const Tensor& a, const Tensor& b) {
  if (!needs_grad(a, b)) return;
  record(name, y, {&a, &b}, {}, [la = Like(a), lb = Like(b)](Grads& g) {
    const Tensor zero = zeros_like(g.in());
    if (g.needs(0)) g.give(0, reduce_to(zero, la));
    if (g.needs(1)) g.give(1, reduce_to(zero, lb));
  });
}

void check_binary_in_place(BinaryOp op, const char* name, const Tensor& x, const Tensor& other) {
  const DType dtype = type_of_result(op, name, x, other);
  check_result_fits(name, x, broadcast_shapes(x.shape(), other.shape(), name), dtype);
  if (x.device() != other.device() && !(other.dim() == 0 && other.device() == kCPU)) check_same_device(x, other, name);
  if (divides(op)) right_operand(op, name, other, dtype, x.shape(), x.device());
}

void binary_into(BinaryOp op, const char* name, const Tensor& x, const Tensor& other, const Scalar& alpha) {
  const DType dtype = type_of_result(op, name, x, other);
  if (dtype == x.dtype()) on<ElementwiseKernels>(x.device()).binary(op, x, x, operand(op, other, dtype), alpha);
  else on<MemoryKernels>(x.device()).copy(x, binary(op, name, x, other, alpha));
}

}  // namespace tenon
