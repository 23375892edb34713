#pragma once
// What the operations of tenon::linalg share. LAPACK wants matrices by columns, and writes over them: every operation
// begins with a copy that lies so.
#include <tenon/ops.h>

#include "ops/common.h"

namespace tenon::linalg {

/// Matrices (*, m, n) of float32 or float64; the error says what else it was.
void check_matrices(const Tensor& a, std::string_view operation);
void check_square(const Tensor& a, std::string_view operation);

/// The leading dimensions, and a shape made of them and a last one or two.
Shape batch_of(const Tensor& a);
Shape joined(Shape batch, std::initializer_list<int64_t> last);

/// (*, m, n) uninitialised, each matrix by columns.
Tensor new_by_columns(const Shape& shape, const Tensor& like);
/// A copy of a, broadcast to `batch` in the leading dimensions, each matrix by columns; not recorded.
Tensor by_columns(const Tensor& a, const Shape& batch);
inline Tensor by_columns(const Tensor& a) { return by_columns(a, batch_of(a)); }

/// The upper or lower triangle of a, each matrix by columns; not recorded.
Tensor triangle_by_columns(const Tensor& a, bool upper);

/// An int32 for each matrix of a batch, 0: what LAPACK has to say.
Tensor new_info(const Shape& batch, const Tensor& like);
/// f(info) gives the error's text for the first matrix that failed; after it comes which one that is.
template <class F>
void check_info(const Tensor& info, std::string_view operation, F text) {
  if (info.is_meta()) return;
  const Tensor here = info.cpu();
  const auto all = here.span<int32_t>();
  for (std::size_t i = 0; i < all.size(); ++i)
    if (all[i] != 0)
      fail(operation, "{}{}", text(all[i]), info.dim() == 0 ? "" : fmt::format(" (batch element {})", i));
}

inline Tensor matrix_transpose(const Tensor& x) { return x.transpose(-2, -1); }
/// Whether b stands for vectors beside matrices a: (n), or the batch of a with (n), as torch.linalg.solve decides.
bool is_vector(const Tensor& a, const Tensor& b);
/// The part of the largest singular value below which one counts as 0, as torch.linalg has it: max(m, n)·ε.
double tolerance(const Tensor& a);
/// The identity (n, n) of a's type and device.
Tensor identity(int64_t n, const Tensor& like);

}  // namespace tenon::linalg
