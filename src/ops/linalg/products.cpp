// Products made of simpler ones: outer, inner, vecdot, tensordot, kron, cross; and trace.
#include "ops/autocast.h"
#include "ops/common.h"

namespace tenon {

Tensor Tensor::outer(const Tensor& other) const {
  if (dim() != 1 || other.dim() != 1)
    fail("outer", "expected two vectors, got {} and {}", shape().to_string(), other.shape().to_string());
  return unsqueeze(1) * other;
}

Tensor inner(const Tensor& a, const Tensor& b) {
  if (a.dim() == 0 || b.dim() == 0) return a * b;
  if (a.size(-1) != b.size(-1))
    fail("inner", "expected last dimensions of one size, got {} and {}", a.shape().to_string(), b.shape().to_string());
  return tensordot(a, b, {-1}, {-1});
}

Tensor linalg::vecdot(const Tensor& a, const Tensor& b, int64_t dim) {
  if (!is_floating_point(a.dtype()) || a.dtype() != b.dtype())
    fail("linalg.vecdot", "expected two tensors of one floating-point type, got {} and {}", a.dtype(), b.dtype());
  return (a * b).sum({dim});
}

Tensor Tensor::trace() const {
  if (autocasts()) [[unlikely]]
    return in_float_type(&Tensor::trace, *this);
  if (dim() != 2)
    fail("trace", "expected a matrix, got shape {}: for batches, diagonal(0, -2, -1).sum(-1)", shape().to_string());
  return diagonal().sum({0});
}

Tensor tensordot(const Tensor& a, const Tensor& b, const Shape& dims_a, const Shape& dims_b) {
  if (dims_a.size() != dims_b.size())
    fail("tensordot", "expected as many dimensions on both sides, got {} and {}", dims_a.to_string(),
         dims_b.to_string());
  struct Side {
    Tensor x;
    Shape summed, kept;  // dimensions
  };
  const auto side = [](const Tensor& x, const Shape& dims) {
    Side s{x, {}, {}};
    SmallVector<bool, 8> used(x.shape().size(), false);
    for (const int64_t d : dims) {
      if (x.dim() == 0) fail("tensordot", "a 0-dim tensor has no dimension {} to sum over", d);
      s.summed.push_back(wrap_dim(d, x.dim(), "tensordot"));
      auto&& taken = used[static_cast<std::size_t>(s.summed.back())];
      if (taken) fail("tensordot", "dimension {} is named twice: {}", s.summed.back(), dims.to_string());
      taken = true;
    }
    for (int64_t d = 0; d < x.dim(); ++d)
      if (!used[static_cast<std::size_t>(d)]) s.kept.push_back(d);
    return s;
  };
  Side l = side(a, dims_a), r = side(b, dims_b);
  for (std::size_t i = 0; i < l.summed.size(); ++i) {
    const int64_t n = l.x.size(l.summed[i]), m = r.x.size(r.summed[i]);
    if (n == m) continue;
    // One that has size 1 on one side broadcasts: the other's elements are summed first.
    if (m == 1) l.x = l.x.sum({l.summed[i]}, true, a.dtype());
    else if (n == 1) r.x = r.x.sum({r.summed[i]}, true, b.dtype());
    else
      fail("tensordot",
           "the sizes that are summed over must be equal, got {} (dimension {} of {}) and {} (dimension {} of {})", n,
           l.summed[i], a.shape().to_string(), m, r.summed[i], b.shape().to_string());
  }
  Shape out;
  const auto matrix = [&](const Side& s, bool left) {
    Shape order;
    int64_t kept = 1, summed = 1;
    for (const Shape* list : {left ? &s.kept : &s.summed, left ? &s.summed : &s.kept})
      for (const int64_t d : *list) {
        order.push_back(d);
        (list == &s.kept ? kept : summed) *= s.x.size(d);
      }
    for (const int64_t d : s.kept) out.push_back(s.x.size(d));
    return s.x.permute(order).reshape(left ? Shape{kept, summed} : Shape{summed, kept});
  };
  const Tensor left = matrix(l, true), right = matrix(r, false);
  return left.mm(right).reshape(out);
}

Tensor tensordot(const Tensor& a, const Tensor& b, int64_t dims) {
  if (dims < 0 || dims > a.dim() || dims > b.dim())
    fail("tensordot", "expected between 0 and {} dimensions, got {}", std::min(a.dim(), b.dim()), dims);
  Shape last, first;
  for (int64_t d = 0; d < dims; ++d) {
    last.push_back(a.dim() - dims + d);
    first.push_back(d);
  }
  return tensordot(a, b, last, first);
}

Tensor kron(const Tensor& a, const Tensor& b) {
  // Each dimension of the result is a pair: a's goes round slowly, b's fast.
  const std::size_t dims = std::max(a.shape().size(), b.shape().size());
  Shape slow, fast, out;
  for (std::size_t d = 0; d < dims; ++d) {
    const auto size = [&](const Tensor& x) {
      const std::size_t ahead = dims - x.shape().size();
      return d < ahead ? int64_t{1} : x.shape()[d - ahead];
    };
    for (const int64_t n : {size(a), int64_t{1}}) slow.push_back(n);
    for (const int64_t n : {int64_t{1}, size(b)}) fast.push_back(n);
    out.push_back(size(a) * size(b));
  }
  return (a.reshape(slow) * b.reshape(fast)).reshape(out);
}

Tensor cross(const Tensor& a, const Tensor& b, int64_t dim) {
  const Shape shape = broadcast_shapes(a.shape(), b.shape(), "cross");
  if (a.dim() != b.dim())
    fail("cross", "expected as many dimensions on both sides, got {} and {}", a.shape().to_string(),
         b.shape().to_string());
  if (shape.empty()) fail("cross", "expected a dimension of size 3, got 0-dim tensors");
  const int64_t d = wrap_dim(dim, a.dim(), "cross");
  if (a.size(d) != 3 || b.size(d) != 3)
    fail("cross", "expected size 3 in dimension {}, got {} and {}", d, a.shape().to_string(), b.shape().to_string());
  const TensorOptions indices{int64, a.device()};
  const Tensor next = tensor({1, 2, 0}, indices), after = tensor({2, 0, 1}, indices);
  return a.index_select(d, next) * b.index_select(d, after) - a.index_select(d, after) * b.index_select(d, next);
}

Tensor Tensor::inner(const Tensor& other) const { return tenon::inner(*this, other); }
Tensor Tensor::kron(const Tensor& other) const { return tenon::kron(*this, other); }

Tensor Tensor::cross(const Tensor& other, std::optional<int64_t> d) const {
  if (d) return tenon::cross(*this, other, *d);
  const auto three = std::find(shape().begin(), shape().end(), 3);
  if (three == shape().end()) fail("cross", "expected a dimension of size 3, got shape {}", shape().to_string());
  return tenon::cross(*this, other, three - shape().begin());
}

}  // namespace tenon
