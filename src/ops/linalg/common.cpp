#include "ops/linalg/common.h"

#include <limits>

#include "backend/memory.h"

namespace tenon::linalg {

void check_matrices(const Tensor& a, std::string_view operation) {
  if (a.dim() < 2) fail(operation, "expected a matrix or a batch of matrices, got shape {}", a.shape().to_string());
  if (a.dtype() != float32 && a.dtype() != float64)
    fail(operation, "expected float32 or float64, got {}: convert with to(float32)", a.dtype());
}

void check_square(const Tensor& a, std::string_view operation) {
  check_matrices(a, operation);
  if (a.size(-1) != a.size(-2)) fail(operation, "expected square matrices, got shape {}", a.shape().to_string());
}

Shape batch_of(const Tensor& a) { return {a.shape().begin(), a.shape().end() - 2}; }

Shape joined(Shape batch, std::initializer_list<int64_t> last) {
  for (const int64_t n : last) batch.push_back(n);
  return batch;
}

namespace {
Shape strides_by_columns(const Shape& shape) {
  const std::size_t row = shape.size() - 2, column = shape.size() - 1;
  Shape turned = shape;
  std::swap(turned[row], turned[column]);
  Shape strides = contiguous_strides(turned);
  std::swap(strides[row], strides[column]);
  return strides;
}
}  // namespace

Tensor triangle_by_columns(const Tensor& a, bool upper) {
  const Tensor turned = matrix_transpose(a), rows = upper ? turned.tril() : turned.triu();
  return new_alias(rows, a.shape(), strides_by_columns(a.shape()), 0);
}

Tensor new_by_columns(const Shape& shape, const Tensor& like) {
  return new_strided(shape, strides_by_columns(shape), like.dtype(), like.device());
}

Tensor by_columns(const Tensor& a, const Shape& batch) {
  Tensor y = new_by_columns(joined(batch, {a.size(-2), a.size(-1)}), a);
  on<MemoryKernels>(a.device()).copy(y, a);
  return y;
}

Tensor new_info(const Shape& batch, const Tensor& like) { return zeros(batch, {int32, like.device()}); }

bool is_vector(const Tensor& a, const Tensor& b) {
  return b.dim() == 1 || (b.dim() == a.dim() - 1 && std::equal(b.shape().begin(), b.shape().end(), a.shape().begin()));
}

double tolerance(const Tensor& a) {
  return static_cast<double>(std::max(a.size(-2), a.size(-1))) *
         (a.dtype() == float32 ? std::numeric_limits<float>::epsilon() : std::numeric_limits<double>::epsilon());
}

Tensor identity(int64_t n, const Tensor& like) { return eye(n, {}, {like.dtype(), like.device()}); }

}  // namespace tenon::linalg
