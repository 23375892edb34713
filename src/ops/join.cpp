// cat and stack.
#include "ops/common.h"

namespace tenon {

Tensor cat(const std::vector<Tensor>& tensors, int64_t dim) {
  if (tensors.empty()) fail("cat", "expected at least one tensor");
  std::vector<Tensor> parts;
  for (const Tensor& t : tensors)  // a 1-dim empty tensor goes with any shape, as in PyTorch
    if (t.dim() != 1 || t.numel() != 0) parts.push_back(t);
  if (parts.empty()) parts.push_back(tensors.front());
  const Tensor& first = parts.front();
  if (first.dim() == 0) fail("cat", "0-dim tensors have no dimension to be joined along: use stack()");
  dim = wrap_dim(dim, first.dim(), "cat");
  const auto at = static_cast<std::size_t>(dim);
  Shape shape = first.shape();
  DType dtype = tensors.front().dtype();
  for (const Tensor& t : tensors) dtype = promote_types(dtype, t.dtype());
  shape[at] = 0;
  for (const Tensor& t : parts) {
    Shape other = t.shape();
    check_same_device(first, t, "cat");
    if (other.size() == shape.size()) other[at] = first.shape()[at];
    if (other != first.shape())
      fail("cat", "shapes {} and {} differ outside of dimension {}", first.shape().to_string(), t.shape().to_string(), dim);
    shape[at] += t.size(dim);
  }
  Tensor y = new_tensor(shape, dtype, first.device());
  bool recorded = false;
  {
    const NoGrad guard;
    int64_t start = 0;
    for (const Tensor& t : parts) {
      y.narrow(dim, start, t.size(dim)).copy_(t);
      start += t.size(dim);
    }
  }
  for (const Tensor& t : parts) recorded = recorded || needs_grad(t);
  if (!recorded) return y;
  std::vector<Like> likes(parts.begin(), parts.end());
  record_all("cat", y, parts, [likes = std::move(likes), dim, at](Grads& g) {
    int64_t start = 0;
    for (std::size_t i = 0; i < likes.size(); ++i) {
      const int64_t n = likes[i].shape[at];
      if (g.needs(i)) g.give(i, as_type(g.in().narrow(dim, start, n), likes[i].dtype));
      start += n;
    }
  });
  return y;
}

Tensor stack(const std::vector<Tensor>& tensors, int64_t dim) {
  if (tensors.empty()) fail("stack", "expected at least one tensor");
  dim = wrap_dim(dim, tensors.front().dim() + 1, "stack");
  std::vector<Tensor> rows;
  for (const Tensor& t : tensors) {
    if (t.shape() != tensors.front().shape())
      fail("stack", "expected equal shapes, got {} and {}", tensors.front().shape().to_string(), t.shape().to_string());
    rows.push_back(t.unsqueeze(dim));
  }
  return cat(rows, dim);
}

}  // namespace tenon
