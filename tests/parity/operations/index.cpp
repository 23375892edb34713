// Choosing and changing elements, as calls.
#include "operations/arguments.h"

namespace tenon::parity {
namespace {

Reduce reduction(const Arguments& a) {
  const std::string how = a.text(4, "reduce");
  if (how == "sum") return Reduce::sum;
  if (how == "prod") return Reduce::prod;
  if (how == "mean") return Reduce::mean;
  return how == "amax" ? Reduce::amax : Reduce::amin;
}
}  // namespace

void add_index(Operations& to) {
  one(to, "index_select", [](const Arguments& a) { return a.x().index_select(a.i(1, "dim", 0), a.x(2)); });
  one(to, "gather", [](const Arguments& a) { return a.x().gather(a.i(1, "dim", 0), a.x(2)); });
  one(to, "take", [](const Arguments& a) { return a.x().take(a.x(1)); });
  one(to, "take_along_dim", [](const Arguments& a) { return a.x().take_along_dim(a.x(1), a.maybe_i(2, "dim")); });
  one(to, "masked_select", [](const Arguments& a) { return a.x().masked_select(a.x(1)); });
  one(to, "nonzero", [](const Arguments& a) { return a.x().nonzero(); });
  one(to, "argwhere", [](const Arguments& a) { return argwhere(a.x()); });
  one(to, "scatter", [](const Arguments& a) {
    return a.is_tensor(3) ? a.x().scatter(a.i(1, "dim", 0), a.x(2), a.x(3))
                          : a.x().scatter(a.i(1, "dim", 0), a.x(2), a.scalar(3, "value"));
  });
  one(to, "scatter_add", [](const Arguments& a) { return a.x().scatter_add(a.i(1, "dim", 0), a.x(2), a.x(3)); });
  one(to, "scatter_reduce", [](const Arguments& a) {
    return a.x().scatter_reduce(a.i(1, "dim", 0), a.x(2), a.x(3), reduction(a), a.flag(5, "include_self", true));
  });
  one(to, "index_add",
      [](const Arguments& a) { return a.x().index_add(a.i(1, "dim", 0), a.x(2), a.x(3), a.scalar(4, "alpha", 1)); });
  one(to, "index_copy", [](const Arguments& a) { return a.x().index_copy(a.i(1, "dim", 0), a.x(2), a.x(3)); });
  one(to, "index_fill",
      [](const Arguments& a) { return a.x().index_fill(a.i(1, "dim", 0), a.x(2), a.scalar(3, "value")); });
  one(to, "masked_fill", [](const Arguments& a) {
    return a.is_tensor(2) ? a.x().masked_fill(a.x(1), a.x(2)) : a.x().masked_fill(a.x(1), a.scalar(2, "value"));
  });
  one(to, "masked_scatter", [](const Arguments& a) { return a.x().masked_scatter(a.x(1), a.x(2)); });
  one(to, "tril", [](const Arguments& a) { return a.x().tril(a.i(1, "diagonal", 0)); });
  one(to, "triu", [](const Arguments& a) { return a.x().triu(a.i(1, "diagonal", 0)); });
  one(to, "diag", [](const Arguments& a) { return a.x().diag(a.i(1, "diagonal", 0)); });
  one(to, "diag_embed",
      [](const Arguments& a) { return a.x().diag_embed(a.i(1, "offset", 0), a.i(2, "dim1", -2), a.i(3, "dim2", -1)); });
  one(to, "bincount",
      [](const Arguments& a) { return bincount(a.x(), a.is_tensor(1) ? a.x(1) : Tensor(), a.i(2, "minlength", 0)); });
  one(to, "histc",
      [](const Arguments& a) { return histc(a.x(), a.i(1, "bins", 100), a.d(2, "min", 0), a.d(3, "max", 0)); });
  one(to, "searchsorted", [](const Arguments& a) { return searchsorted(a.x(), a.x(1), a.flag(2, "right")); });
  one(to, "bucketize", [](const Arguments& a) { return bucketize(a.x(), a.x(1), a.flag(2, "right")); });
  one(to, "index_put",
      [](const Arguments& a) { return a.x().index_put(a.indices(1), a.x(2), a.flag(3, "accumulate")); });
  changed(to, "index_put_",
          [](const Tensor& x, const Arguments& a) { x.index_put_(a.indices(1), a.x(2), a.flag(3, "accumulate")); });
  changed(to, "scatter_", [](const Tensor& x, const Arguments& a) { x.scatter_(a.i(1, "dim", 0), a.x(2), a.x(3)); });
  changed(to, "scatter_add_",
          [](const Tensor& x, const Arguments& a) { x.scatter_add_(a.i(1, "dim", 0), a.x(2), a.x(3)); });
  changed(to, "scatter_reduce_", [](const Tensor& x, const Arguments& a) {
    x.scatter_reduce_(a.i(1, "dim", 0), a.x(2), a.x(3), reduction(a), a.flag(5, "include_self", true));
  });
  changed(to, "index_add_", [](const Tensor& x, const Arguments& a) {
    x.index_add_(a.i(1, "dim", 0), a.x(2), a.x(3), a.scalar(4, "alpha", 1));
  });
  changed(to, "index_copy_",
          [](const Tensor& x, const Arguments& a) { x.index_copy_(a.i(1, "dim", 0), a.x(2), a.x(3)); });
  changed(to, "index_fill_",
          [](const Tensor& x, const Arguments& a) { x.index_fill_(a.i(1, "dim", 0), a.x(2), a.scalar(3, "value")); });
  changed(to, "masked_fill_",
          [](const Tensor& x, const Arguments& a) { x.masked_fill_(a.x(1), a.scalar(2, "value")); });
  changed(to, "masked_scatter_", [](const Tensor& x, const Arguments& a) { x.masked_scatter_(a.x(1), a.x(2)); });
  changed(to, "tril_", [](const Tensor& x, const Arguments& a) { x.tril_(a.i(1, "diagonal", 0)); });
  changed(to, "triu_", [](const Tensor& x, const Arguments& a) { x.triu_(a.i(1, "diagonal", 0)); });
  changed(to, "fill_diagonal_",
          [](const Tensor& x, const Arguments& a) { x.fill_diagonal_(a.scalar(1, "fill_value"), a.flag(2, "wrap")); });
  one(to, "select_scatter",
      [](const Arguments& a) { return select_scatter(a.x(), a.x(1), a.i(2, "dim", 0), a.i(3, "index", 0)); });
  one(to, "slice_scatter", [](const Arguments& a) {
    return slice_scatter(a.x(), a.x(1), a.i(2, "dim", 0),
                         {a.maybe_i(3, "start"), a.maybe_i(4, "end"), a.i(5, "step", 1)});
  });
  one(to, "diagonal_scatter", [](const Arguments& a) {
    return diagonal_scatter(a.x(), a.x(1), a.i(2, "offset", 0), a.i(3, "dim1", 0), a.i(4, "dim2", 1));
  });
  one(to, "isin", [](const Arguments& a) { return isin(a.x(), a.x(1), a.flag(9, "invert")); });
  several(to, "unravel_index", [](const Arguments& a) { return unravel_index(a.x(), a.dims(1, "shape")); });
  one(to, "put", [](const Arguments& a) { return a.x().put(a.x(1), a.x(2), a.flag(3, "accumulate")); });
  changed(to, "put_", [](const Tensor& x, const Arguments& a) { x.put_(a.x(1), a.x(2), a.flag(3, "accumulate")); });
  one(to, "index_reduce", [](const Arguments& a) {
    return a.x().index_reduce(a.i(1, "dim", 0), a.x(2), a.x(3), reduction(a), a.flag(5, "include_self", true));
  });
  changed(to, "index_reduce_", [](const Tensor& x, const Arguments& a) {
    x.index_reduce_(a.i(1, "dim", 0), a.x(2), a.x(3), reduction(a), a.flag(5, "include_self", true));
  });
  one(to, "diagflat", [](const Arguments& a) { return a.x().diagflat(a.i(1, "offset", 0)); });
  several(to, "histogram", [](const Arguments& a) {
    HistogramOptions options{.weight = a.tensor("weight"), .density = a.flag(9, "density")};
    if (const Argument* range = a.find(9, "range"))
      options.range = {range->plain[0].get<double>(), range->plain[1].get<double>()};
    const Histogram h =
        a.is_tensor(1) ? histogram(a.x(), a.x(1), options) : histogram(a.x(), a.i(1, "bins", 1), options);
    return std::vector{h.hist, h.bin_edges};
  });
}

}  // namespace tenon::parity
