#pragma once
// Each element of the result is made of those in its place: inputs broadcast to out's shape; any strides, any dtype
// unless said. An operand of 0 dimensions may lie on the CPU whatever the device: a number beside tensors, which costs
// no memory there and no copy.
#include <optional>

#include "backend/kernels.h"
#include "backend/kinds.h"

namespace tenon {

struct ElementwiseKernels {
  Kernel<"unary", void(UnaryOp, const Tensor& out, const Tensor& in)> unary;
  /// Of real numbers; out is bool.
  Kernel<"test", void(TestOp, const Tensor& out, const Tensor& in)> test;
  /// All of one dtype (a 0-dim operand beside half types may be float32, a number that is not rounded); b is scaled by
  /// alpha in add and sub. No divisor of an integer is 0.
  Kernel<"binary", void(BinaryOp, const Tensor& out, const Tensor& a, const Tensor& b, const Scalar& alpha)> binary;
  /// out is bool.
  Kernel<"compare", void(CompareOp, const Tensor& out, const Tensor& a, const Tensor& b)> compare;
  /// All of one dtype (0-dim operands as in binary).
  Kernel<"ternary",
         void(TernaryOp, const Tensor& out, const Tensor& x, const Tensor& a, const Tensor& b, const Scalar& value)>
      ternary;
  /// All but the condition (bool) of one dtype.
  Kernel<"where", void(const Tensor& out, const Tensor& condition, const Tensor& a, const Tensor& b)> where;
  /// in, between the bounds that there are; they lie in the dtype's range.
  Kernel<"clamp", void(const Tensor& out, const Tensor& in, std::optional<Scalar> min, std::optional<Scalar> max)>
      clamp;
  /// in rounded to 10^-decimals; out may be in.
  Kernel<"round_decimals", void(const Tensor& out, const Tensor& in, int64_t decimals)> round_decimals;
  Kernel<"polygamma", void(const Tensor& out, const Tensor& in, int64_t n)> polygamma;

  static const ElementwiseKernels cpu, cuda, meta;
};

}  // namespace tenon
