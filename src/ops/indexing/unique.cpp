// Which different elements, or slices, there are.
#include "backend/sort.h"
#include "ops/reduction/reduction.h"

namespace tenon {
namespace {

/// For (n) or (n, width): where a row differs from the one before; the first does. NaN differs from itself.
Tensor differs_from_last(const Tensor& rows) {
  const int64_t n = rows.size(0);
  Tensor differs = rows.narrow(0, 1, n - 1) != rows.narrow(0, 0, n - 1);
  if (rows.dim() > 1) differs = differs.any({1});
  return cat({full({1}, true, {boolean, rows.device()}), differs});
}

/// What is asked for of groups of equals that lie side by side; `order` says where each element came from.
Unique of_groups(const Tensor& fresh, const Tensor& order, const Shape& inverse_shape, const UniqueOptions& o) {
  Unique y;
  if (o.return_inverse) {
    const Tensor group = fresh.cumsum(0) - 1;
    y.inverse = (order.defined() ? zeros_like(group).scatter(0, order, group) : group).reshape(inverse_shape);
  }
  if (o.return_counts)
    y.counts = fresh.nonzero().reshape({-1}).diff(1, 0, {}, full({1}, fresh.numel(), {int64, fresh.device()}));
  return y;
}

Unique of_slices(const char* name, const Tensor& x, bool in_order, const UniqueOptions& o) {
  if (x.dim() == 0) fail(name, "a 0-dim tensor has no dimension to take slices along");
  const int64_t dim = wrap_dim(*o.dim, x.dim(), name), n = x.size(dim);
  if (x.numel() == 0 && n > 0)
    fail(name, "slices along dimension {} of shape {} have no elements to compare", dim, x.shape().to_string());
  for (int64_t d = 0; d < x.dim(); ++d)
    if (d != dim && x.size(d) == 0)
      fail(name, "slices along dimension {} of shape {} have no elements to compare", dim, x.shape().to_string());
  if (n == 0) {
    const Tensor none = new_tensor({0}, int64, x.device());
    return {x, o.return_inverse ? none : Tensor(), o.return_counts ? none : Tensor()};
  }
  Tensor rows = x.transpose(0, dim).contiguous().reshape({n, x.numel() / n}), order;
  if (!in_order) {
    order = new_tensor({n}, int64, x.device());
    on<SortKernels>(x.device()).order_rows(order, rows);
    rows = rows.index_select(0, order);
  }
  const Tensor fresh = differs_from_last(rows), first = fresh.nonzero().reshape({-1});
  Unique y = of_groups(fresh, order, {n}, o);
  y.values = x.index_select(dim, order.defined() ? order.index_select(0, first) : first);
  return y;
}

Unique unique_of(const char* name, const Tensor& input, bool in_order, const UniqueOptions& o) {
  if (input.is_meta()) fail(name, "how many elements there are depends on the data, of which the meta device has none");
  const NoGrad guard;
  const Tensor x = input.detach();
  if (o.dim) return of_slices(name, x, in_order, o);
  Tensor row = x.reshape({x.numel()}), order;
  if (x.numel() == 0)
    return {row, o.return_inverse ? zeros(x.shape(), {int64, x.device()}) : Tensor(),
            o.return_counts ? zeros({0}, {int64, x.device()}) : Tensor()};
  if (!in_order) {
    const ValuesAndIndices sorted = row.sort(0);
    row = sorted.values;
    order = sorted.indices;
  }
  const Tensor fresh = differs_from_last(row);
  Unique y = of_groups(fresh, order, x.shape(), o);
  y.values = row.masked_select(fresh);
  return y;
}

}  // namespace

Unique unique(const Tensor& x, const UniqueOptions& options) { return unique_of("unique", x, false, options); }
Unique unique_consecutive(const Tensor& x, const UniqueOptions& options) {
  return unique_of("unique_consecutive", x, true, options);
}

Unique Tensor::unique() const { return tenon::unique(*this); }
Unique Tensor::unique(const UniqueOptions& options) const { return tenon::unique(*this, options); }
Unique Tensor::unique_consecutive() const { return tenon::unique_consecutive(*this); }
Unique Tensor::unique_consecutive(const UniqueOptions& options) const {
  return tenon::unique_consecutive(*this, options);
}

}  // namespace tenon
