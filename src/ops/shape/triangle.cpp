// Triangles and diagonals of matrices: tril, triu, diag, diag_embed, fill_diagonal_, and the places of a triangle.
#include "backend/index.h"
#include "backend/memory.h"
#include "ops/in_place.h"
#include "ops/shape/view.h"

namespace tenon {
namespace {

Tensor triangle(const char* name, const Tensor& x, int64_t diagonal, bool lower) {
  if (x.dim() < 2) fail(name, "expected a matrix or several, got shape {}", x.shape().to_string());
  const Tensor y = new_tensor(x.shape(), x.dtype(), x.device());
  on<MemoryKernels>(x.device()).copy(y, x);
  on<IndexKernels>(x.device()).clear_triangle(y, diagonal, lower);
  if (needs_grad(x))
    record(name, y, {&x}, {},
           [name, diagonal, lower](Grads& g) { g.give(0, triangle(name, g.in(), diagonal, lower)); });
  return y;
}

Tensor triangle_indices(const char* name, int64_t rows, int64_t columns, int64_t offset, bool lower) {
  if (rows < 0 || columns < 0) fail(name, "sizes cannot be negative: ({}, {})", rows, columns);
  std::vector<int64_t> at, of;
  for (int64_t r = 0; r < rows; ++r) {
    const int64_t from = lower ? 0 : std::clamp<int64_t>(r + offset, 0, columns),
                  to = lower ? std::clamp<int64_t>(r + offset + 1, 0, columns) : columns;
    for (int64_t c = from; c < to; ++c) {
      at.push_back(r);
      of.push_back(c);
    }
  }
  return stack({tensor(at), tensor(of)});
}

}  // namespace

Tensor Tensor::tril(int64_t diagonal) const { return triangle("tril", *this, diagonal, true); }
Tensor Tensor::triu(int64_t diagonal) const { return triangle("triu", *this, diagonal, false); }

const Tensor& Tensor::tril_(int64_t diagonal) const {
  return in_place_by_copy("tril_", *this, {}, [&](const Tensor& x) { return x.tril(diagonal); });
}
const Tensor& Tensor::triu_(int64_t diagonal) const {
  return in_place_by_copy("triu_", *this, {}, [&](const Tensor& x) { return x.triu(diagonal); });
}

const Tensor& Tensor::fill_diagonal_(const Scalar& value, bool wrap) const {
  if (dim() < 2) fail("fill_diagonal_", "expected at least 2 dimensions, got shape {}", shape().to_string());
  if (dim() == 2) {
    const int64_t rows = size(0), period = size(1) + 1;
    for (int64_t from = 0; from == 0 || (wrap && from < rows); from += period)
      narrow(0, from, rows - from).diagonal().fill_(value);
    return *this;
  }
  Tensor line = *this;
  for (int64_t d = 1; d < dim(); ++d) {
    if (size(d) != size(0))
      fail("fill_diagonal_", "of more than 2 dimensions all must be of one size, got shape {}", shape().to_string());
    line = line.diagonal(0, 0, line.dim() - 1);  // what all dimensions until now share comes last
  }
  line.fill_(value);
  return *this;
}

Tensor Tensor::diag(int64_t diagonal) const {
  if (dim() == 1) return diag_embed(diagonal);
  if (dim() != 2)
    fail("diag", "expected a vector or a matrix, got shape {}: use diag_embed() or diagonal()", shape().to_string());
  return this->diagonal(diagonal).clone();
}

Tensor Tensor::diag_embed(int64_t offset, int64_t dim1, int64_t dim2) const {
  if (dim() == 0) fail("diag_embed", "expected at least 1 dimension, got a 0-dim tensor");
  const int64_t a = wrap_dim(dim1, dim() + 1, "diag_embed"), b = wrap_dim(dim2, dim() + 1, "diag_embed");
  if (a == b) fail("diag_embed", "expected two dimensions, got dimension {} twice", a);
  const int64_t n = size(-1) + (offset < 0 ? -offset : offset);
  Shape sizes(shape().begin(), shape().end() - 1);
  sizes.insert(static_cast<std::size_t>(std::min(a, b)), n);
  sizes.insert(static_cast<std::size_t>(std::max(a, b)), n);
  return zeros_around(*this, sizes, [=](const Tensor& x) { return x.diagonal(offset, a, b); });
}

Tensor tril_indices(int64_t rows, int64_t columns, int64_t offset) {
  return triangle_indices("tril_indices", rows, columns, offset, true);
}
Tensor triu_indices(int64_t rows, int64_t columns, int64_t offset) {
  return triangle_indices("triu_indices", rows, columns, offset, false);
}

Tensor Tensor::diagflat(int64_t offset) const { return reshape(-1).diag_embed(offset); }

}  // namespace tenon
