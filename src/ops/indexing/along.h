#pragma once
// What gather, scatter and scatter_reduce take: for each element an index along one dimension.
#include "ops/indexing/offsets.h"

namespace tenon {

/// Checked; a 0-dim tensor has become one of a single element, and a source larger than the index has been cut.
struct Along {
  Tensor x, index, source;  ///< the source of the index's shape, or a 0-dim number, or undefined
  int64_t dim;
};
Along along(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& source, const char* name);

/// x(…, index, …) takes or is combined with each element of the source, in order, in x's own memory; not recorded.
void combine_along(const Tensor& x, const Along& along, Combine how);

}  // namespace tenon
