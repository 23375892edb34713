// The activation functions' own kernels.
#include "backend/activation.h"

#include "backend/cpu/stretch.h"

namespace tenon {
namespace backend::cpu {

void unary_backward(UnaryOp op, const Tensor& out, const Tensor& grad, const Tensor& y) {
  for_stretches<2>(out, {&grad, &y},
                   [op, type = stretch_type(out.dtype())](void* to, const std::array<Operand, 2>& x, int64_t n) {
                     vector_unary_backward(op, type, to, x[0], x[1], n);
                   });
}

}  // namespace backend::cpu

constinit const ActivationKernels ActivationKernels::cpu{
    .unary_backward = backend::cpu::unary_backward,
};

}  // namespace tenon
