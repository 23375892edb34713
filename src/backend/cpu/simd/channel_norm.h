#pragma once
// Sums over channels, and channels scaled and moved, of floats or doubles, for the best instructions that the processor
// has (chosen at run time). Channels lie in rows of n elements, or beside one another, as columns.
#include <cstdint>

#include <tenon/dtype.h>

namespace tenon::backend::cpu {

/// What becomes of a channel's elements, each an array of the elements' type: (x − center)·scale + shift; and back,
/// grad·scale − (x − center)·slope − shift.
struct ChannelFactors {
  const void *center, *scale, *shift, *slope;
};
struct TwoSums {
  double first = 0, second = 0;
};

// ---- one channel: `rows` of n elements that lie `stride` apart
/// Σ (x − pivot) and Σ (x − pivot)², the pivot as rounded to the type.
TwoSums vector_rows_deviations(DType type, const void* x, double pivot, int64_t rows, int64_t stride, int64_t n);
/// Σ g and Σ g·(x − center).
TwoSums vector_rows_products(DType type, const void* g, const void* x, double center, int64_t rows, int64_t stride,
                             int64_t n);
// ---- `rows` of n elements, one after the other, each a channel
void vector_rows_scaled(DType type, void* out, const void* x, const ChannelFactors& factors, int64_t rows, int64_t n);
void vector_rows_back(DType type, void* out, const void* g, const void* x, const ChannelFactors& factors, int64_t rows,
                      int64_t n);

// ---- `width` channels side by side in rows that lie `stride` apart; sums are of the elements' type
void vector_columns_products(DType type, void* sums, void* products, const void* g, const void* x, const void* centers,
                             int64_t rows, int64_t stride, int64_t width);
/// The rows are all channels wide and lie one after the other.
void vector_columns_scaled(DType type, void* out, const void* x, const ChannelFactors& factors, int64_t rows,
                           int64_t width);
void vector_columns_back(DType type, void* out, const void* g, const void* x, const ChannelFactors& factors,
                         int64_t rows, int64_t width);

}  // namespace tenon::backend::cpu
