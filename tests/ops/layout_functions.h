#pragma once
// The functions of layouts.py, by its names.
#include <functional>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include <tenon/autograd.h>
#include <tenon/nn/functional.h>
#include <tenon/random.h>
#include <tenon/tenon.h>

namespace tenon::test {

using Tensors = std::vector<Tensor>;
using LayoutFunction = std::function<Tensors(const Tensors&)>;

namespace layout {

/// Of one tensor.
template <class F>
LayoutFunction of_one(F f) {
  return [f](const Tensors& x) -> Tensors {
    const auto y = f(x[0]);
    if constexpr (requires {
                    y.values;
                    y.indices;
                  })
      return {y.values, y.indices};
    else if constexpr (requires {
                         y.size();
                         y[0].dim();
                       })
      return y;
    else return {y};
  };
}

inline Tensor wide(const Tensor& x) { return x.to(float64); }
inline Tensor firsts(std::initializer_list<int64_t> indices) { return tensor(indices); }
inline Tensor none_of(const Tensor& x) { return zeros_like(x, {.dtype = int64}); }
inline Tensor some(const Shape& shape, const Tensor& like) { return ones(shape, {like.dtype()}); }

inline void add_order(std::map<std::string, LayoutFunction>& all) {
  const auto add = [&](const char* name, auto f) { all[name] = of_one(f); };
  add("sort", [](const Tensor& x) { return x.sort(-1); });
  add("sort 0", [](const Tensor& x) { return x.sort(0, true); });
  add("argsort", [](const Tensor& x) { return x.argsort(0); });
  add("msort", [](const Tensor& x) { return x.msort(); });
  add("topk", [](const Tensor& x) { return x.topk(1); });
  add("topk 0", [](const Tensor& x) { return x.topk(1, 0); });
  add("kthvalue", [](const Tensor& x) { return x.kthvalue(1, 0); });
  add("kthvalue kept", [](const Tensor& x) { return x.kthvalue(1, -1, true); });
  add("median", [](const Tensor& x) { return x.median(0); });
  add("median kept", [](const Tensor& x) { return x.median(0, true); });
  add("nanmedian", [](const Tensor& x) { return x.nanmedian(-1); });
  add("mode", [](const Tensor& x) { return x.mode(0); });
  add("mode kept", [](const Tensor& x) { return x.mode(0, true); });
  add("quantile", [](const Tensor& x) { return wide(x).quantile(0.5, 0); });
  add("quantile kept", [](const Tensor& x) { return wide(x).quantile(0.5, -1, true); });
  add("quantiles", [](const Tensor& x) { return wide(x).quantile(tensor({0.25, 0.5}, {.dtype = float64}), 0); });
  add("unique", [](const Tensor& x) { return unique(x, {.return_inverse = true}).inverse; });
}

inline void add_rearranged(std::map<std::string, LayoutFunction>& all) {
  const auto add = [&](const char* name, auto f) { all[name] = of_one(f); };
  add("flip", [](const Tensor& x) { return x.flip({0}); });
  add("flip none", [](const Tensor& x) { return x.flip({}); });
  add("roll", [](const Tensor& x) { return x.roll({1}); });
  add("roll 0", [](const Tensor& x) { return x.roll({1}, {0}); });
  add("roll two", [](const Tensor& x) { return x.roll({1, 1}, {0, -1}); });
  add("rot90", [](const Tensor& x) { return x.rot90(); });
  add("rot90 twice", [](const Tensor& x) { return x.rot90(2); });
  add("rot90 not", [](const Tensor& x) { return x.rot90(0); });
  add("repeat", [](const Tensor& x) { return x.repeat(Shape(x.shape().size(), int64_t{2})); });
  add("repeat more", [](const Tensor& x) {
    Shape repeats(x.shape().size() + 1, int64_t{1});
    repeats[0] = 2;
    return x.repeat(repeats);
  });
  add("tile", [](const Tensor& x) { return x.tile({2}); });
  add("repeat_interleave", [](const Tensor& x) { return x.repeat_interleave(2, 0); });
  add("repeat_interleave flat", [](const Tensor& x) { return x.repeat_interleave(2); });
  add("reshape", [](const Tensor& x) { return x.reshape({-1}); });
  add("flatten", [](const Tensor& x) { return x.flatten(); });
  add("narrow_copy", [](const Tensor& x) { return x.narrow_copy(0, 0, 1); });
  add("diag_embed", [](const Tensor& x) { return x.diag_embed(); });
  add("tril", [](const Tensor& x) { return x.tril(); });
  add("triu", [](const Tensor& x) { return x.triu(1); });
}

inline void add_reductions(std::map<std::string, LayoutFunction>& all) {
  const auto add = [&](const char* name, auto f) { all[name] = of_one(f); };
  constexpr double infinity = std::numeric_limits<double>::infinity();
  add("sum", [](const Tensor& x) { return x.sum({0}); });
  add("sum last", [](const Tensor& x) { return x.sum({-1}); });
  add("sum kept", [](const Tensor& x) { return x.sum({0}, true); });
  add("sum two", [](const Tensor& x) { return x.sum({0, -1}); });
  add("sum two kept", [](const Tensor& x) { return x.sum({0, -1}, true); });
  add("sum all kept", [](const Tensor& x) { return x.sum({}, true); });
  add("nansum", [](const Tensor& x) { return x.nansum({0}); });
  add("mean", [](const Tensor& x) { return wide(x).mean({0}); });
  add("mean two kept", [](const Tensor& x) { return wide(x).mean({0, -1}, true); });
  add("nanmean", [](const Tensor& x) { return wide(x).nanmean({0}); });
  add("prod", [](const Tensor& x) { return x.prod(0); });
  add("prod kept", [](const Tensor& x) { return x.prod(-1, true); });
  add("amax", [](const Tensor& x) { return x.amax({0}); });
  add("amax two", [](const Tensor& x) { return x.amax({0, -1}); });
  add("amax two kept", [](const Tensor& x) { return x.amax({0, -1}, true); });
  add("aminmax", [](const Tensor& x) {
    const auto both = x.aminmax(0);
    return Tensors{both.min, both.max};
  });
  add("max", [](const Tensor& x) { return x.max(0); });
  add("max kept", [](const Tensor& x) { return x.max(-1, true); });
  add("argmax", [](const Tensor& x) { return x.argmax(0); });
  add("argmin kept", [](const Tensor& x) { return x.argmin(-1, true); });
  add("argmax all kept", [](const Tensor& x) { return x.argmax({}, true); });
  add("var", [](const Tensor& x) { return wide(x).var({0}); });
  add("std kept", [](const Tensor& x) { return wide(x).std({0, -1}, 1, true); });
  add("var_mean", [](const Tensor& x) {
    const auto both = var_mean(wide(x), {0});
    return Tensors{both.variance, both.mean};
  });
  add("std_mean", [](const Tensor& x) {
    const auto both = std_mean(wide(x), {-1}, 1, true);
    return Tensors{both.deviation, both.mean};
  });
  add("norm", [](const Tensor& x) { return wide(x).norm(2, {0}); });
  add("norm one", [](const Tensor& x) { return wide(x).norm(1, {0, -1}); });
  add("norm max kept", [](const Tensor& x) { return wide(x).norm(infinity, {0}, true); });
  add("vector_norm", [](const Tensor& x) { return linalg::vector_norm(wide(x), 2, {0}); });
  add("logsumexp", [](const Tensor& x) { return wide(x).logsumexp({0}); });
  add("logsumexp two kept", [](const Tensor& x) { return wide(x).logsumexp({0, -1}, true); });
  add("all", [](const Tensor& x) { return x.all({0}); });
  add("any kept", [](const Tensor& x) { return x.any({-1}, true); });
  add("any two", [](const Tensor& x) { return x.any({0, -1}); });
  add("count_nonzero", [](const Tensor& x) { return x.count_nonzero({0}); });

  add("cumsum", [](const Tensor& x) { return x.cumsum(0); });
  add("cumsum last", [](const Tensor& x) { return x.cumsum(-1); });
  add("cumprod", [](const Tensor& x) { return x.cumprod(0); });
  add("cummax", [](const Tensor& x) { return x.cummax(0); });
  add("logcumsumexp", [](const Tensor& x) { return wide(x).logcumsumexp(0); });
  add("diff", [](const Tensor& x) { return x.diff(1, 0); });
  add("diff last", [](const Tensor& x) { return x.diff(); });
  add("log_softmax", [](const Tensor& x) { return wide(x).log_softmax(0); });
  add("softmax 0", [](const Tensor& x) { return wide(x).softmax(0); });
  add("renorm", [](const Tensor& x) { return wide(x).renorm(2, 0, 1); });
}

inline void add_choices(std::map<std::string, LayoutFunction>& all) {
  const auto add = [&](const char* name, auto f) { all[name] = of_one(f); };
  using std::vector;
  add("index_select", [](const Tensor& x) { return x.index_select(0, firsts({0, 0})); });
  add("index_select last", [](const Tensor& x) { return x.index_select(-1, firsts({0, 0})); });
  add("gather", [](const Tensor& x) { return x.gather(0, none_of(x)); });
  add("take", [](const Tensor& x) { return x.take(none_of(x)); });
  add("take_along_dim", [](const Tensor& x) { return x.take_along_dim(none_of(x), 0); });
  add("masked_select", [](const Tensor& x) { return x.masked_select(x > 0); });
  add("masked_fill cut", [](const Tensor& x) { return x.masked_fill((x > 1).narrow(0, 0, 1), 1); });
  add("masked_fill by tensor", [](const Tensor& x) { return x.masked_fill(x > 1, some({}, x)); });
  add("masked_scatter", [](const Tensor& x) { return x.masked_scatter(x > 0, some(x.shape(), x)); });
  add("scatter", [](const Tensor& x) { return x.scatter(0, none_of(x), x); });
  add("scatter number", [](const Tensor& x) { return x.scatter(0, none_of(x), 1); });
  add("scatter_add", [](const Tensor& x) { return x.scatter_add(0, none_of(x), x); });
  add("scatter_reduce", [](const Tensor& x) { return x.scatter_reduce(0, none_of(x), x, Reduce::amax); });
  add("index_put", [](const Tensor& x) { return x.index_put({firsts({0})}, x.narrow(0, 0, 1)); });
  add("index_add", [](const Tensor& x) { return x.index_add(0, firsts({0}), x.narrow(0, 0, 1)); });
  add("index_copy", [](const Tensor& x) { return x.index_copy(0, firsts({0}), x.narrow(0, 0, 1)); });
  add("index_fill", [](const Tensor& x) { return x.index_fill(0, firsts({0}), 1); });
  add("index_reduce", [](const Tensor& x) { return x.index_reduce(0, firsts({0}), x.narrow(0, 0, 1), Reduce::amax); });
  add("put", [](const Tensor& x) { return x.put(firsts({0}), some({1}, x)); });
  add("index one", [](const Tensor& x) { return x.index({firsts({0, 0})}); });
  add("index last", [](const Tensor& x) { return x.index({Ellipsis, firsts({0, 0})}); });
  add("index second", [](const Tensor& x) { return x.index({Slice(), firsts({0, 0})}); });
  add("index second pair", [](const Tensor& x) { return x.index({Slice(), firsts({0, 0}).view({1, 2})}); });
  add("index two", [](const Tensor& x) { return x.index({firsts({0, 0}), firsts({0, 0})}); });
  add("index apart", [](const Tensor& x) { return x.index({firsts({0, 0}), Slice(), firsts({0, 0})}); });
  add("index mask", [](const Tensor& x) { return x.index({x > 0}); });
  add("nonzero", [](const Tensor& x) { return x.nonzero(); });
  add("select_scatter", [](const Tensor& x) { return x.select_scatter(x[0], 0, 0); });
  add("slice_scatter", [](const Tensor& x) { return x.slice_scatter(x.narrow(0, 0, 1), 0, {0, 1}); });
  add("diagonal_scatter", [](const Tensor& x) { return x.diagonal_scatter(x.diagonal()); });
}

inline void add_copies(std::map<std::string, LayoutFunction>& all) {
  const auto add = [&](const char* name, auto f) { all[name] = of_one(f); };
  add("zeros_like", [](const Tensor& x) { return zeros_like(x); });
  add("ones_like", [](const Tensor& x) { return ones_like(x); });
  add("full_like", [](const Tensor& x) { return full_like(x, 2); });
  add("rand_like double", [](const Tensor& x) { return rand_like(x, {.dtype = float64}); });
  add("randint_like", [](const Tensor& x) { return randint_like(x, 0, 5); });
  add("new_zeros", [](const Tensor& x) { return x.new_zeros(x.shape()); });
  add("contiguous", [](const Tensor& x) { return x.contiguous(); });
  add("to int", [](const Tensor& x) { return x.to(int32); });
  add("to half", [](const Tensor& x) { return x.to(float16); });
  add("to itself", [](const Tensor& x) { return x.to(x.dtype()); });
  add("bernoulli", [](const Tensor& x) { return bernoulli(x * 0.5); });
  add("layer_norm", [](const Tensor& x) { return nn::functional::layer_norm(wide(x), {x.size(-1)}); });
  add("gelu", [](const Tensor& x) { return nn::functional::gelu(wide(x)); });
  add("gelu tanh",
      [](const Tensor& x) { return nn::functional::gelu(wide(x), nn::functional::GELUApproximation::tanh); });
  add("relu", [](const Tensor& x) { return x.relu(); });
  add("sigmoid", [](const Tensor& x) { return x.sigmoid(); });
  add("round decimals", [](const Tensor& x) { return wide(x).round(2); });
  add("polygamma", [](const Tensor& x) { return wide(x).polygamma(1); });
  add("lerp", [](const Tensor& x) { return wide(x).lerp(wide(x), 0.5); });
  add("nan_to_num", [](const Tensor& x) { return x.nan_to_num(); });
}

inline void add_products(std::map<std::string, LayoutFunction>& all) {
  const auto add = [&](const char* name, auto f) { all[name] = of_one(f); };
  add("linear", [](const Tensor& x) { return nn::functional::linear(wide(x), ones({2, x.size(-1)}, {float64})); });
  add("matmul by a matrix", [](const Tensor& x) { return x.matmul(some({x.size(-1), 2}, x)); });
  add("matmul by a vector", [](const Tensor& x) { return x.matmul(some({x.size(-1)}, x)); });
  add("matmul of a matrix", [](const Tensor& x) { return some({2, x.size(-2)}, x).matmul(x); });
  add("matmul by itself", [](const Tensor& x) { return x.matmul(x.mT()); });
  add("bmm", [](const Tensor& x) { return x.bmm(x.mT()); });
  add("baddbmm", [](const Tensor& x) { return x.baddbmm(x, some({x.size(0), x.size(2), x.size(2)}, x)); });
  add("addmm", [](const Tensor& x) { return x.addmm(x, some({x.size(1), x.size(1)}, x)); });
  add("outer", [](const Tensor& x) { return x.outer(x); });
  add("kron", [](const Tensor& x) { return x.kron(x); });
  add("tensordot", [](const Tensor& x) { return tensordot(x, x, 1); });
  add("einsum", [](const Tensor& x) { return einsum("bij,bkj->bik", {x, x}); });
  add("einsum permuted", [](const Tensor& x) { return einsum("bij->jib", {x}); });
  add("cdist", [](const Tensor& x) { return cdist(wide(x), wide(x)); });
  add("cross", [](const Tensor& x) { return cross(x, x); });

  const auto join = [&](const char* name, Tensor (*f)(const TensorList&)) {
    all[name] = [f](const Tensors& x) { return Tensors{f(x)}; };
  };
  all["cat"] = [](const Tensors& x) { return Tensors{cat(x)}; };
  all["cat last"] = [](const Tensors& x) { return Tensors{cat(x, -1)}; };
  all["stack"] = [](const Tensors& x) { return Tensors{stack(x)}; };
  all["stack last"] = [](const Tensors& x) { return Tensors{stack(x, -1)}; };
  join("hstack", hstack);
  join("vstack", vstack);
  join("dstack", dstack);
  join("column_stack", column_stack);
}

inline void add_linear_algebra(std::map<std::string, LayoutFunction>& all) {
  const auto add = [&](const char* name, auto f) { all[name] = of_one(f); };
  using namespace linalg;
  add("inv", [](const Tensor& x) { return inv(x); });
  add("inv_ex", [](const Tensor& x) {
    const auto y = inv_ex(x);
    return Tensors{y.inverse, y.info};
  });
  add("det", [](const Tensor& x) { return linalg::det(x); });
  add("slogdet", [](const Tensor& x) {
    const auto y = linalg::slogdet(x);
    return Tensors{y.sign, y.logabsdet};
  });
  add("solve", [](const Tensor& x) { return solve(x, x); });
  add("solve vector", [](const Tensor& x) { return solve(x, x.select(-1, 0)); });
  add("solve_triangular", [](const Tensor& x) { return solve_triangular(x, x, {.upper = true}); });
  add("cholesky_ex", [](const Tensor& x) { return cholesky_ex(x).l; });
  add("cholesky_ex upper", [](const Tensor& x) { return cholesky_ex(x, true).l; });
  add("cholesky_solve", [](const Tensor& x) { return cholesky_solve(x, x); });
  add("cholesky_inverse", [](const Tensor& x) { return tenon::cholesky_inverse(x); });
  add("qr", [](const Tensor& x) {
    const auto y = qr(x);
    return Tensors{y.q, y.r};
  });
  add("qr complete", [](const Tensor& x) {
    const auto y = qr(x, QRMode::complete);
    return Tensors{y.q, y.r};
  });
  add("svd", [](const Tensor& x) {
    const auto y = svd(x, false);
    return Tensors{y.u, y.s, y.vh};
  });
  add("svd full", [](const Tensor& x) {
    const auto y = svd(x);
    return Tensors{y.u, y.s, y.vh};
  });
  add("svdvals", [](const Tensor& x) { return svdvals(x); });
  add("eigh", [](const Tensor& x) {
    const auto y = eigh(x);
    return Tensors{y.eigenvalues, y.eigenvectors};
  });
  add("eigvalsh", [](const Tensor& x) { return eigvalsh(x); });
  add("lstsq", [](const Tensor& x) { return lstsq(x, x); });
  add("pinv", [](const Tensor& x) { return pinv(x); });
  add("lu_factor", [](const Tensor& x) {
    const auto y = lu_factor(x);
    return Tensors{y.lu, y.pivots};
  });
  add("lu", [](const Tensor& x) {
    const auto y = lu(x);
    return Tensors{y.p, y.l, y.u};
  });
  add("matrix_power", [](const Tensor& x) { return linalg::matrix_power(x, 3); });
  add("matrix_power 0", [](const Tensor& x) { return linalg::matrix_power(x, 0); });
  add("matrix_power 1", [](const Tensor& x) { return linalg::matrix_power(x, 1); });
  add("matrix_exp", [](const Tensor& x) { return linalg::matrix_exp(x); });
  add("matrix_norm", [](const Tensor& x) { return matrix_norm(x); });
}

inline void add_elementwise(std::map<std::string, LayoutFunction>& all) {
  const auto add = [&](const char* name, auto f) { all[name] = of_one(f); };
  add("empty_like", [](const Tensor& x) { return empty_like(x); });
  add("clone", [](const Tensor& x) { return x.clone(); });
  add("to", [](const Tensor& x) { return x.to(float64); });
  add("neg", [](const Tensor& x) { return -x; });
  add("exp", [](const Tensor& x) { return x.exp(); });
  add("isnan", [](const Tensor& x) { return x.isnan(); });
  add("pow", [](const Tensor& x) { return x.pow(2); });
  add("clamp", [](const Tensor& x) { return x.clamp(0); });
  add("masked_fill", [](const Tensor& x) { return x.masked_fill(x > 1, 1); });
  add("softmax", [](const Tensor& x) { return x.to(float64).softmax(-1); });
  add("add one", [](const Tensor& x) { return x + 1; });
  add("one minus", [](const Tensor& x) { return 1 - x; });
  add("less than one", [](const Tensor& x) { return x < 1; });
  add("dropout", [](const Tensor& x) { return nn::functional::dropout(x, 0.5); });
  add("rand_like", [](const Tensor& x) { return rand_like(x); });
  add("randn_like", [](const Tensor& x) { return randn_like(x); });
  all["add"] = [](const Tensors& x) { return Tensors{x[0] + x[1]}; };
  all["less"] = [](const Tensors& x) { return Tensors{x[0] < x[1]}; };
  all["maximum"] = [](const Tensors& x) { return Tensors{maximum(x[0], x[1])}; };
  all["divide"] = [](const Tensors& x) { return Tensors{x[0] / x[1]}; };
  all["where"] = [](const Tensors& x) { return Tensors{where(x[0] > 0, x[1], x[2])}; };
  all["addcmul"] = [](const Tensors& x) { return Tensors{x[0].addcmul(x[1], x[2])}; };
  all["clamp to"] = [](const Tensors& x) { return Tensors{x[0].clamp(x[1], x[2])}; };
}

}  // namespace layout

/// The function of this name; "gradient of NAME": what a leaf gets by all of its first result.
inline LayoutFunction layout_function(const std::string& name) {
  static const std::map<std::string, LayoutFunction> all = [] {
    std::map<std::string, LayoutFunction> made;
    layout::add_elementwise(made);
    layout::add_order(made);
    layout::add_rearranged(made);
    layout::add_reductions(made);
    layout::add_choices(made);
    layout::add_copies(made);
    layout::add_products(made);
    layout::add_linear_algebra(made);
    return made;
  }();
  const std::string gradient = "gradient of ";
  if (!name.starts_with(gradient)) return all.at(name);
  return [f = all.at(name.substr(gradient.size()))](const Tensors& x) {
    const Tensor leaf = x[0].detach().requires_grad_();
    f({leaf})[0].sum().backward();
    return Tensors{leaf.grad()};
  };
}

}  // namespace tenon::test
