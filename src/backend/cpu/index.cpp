// The processor's kernels of this topic, each in the file that is named beside it, or in its own.
#include "backend/index.h"

namespace tenon {
namespace backend::cpu {

KernelFunction<&IndexKernels::range_outside> range_outside;  // gather.cpp
KernelFunction<&IndexKernels::gather_rows> gather_rows;      // gather.cpp
KernelFunction<&IndexKernels::gather> gather;
KernelFunction<&IndexKernels::scatter> scatter;
KernelFunction<&IndexKernels::place_offsets> place_offsets;    // gather.cpp
KernelFunction<&IndexKernels::masked_copy> masked_copy;        // masked.cpp
KernelFunction<&IndexKernels::count_true> count_true;          // masked.cpp
KernelFunction<&IndexKernels::true_places> true_places;        // masked.cpp
KernelFunction<&IndexKernels::clear_triangle> clear_triangle;  // masked.cpp

}  // namespace backend::cpu

constinit const IndexKernels IndexKernels::cpu{
    .range_outside = backend::cpu::range_outside,
    .gather_rows = backend::cpu::gather_rows,
    .gather = backend::cpu::gather,
    .scatter = backend::cpu::scatter,
    .place_offsets = backend::cpu::place_offsets,
    .masked_copy = backend::cpu::masked_copy,
    .count_true = backend::cpu::count_true,
    .true_places = backend::cpu::true_places,
    .clear_triangle = backend::cpu::clear_triangle,
};

}  // namespace tenon
