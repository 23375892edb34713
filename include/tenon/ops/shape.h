#pragma once
// Joining, repeating and rearranging. What has one tensor as its subject is a method too.
#include <vector>

#include <tenon/tensor_list.h>

#pragma GCC visibility push(default)

namespace tenon {

// ---- joining; the result has the type that all are promoted to
/// Along a dimension, in which alone sizes may differ. Tensors of shape (0) count for nothing.
Tensor cat(const TensorList& tensors, int64_t dim = 0);
/// Along a new dimension; tensors of one shape.
Tensor stack(const TensorList& tensors, int64_t dim = 0);
Tensor hstack(const TensorList& tensors);        ///< cat() along dimension 1, of vectors along 0
Tensor vstack(const TensorList& tensors);        ///< cat() along dimension 0; vectors are rows
Tensor dstack(const TensorList& tensors);        ///< cat() along dimension 2
Tensor column_stack(const TensorList& tensors);  ///< hstack(); vectors are columns
// tensor_split along the second dimension (of a vector, its only one), the first, and the third.
std::vector<Tensor> hsplit(const Tensor& x, int64_t sections);
std::vector<Tensor> hsplit(const Tensor& x, const Shape& indices);
std::vector<Tensor> vsplit(const Tensor& x, int64_t sections);
std::vector<Tensor> vsplit(const Tensor& x, const Shape& indices);
std::vector<Tensor> dsplit(const Tensor& x, int64_t sections);
std::vector<Tensor> dsplit(const Tensor& x, const Shape& indices);

// ---- several tensors together
/// Each as a view of the shape that all broadcast to.
std::vector<Tensor> broadcast_tensors(const TensorList& tensors);
enum class Indexing : uint8_t { ij, xy };
/// Coordinates of a grid from vectors (or 0-dim tensors) of its axes.
std::vector<Tensor> meshgrid(const TensorList& axes, Indexing indexing = Indexing::ij);
/// All choices of an element from each vector, (choices, vectors).
Tensor cartesian_prod(const TensorList& axes);
/// All choices of r elements of a vector, (choices, r), in the order of itertools.combinations.
Tensor combinations(const Tensor& x, int64_t r = 2, bool with_replacement = false);
/// A matrix with these on its diagonal, zeros elsewhere.
Tensor block_diag(const TensorList& tensors);
// With dimensions of size 1 where there are fewer.
Tensor atleast_1d(const Tensor& x);
Tensor atleast_2d(const Tensor& x);
Tensor atleast_3d(const Tensor& x);

// ---- as functions, described at the methods (methods/shape.inc)
inline Tensor clone(const Tensor& x) { return x.clone(); }
inline Tensor detach(const Tensor& x) { return x.detach(); }
inline int64_t numel(const Tensor& x) { return x.numel(); }
inline Tensor t(const Tensor& x) { return x.t(); }
inline Tensor as_strided(const Tensor& x, const Shape& shape, const Shape& strides,
                         std::optional<int64_t> offset = {}) {
  return x.as_strided(shape, strides, offset);
}
inline Tensor narrow_copy(const Tensor& x, int64_t dim, int64_t start, int64_t length) {
  return x.narrow_copy(dim, start, length);
}
inline Tensor reshape(const Tensor& x, const Shape& shape) { return x.reshape(shape); }
inline Tensor flatten(const Tensor& x, int64_t start_dim = 0, int64_t end_dim = -1) {
  return x.flatten(start_dim, end_dim);
}
inline Tensor unflatten(const Tensor& x, int64_t dim, const Shape& sizes) { return x.unflatten(dim, sizes); }
inline Tensor permute(const Tensor& x, const Shape& dims) { return x.permute(dims); }
inline Tensor movedim(const Tensor& x, const Shape& source, const Shape& destination) {
  return x.movedim(source, destination);
}
inline Tensor transpose(const Tensor& x, int64_t dim0, int64_t dim1) { return x.transpose(dim0, dim1); }
inline Tensor squeeze(const Tensor& x) { return x.squeeze(); }
inline Tensor squeeze(const Tensor& x, int64_t dim) { return x.squeeze(dim); }
inline Tensor squeeze(const Tensor& x, const Shape& dims) { return x.squeeze(dims); }
inline Tensor unsqueeze(const Tensor& x, int64_t dim) { return x.unsqueeze(dim); }
inline Tensor broadcast_to(const Tensor& x, const Shape& shape) { return x.expand(shape); }
inline Tensor narrow(const Tensor& x, int64_t dim, int64_t start, int64_t length) {
  return x.narrow(dim, start, length);
}
inline Tensor select(const Tensor& x, int64_t dim, int64_t index) { return x.select(dim, index); }
inline Tensor diagonal(const Tensor& x, int64_t offset = 0, int64_t dim1 = 0, int64_t dim2 = 1) {
  return x.diagonal(offset, dim1, dim2);
}
inline std::vector<Tensor> unbind(const Tensor& x, int64_t dim = 0) { return x.unbind(dim); }
inline std::vector<Tensor> chunk(const Tensor& x, int64_t chunks, int64_t dim = 0) { return x.chunk(chunks, dim); }
inline std::vector<Tensor> split(const Tensor& x, int64_t size, int64_t dim = 0) { return x.split(size, dim); }
inline std::vector<Tensor> split(const Tensor& x, const Shape& sizes, int64_t dim = 0) { return x.split(sizes, dim); }
inline std::vector<Tensor> tensor_split(const Tensor& x, int64_t sections, int64_t dim = 0) {
  return x.tensor_split(sections, dim);
}
inline std::vector<Tensor> tensor_split(const Tensor& x, const Shape& indices, int64_t dim = 0) {
  return x.tensor_split(indices, dim);
}
inline Tensor tile(const Tensor& x, const Shape& repeats) { return x.tile(repeats); }
inline Tensor repeat_interleave(const Tensor& x, int64_t repeats, std::optional<int64_t> dim = {}) {
  return x.repeat_interleave(repeats, dim);
}
inline Tensor repeat_interleave(const Tensor& x, const Tensor& repeats, std::optional<int64_t> dim = {}) {
  return x.repeat_interleave(repeats, dim);
}
inline Tensor roll(const Tensor& x, const Shape& shifts, const Shape& dims = {}) { return x.roll(shifts, dims); }
inline Tensor flip(const Tensor& x, const Shape& dims) { return x.flip(dims); }
inline Tensor fliplr(const Tensor& x) { return x.fliplr(); }
inline Tensor flipud(const Tensor& x) { return x.flipud(); }
inline Tensor rot90(const Tensor& x, int64_t k = 1, const Shape& dims = {0, 1}) { return x.rot90(k, dims); }

}  // namespace tenon

#pragma GCC visibility pop
