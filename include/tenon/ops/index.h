#pragma once
// Choosing elements by index or by mask. Assignment through indices is a method: index_put_, scatter_, masked_fill_.
#include <tenon/index.h>
#include <tenon/tensor.h>

#pragma GCC visibility push(default)

namespace tenon {

inline Tensor index_select(const Tensor& x, int64_t dim, const Tensor& index) { return x.index_select(dim, index); }
inline Tensor gather(const Tensor& x, int64_t dim, const Tensor& index) { return x.gather(dim, index); }
inline Tensor scatter(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& source) {
  return x.scatter(dim, index, source);
}
inline Tensor scatter_add(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& source) {
  return x.scatter_add(dim, index, source);
}
inline Tensor index_add(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& source,
                        const Scalar& alpha = 1) {
  return x.index_add(dim, index, source, alpha);
}
inline Tensor scatter(const Tensor& x, int64_t dim, const Tensor& index, const Scalar& value) {
  return x.scatter(dim, index, value);
}
inline Tensor scatter_reduce(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& source, Reduce reduce,
                             bool include_self = true) {
  return x.scatter_reduce(dim, index, source, reduce, include_self);
}
inline Tensor index_copy(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& source) {
  return x.index_copy(dim, index, source);
}
inline Tensor index_fill(const Tensor& x, int64_t dim, const Tensor& index, const Scalar& value) {
  return x.index_fill(dim, index, value);
}
inline Tensor index_reduce(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& source, Reduce reduce,
                           bool include_self = true) {
  return x.index_reduce(dim, index, source, reduce, include_self);
}
inline Tensor index_put(const Tensor& x, const std::vector<Index>& indices, const Tensor& value,
                        bool accumulate = false) {
  return x.index_put(indices, value, accumulate);
}
inline Tensor put(const Tensor& x, const Tensor& index, const Tensor& source, bool accumulate = false) {
  return x.put(index, source, accumulate);
}
inline Tensor take(const Tensor& x, const Tensor& index) { return x.take(index); }
inline Tensor take_along_dim(const Tensor& x, const Tensor& index, std::optional<int64_t> dim = {}) {
  return x.take_along_dim(index, dim);
}
inline Tensor masked_select(const Tensor& x, const Tensor& mask) { return x.masked_select(mask); }
inline Tensor masked_fill(const Tensor& x, const Tensor& mask, const Scalar& value) {
  return x.masked_fill(mask, value);
}
inline Tensor masked_fill(const Tensor& x, const Tensor& mask, const Tensor& value) {
  return x.masked_fill(mask, value);
}
inline Tensor masked_scatter(const Tensor& x, const Tensor& mask, const Tensor& source) {
  return x.masked_scatter(mask, source);
}
inline Tensor nonzero(const Tensor& x) { return x.nonzero(); }
/// The places where the condition holds, a vector for each dimension: nonzero(), column by column.
std::vector<Tensor> where(const Tensor& condition);
inline Tensor tril(const Tensor& x, int64_t diagonal = 0) { return x.tril(diagonal); }
inline Tensor triu(const Tensor& x, int64_t diagonal = 0) { return x.triu(diagonal); }
inline Tensor diag(const Tensor& x, int64_t diagonal = 0) { return x.diag(diagonal); }
inline Tensor diagflat(const Tensor& x, int64_t offset = 0) { return x.diagflat(offset); }
inline Tensor diag_embed(const Tensor& x, int64_t offset = 0, int64_t dim1 = -2, int64_t dim2 = -1) {
  return x.diag_embed(offset, dim1, dim2);
}

// Copies of x in which what a view of it would show is `source`.
Tensor select_scatter(const Tensor& x, const Tensor& source, int64_t dim, int64_t index);
Tensor slice_scatter(const Tensor& x, const Tensor& source, int64_t dim, const Slice& slice);
Tensor diagonal_scatter(const Tensor& x, const Tensor& source, int64_t offset = 0, int64_t dim1 = 0, int64_t dim2 = 1);
inline Tensor as_strided_scatter(const Tensor& x, const Tensor& source, const Shape& shape, const Shape& strides,
                                 std::optional<int64_t> offset = {}) {
  return x.as_strided_scatter(source, shape, strides, offset);
}
/// Whether each element (bool, x's shape) is one of `among`, or with `invert` is none of them.
Tensor isin(const Tensor& x, const Tensor& among, bool invert = false);
Tensor isin(const Tensor& x, const Scalar& among, bool invert = false);
/// Places in a flat order of a shape, as an index for each of its dimensions.
std::vector<Tensor> unravel_index(const Tensor& places, const Shape& shape);

/// How often each of 0, 1, … stands in a vector of integers; with weights, their sums.
Tensor bincount(const Tensor& x, const Tensor& weights = {}, int64_t minlength = 0);
/// How many elements fall into each of `bins` equal parts of [min, max]; both 0: the tensor's own range.
Tensor histc(const Tensor& x, int64_t bins = 100, double min = 0, double max = 0);
struct Histogram {
  Tensor hist, bin_edges;
};
struct HistogramOptions {
  std::optional<std::pair<double, double>> range = {};  ///< default: the tensor's own
  Tensor weight = {};                                   ///< of x's shape: what each element counts; default 1
  bool density = false;                                 ///< divided by the sum and the width: its integral is 1
};
/// What falls into each of `bins` equal parts of a range, or between neighbours of `edges`, a sorted vector; the last
/// edge belongs to the last part. Elements beyond are not counted. float32 and float64; no gradient.
Histogram histogram(const Tensor& x, int64_t bins, const HistogramOptions& options = {});
Histogram histogram(const Tensor& x, const Tensor& edges, const HistogramOptions& options = {});
/// Where values would stand in sorted boundaries (last dimension): the first place that keeps the order, or with
/// `right` the last.
Tensor searchsorted(const Tensor& sorted, const Tensor& values, bool right = false);
Tensor bucketize(const Tensor& values, const Tensor& boundaries, bool right = false);

}  // namespace tenon

#pragma GCC visibility pop
