// cat, stack and their kin.
#include "backend/memory.h"
#include "ops/common.h"

namespace tenon {
namespace {

/// The parts one after the other along `dim`, not recorded; their sizes have been checked.
Tensor joined(const std::vector<Tensor>& parts, const Shape& shape, DType dtype, int64_t dim) {
  const Device& device = parts.front().device();
  const bool stacked = parts.front().dim() != static_cast<int64_t>(shape.size());
  Tensor y = stacked ? new_tensor(shape, dtype, device) : new_joined(shape, dtype, parts);
  bool plain = true;
  for (const Tensor& t : parts) plain = plain && t.is_contiguous() && t.dtype() == dtype;
  if (plain) {
    on<MemoryKernels>(device).join(y, parts, dim);
    return y;
  }
  const auto at = static_cast<std::size_t>(dim);
  int64_t start = 0;
  for (const Tensor& t : parts) {
    const bool has_dim = t.dim() == y.dim();  // stacked tensors have not
    Shape sizes = y.shape(), own = t.shape(), strides = t.strides();
    sizes[at] = has_dim ? own[at] : 1;
    if (!has_dim) {
      own.insert(at, 1);
      strides.insert(at, 1);
    }
    on<MemoryKernels>(device).copy(new_alias(y, sizes, y.strides(), start * y.strides()[at]),
                                   new_alias(t, own, strides, t.storage_offset()));
    start += sizes[at];
  }
  return y;
}

bool any_needs_grad(const std::vector<Tensor>& parts) {
  return std::any_of(parts.begin(), parts.end(), [](const Tensor& t) { return needs_grad(t); });
}

DType common_type(const std::vector<Tensor>& tensors) {
  DType dtype = tensors.front().dtype();
  for (const Tensor& t : tensors) dtype = promote_types(dtype, t.dtype());
  return dtype;
}

std::vector<Tensor> each(const std::vector<Tensor>& tensors, Tensor (*f)(const Tensor&)) {
  std::vector<Tensor> all;
  all.reserve(tensors.size());
  for (const Tensor& t : tensors) all.push_back(f(t));
  return all;
}

}  // namespace

Tensor cat(const TensorList& tensors, int64_t dim) {
  if (tensors.empty()) fail("cat", "expected at least one tensor");
  std::vector<Tensor> parts;
  parts.reserve(tensors.size());
  for (const Tensor& t : tensors)  // a 1-dim empty tensor goes with any shape, as in PyTorch
    if (t.dim() != 1 || t.numel() != 0) parts.push_back(t);
  if (parts.empty()) parts.push_back(tensors.front());
  const Tensor& first = parts.front();
  if (first.dim() == 0) fail("cat", "0-dim tensors have no dimension to be joined along: use stack()");
  dim = wrap_dim(dim, first.dim(), "cat");
  const auto at = static_cast<std::size_t>(dim);
  Shape shape = first.shape();
  shape[at] = 0;
  for (const Tensor& t : parts) {
    check_same_device(first, t, "cat");
    bool fits = t.dim() == first.dim();
    for (std::size_t d = 0; fits && d < shape.size(); ++d) fits = d == at || t.shape()[d] == shape[d];
    if (!fits)
      fail("cat", "shapes {} and {} differ outside of dimension {}", first.shape().to_string(), t.shape().to_string(),
           dim);
    shape[at] += t.shape()[at];
  }
  Tensor y = joined(parts, shape, common_type(tensors), dim);
  if (!any_needs_grad(parts)) return y;
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

Tensor stack(const TensorList& tensors, int64_t dim) {
  if (tensors.empty()) fail("stack", "expected at least one tensor");
  const Tensor& first = tensors.front();
  dim = wrap_dim(dim, first.dim() + 1, "stack");
  for (const Tensor& t : tensors) {
    check_same_device(first, t, "stack");
    if (t.shape() != first.shape())
      fail("stack", "expected equal shapes, got {} and {}", first.shape().to_string(), t.shape().to_string());
  }
  Shape shape = first.shape();
  shape.insert(static_cast<std::size_t>(dim), static_cast<int64_t>(tensors.size()));
  Tensor y = joined(tensors, shape, common_type(tensors), dim);
  if (!any_needs_grad(tensors)) return y;
  std::vector<DType> types;
  for (const Tensor& t : tensors) types.push_back(t.dtype());
  record_all("stack", y, tensors, [types = std::move(types), dim](Grads& g) {
    for (std::size_t i = 0; i < types.size(); ++i)
      if (g.needs(i)) g.give(i, as_type(g.in().select(dim, static_cast<int64_t>(i)), types[i]));
  });
  return y;
}

Tensor hstack(const TensorList& tensors) {
  if (tensors.empty()) fail("hstack", "expected at least one tensor");
  const std::vector<Tensor> parts = each(tensors, atleast_1d);
  return cat(parts, parts.front().dim() == 1 ? 0 : 1);
}

Tensor vstack(const TensorList& tensors) {
  if (tensors.empty()) fail("vstack", "expected at least one tensor");
  return cat(each(tensors, atleast_2d), 0);
}

Tensor dstack(const TensorList& tensors) {
  if (tensors.empty()) fail("dstack", "expected at least one tensor");
  return cat(each(tensors, atleast_3d), 2);
}

Tensor column_stack(const TensorList& tensors) {
  if (tensors.empty()) fail("column_stack", "expected at least one tensor");
  return cat(each(tensors, [](const Tensor& t) { return t.dim() < 2 ? t.reshape({t.numel(), 1}) : t; }), 1);
}

Tensor atleast_1d(const Tensor& x) { return x.dim() == 0 ? x.unsqueeze(0) : x; }
Tensor atleast_2d(const Tensor& x) { return x.dim() < 2 ? atleast_1d(x).unsqueeze(0) : x; }
Tensor atleast_3d(const Tensor& x) { return x.dim() < 3 ? atleast_2d(x).unsqueeze(-1) : x; }

}  // namespace tenon
