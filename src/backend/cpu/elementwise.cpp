// The processor's kernels of this topic, each in the file that is named beside it, or in its own.
#include "backend/elementwise.h"

namespace tenon {
namespace backend::cpu {

KernelFunction<&ElementwiseKernels::unary> unary;
KernelFunction<&ElementwiseKernels::test> test;  // unary.cpp
KernelFunction<&ElementwiseKernels::binary> binary;
KernelFunction<&ElementwiseKernels::compare> compare;                // binary.cpp
KernelFunction<&ElementwiseKernels::ternary> ternary;                // binary.cpp
KernelFunction<&ElementwiseKernels::where> where;                    // binary.cpp
KernelFunction<&ElementwiseKernels::clamp> clamp;                    // unary.cpp
KernelFunction<&ElementwiseKernels::round_decimals> round_decimals;  // unary.cpp
KernelFunction<&ElementwiseKernels::polygamma> polygamma;            // unary.cpp

}  // namespace backend::cpu

constinit const ElementwiseKernels ElementwiseKernels::cpu{
    .unary = backend::cpu::unary,
    .test = backend::cpu::test,
    .binary = backend::cpu::binary,
    .compare = backend::cpu::compare,
    .ternary = backend::cpu::ternary,
    .where = backend::cpu::where,
    .clamp = backend::cpu::clamp,
    .round_decimals = backend::cpu::round_decimals,
    .polygamma = backend::cpu::polygamma,
};

}  // namespace tenon
