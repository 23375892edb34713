// Sums, extrema, order, as calls.
#include "operations/arguments.h"

namespace tenon::parity {
namespace {

std::vector<Tensor> both(const ValuesAndIndices& r) { return {r.values, r.indices}; }

Interpolation interpolation(const Arguments& a) {
  const std::string how = a.text(4, "interpolation");
  if (how == "lower") return Interpolation::lower;
  if (how == "higher") return Interpolation::higher;
  if (how == "midpoint") return Interpolation::midpoint;
  return how == "nearest" ? Interpolation::nearest : Interpolation::linear;
}

std::vector<Tensor> distinct(const Arguments& a, Unique (*f)(const Tensor&, const UniqueOptions&)) {
  const Unique r = f(a.x(), {.return_inverse = a.flag(9, "return_inverse"),
                             .return_counts = a.flag(9, "return_counts"),
                             .dim = a.maybe_i(9, "dim")});
  std::vector<Tensor> out{r.values};
  if (r.inverse.defined()) out.push_back(r.inverse);
  if (r.counts.defined()) out.push_back(r.counts);
  return out;
}
}  // namespace

void add_reduce(Operations& to) {
  one(to, "sum", [](const Arguments& a) { return a.x().sum(a.dims(1, "dim"), a.flag(2, "keepdim"), a.dtype()); });
  one(to, "nansum", [](const Arguments& a) { return a.x().nansum(a.dims(1, "dim"), a.flag(2, "keepdim"), a.dtype()); });
  one(to, "mean", [](const Arguments& a) { return a.x().mean(a.dims(1, "dim"), a.flag(2, "keepdim"), a.dtype()); });
  one(to, "nanmean", [](const Arguments& a) { return a.x().nanmean(a.dims(1, "dim"), a.flag(2, "keepdim")); });
  one(to, "amax", [](const Arguments& a) { return a.x().amax(a.dims(1, "dim"), a.flag(2, "keepdim")); });
  one(to, "amin", [](const Arguments& a) { return a.x().amin(a.dims(1, "dim"), a.flag(2, "keepdim")); });
  one(to, "all", [](const Arguments& a) { return a.x().all(a.dims(1, "dim"), a.flag(2, "keepdim")); });
  one(to, "any", [](const Arguments& a) { return a.x().any(a.dims(1, "dim"), a.flag(2, "keepdim")); });
  one(to, "logsumexp", [](const Arguments& a) { return a.x().logsumexp(a.dims(1, "dim"), a.flag(2, "keepdim")); });
  one(to, "prod", [](const Arguments& a) { return a.x().prod(a.maybe_i(1, "dim"), a.flag(2, "keepdim"), a.dtype()); });
  one(to, "var",
      [](const Arguments& a) { return a.x().var(a.dims(1, "dim"), a.d(3, "correction", 1), a.flag(4, "keepdim")); });
  one(to, "std",
      [](const Arguments& a) { return a.x().std(a.dims(1, "dim"), a.d(3, "correction", 1), a.flag(4, "keepdim")); });
  several(to, "var_mean", [](const Arguments& a) {
    const VarianceAndMean r = var_mean(a.x(), a.dims(1, "dim"), a.d(3, "correction", 1), a.flag(4, "keepdim"));
    return std::vector{r.variance, r.mean};
  });
  several(to, "std_mean", [](const Arguments& a) {
    const DeviationAndMean r = std_mean(a.x(), a.dims(1, "dim"), a.d(3, "correction", 1), a.flag(4, "keepdim"));
    return std::vector{r.deviation, r.mean};
  });
  one(to, "norm",
      [](const Arguments& a) { return a.x().norm(a.d(1, "p", 2), a.dims(2, "dim"), a.flag(3, "keepdim")); });
  one(to, "dist", [](const Arguments& a) { return dist(a.x(), a.x(1), a.d(2, "p", 2)); });
  several(to, "max", [](const Arguments& a) {
    return a.has(1, "dim") ? both(a.x().max(a.i(1, "dim", 0), a.flag(2, "keepdim"))) : std::vector{a.x().max()};
  });
  several(to, "min", [](const Arguments& a) {
    return a.has(1, "dim") ? both(a.x().min(a.i(1, "dim", 0), a.flag(2, "keepdim"))) : std::vector{a.x().min()};
  });
  several(to, "median", [](const Arguments& a) {
    return a.has(1, "dim") ? both(a.x().median(a.i(1, "dim", 0), a.flag(2, "keepdim"))) : std::vector{a.x().median()};
  });
  several(to, "nanmedian", [](const Arguments& a) {
    return a.has(1, "dim") ? both(a.x().nanmedian(a.i(1, "dim", 0), a.flag(2, "keepdim")))
                           : std::vector{a.x().nanmedian()};
  });
  one(to, "argmax", [](const Arguments& a) { return a.x().argmax(a.maybe_i(1, "dim"), a.flag(2, "keepdim")); });
  one(to, "argmin", [](const Arguments& a) { return a.x().argmin(a.maybe_i(1, "dim"), a.flag(2, "keepdim")); });
  several(to, "aminmax", [](const Arguments& a) {
    const MinAndMax r = aminmax(a.x(), a.maybe_i(9, "dim"), a.flag(9, "keepdim"));
    return std::vector{r.min, r.max};
  });
  one(to, "count_nonzero", [](const Arguments& a) { return a.x().count_nonzero(a.dims(1, "dim")); });
  several(to, "mode", [](const Arguments& a) { return both(a.x().mode(a.i(1, "dim", -1), a.flag(2, "keepdim"))); });
  several(to, "kthvalue", [](const Arguments& a) {
    return both(a.x().kthvalue(a.i(1, "k", 1), a.i(2, "dim", -1), a.flag(3, "keepdim")));
  });
  one(to, "quantile", [](const Arguments& a) {
    const auto dim = a.maybe_i(2, "dim");
    const bool keep = a.flag(3, "keepdim");
    const Interpolation how = interpolation(a);
    return a.is_tensor(1) ? a.x().quantile(a.x(1), dim, keep, how) : a.x().quantile(a.d(1, "q", 0.5), dim, keep, how);
  });
  one(to, "nanquantile", [](const Arguments& a) {
    const auto dim = a.maybe_i(2, "dim");
    const bool keep = a.flag(3, "keepdim");
    const Interpolation how = interpolation(a);
    return a.is_tensor(1) ? a.x().nanquantile(a.x(1), dim, keep, how)
                          : a.x().nanquantile(a.d(1, "q", 0.5), dim, keep, how);
  });
  one(to, "cov", [](const Arguments& a) {
    return cov(a.x(), a.i(9, "correction", 1), a.tensor("fweights"), a.tensor("aweights"));
  });
  one(to, "corrcoef", [](const Arguments& a) { return corrcoef(a.x()); });
  one(to, "trapezoid", [](const Arguments& a) {
    return a.is_tensor(1) ? trapezoid(a.x(), a.x(1), a.i(9, "dim", -1))
                          : trapezoid(a.x(), a.d(9, "dx", 1), a.i(9, "dim", -1));
  });
  one(to, "cumulative_trapezoid", [](const Arguments& a) {
    return a.is_tensor(1) ? cumulative_trapezoid(a.x(), a.x(1), a.i(9, "dim", -1))
                          : cumulative_trapezoid(a.x(), a.d(9, "dx", 1), a.i(9, "dim", -1));
  });
  changed(to, "cumsum_", [](const Tensor& x, const Arguments& a) { x.cumsum_(a.i(1, "dim", 0)); });
  changed(to, "cumprod_", [](const Tensor& x, const Arguments& a) { x.cumprod_(a.i(1, "dim", 0)); });
  one(to, "cumsum", [](const Arguments& a) { return a.x().cumsum(a.i(1, "dim", 0), a.dtype()); });
  one(to, "cumprod", [](const Arguments& a) { return a.x().cumprod(a.i(1, "dim", 0), a.dtype()); });
  one(to, "logcumsumexp", [](const Arguments& a) { return a.x().logcumsumexp(a.i(1, "dim", 0)); });
  several(to, "cummax", [](const Arguments& a) { return both(a.x().cummax(a.i(1, "dim", 0))); });
  several(to, "cummin", [](const Arguments& a) { return both(a.x().cummin(a.i(1, "dim", 0))); });
  one(to, "diff", [](const Arguments& a) { return a.x().diff(a.i(1, "n", 1), a.i(2, "dim", -1)); });
  several(to, "sort", [](const Arguments& a) {
    return both(a.x().sort(a.i(1, "dim", -1), a.flag(2, "descending"), a.flag(3, "stable")));
  });
  one(to, "argsort", [](const Arguments& a) {
    return a.x().argsort(a.i(1, "dim", -1), a.flag(2, "descending"), a.flag(3, "stable"));
  });
  several(to, "topk", [](const Arguments& a) {
    return both(a.x().topk(a.i(1, "k", 1), a.i(2, "dim", -1), a.flag(3, "largest", true), a.flag(4, "sorted", true)));
  });
  one(to, "softmax", [](const Arguments& a) { return a.x().softmax(a.i(1, "dim", 0), a.dtype()); });
  one(to, "log_softmax", [](const Arguments& a) { return a.x().log_softmax(a.i(1, "dim", 0), a.dtype()); });
  several(to, "unique", [](const Arguments& a) { return distinct(a, unique); });
  several(to, "unique_consecutive", [](const Arguments& a) { return distinct(a, unique_consecutive); });
  one(to, "renorm",
      [](const Arguments& a) { return a.x().renorm(a.d(1, "p", 2), a.i(2, "dim", 0), a.d(3, "maxnorm", 1)); });
  changed(to, "renorm_", [](const Tensor& x, const Arguments& a) {
    x.renorm_(a.d(1, "p", 2), a.i(2, "dim", 0), a.d(3, "maxnorm", 1));
  });
  one(to, "msort", [](const Arguments& a) { return a.x().msort(); });
}

}  // namespace tenon::parity
