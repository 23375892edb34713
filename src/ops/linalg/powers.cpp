// Products of many matrices: matrix_power, multi_dot.
#include <limits>

#include "ops/linalg/common.h"

namespace tenon::linalg {

Tensor matrix_power(const Tensor& a, int64_t n) {
  if (a.dim() < 2 || a.size(-1) != a.size(-2))
    fail("linalg.matrix_power", "expected square matrices, got shape {}", a.shape().to_string());
  if (n == std::numeric_limits<int64_t>::min()) fail("linalg.matrix_power", "the exponent {} is too large", n);
  if (n < 0) return linalg::matrix_power(inv(a), -n);
  if (n == 0) {  // on the tape all the same, with a gradient of zeros
    const Tensor y = copy_by_rows(a);
    y.copy_(identity(a.size(-1), a));
    return y;
  }
  if (n == 3) return matmul(matmul(a, a), a);  // the order of PyTorch's, which shows in half types
  Tensor square = a, y;                        // a to the powers 1, 2, 4, …; the product of those that n's bits name
  while (true) {
    if (n & 1) y = y.defined() ? matmul(y, square) : square;
    n >>= 1;
    if (n == 0) break;
    square = matmul(square, square);
  }
  return y.is_same(a) ? copy_by_rows(a) : y;
}

Tensor multi_dot(const TensorList& given) {
  const std::size_t n = given.size();
  if (n < 2) fail("linalg.multi_dot", "expected at least 2 tensors, got {}", n);
  std::vector<Tensor> matrices = given;
  // The first may be a row, the last a column.
  const bool row = given.front().dim() == 1, column = given.back().dim() == 1;
  if (row) matrices.front() = given.front().unsqueeze(0);
  if (column) matrices.back() = given.back().unsqueeze(1);
  std::vector<double> sizes;  // matrix i is (sizes[i], sizes[i + 1])
  for (std::size_t i = 0; i < n; ++i) {
    if (matrices[i].dim() != 2)
      fail("linalg.multi_dot", "expected matrices (the first and the last may be vectors), got shape {} for tensor {}",
           given[i].shape().to_string(), i);
    if (i > 0 && matrices[i - 1].size(1) != matrices[i].size(0))
      fail("linalg.multi_dot", "tensors {} and {} of shapes {} and {} cannot be multiplied", i - 1, i,
           given[i - 1].shape().to_string(), given[i].shape().to_string());
    sizes.push_back(static_cast<double>(matrices[i].size(0)));
  }
  sizes.push_back(static_cast<double>(matrices.back().size(1)));
  // cost[i][j]: the fewest multiplications for the product of matrices i … j; cut[i][j]: after which of them it is
  // taken apart.
  std::vector<std::vector<double>> cost(n, std::vector<double>(n, 0));
  std::vector<std::vector<std::size_t>> cut(n, std::vector<std::size_t>(n, 0));
  for (std::size_t length = 1; length < n; ++length)
    for (std::size_t i = 0; i + length < n; ++i) {
      const std::size_t j = i + length;
      cost[i][j] = std::numeric_limits<double>::infinity();
      for (std::size_t k = i; k < j; ++k) {
        const double here = cost[i][k] + cost[k + 1][j] + sizes[i] * sizes[k + 1] * sizes[j + 1];
        if (here < cost[i][j]) {
          cost[i][j] = here;
          cut[i][j] = k;
        }
      }
    }
  const auto product = [&](auto&& self, std::size_t i, std::size_t j) -> Tensor {
    return i == j ? matrices[i] : self(self, i, cut[i][j]).mm(self(self, cut[i][j] + 1, j));
  };
  Tensor y = product(product, 0, n - 1);
  if (row) y = y.squeeze(0);
  return column ? y.squeeze(-1) : y;
}

}  // namespace tenon::linalg
