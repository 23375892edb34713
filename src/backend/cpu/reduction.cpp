// The processor's kernels of this topic, each in the file that is named beside it, or in its own.
#include "backend/reduction.h"

namespace tenon {
namespace backend::cpu {

KernelFunction<&ReductionKernels::reduce> reduce;
KernelFunction<&ReductionKernels::norm> norm;  // reduce.cpp
KernelFunction<&ReductionKernels::variance> variance;
KernelFunction<&ReductionKernels::extremum> extremum;
KernelFunction<&ReductionKernels::equal> equal;

}  // namespace backend::cpu

constinit const ReductionKernels ReductionKernels::cpu{
    .reduce = backend::cpu::reduce,
    .norm = backend::cpu::norm,
    .variance = backend::cpu::variance,
    .extremum = backend::cpu::extremum,
    .equal = backend::cpu::equal,
};

}  // namespace tenon
