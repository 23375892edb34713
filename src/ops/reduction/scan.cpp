// Running sums, products, maxima and minima along a dimension; differences of neighbours.
#include "ops/reduction/scan.h"

#include <limits>

#include "backend/scan.h"
#include "ops/in_place.h"
#include "ops/reduction/reduction.h"

namespace tenon {
namespace {

Tensor run(ScanOp op, const Tensor& x, int64_t dim, bool reverse, const char* name) {
  const NoGrad guard;
  const Reduction r(x.contiguous(), {dim}, name);
  Tensor y = new_tensor(x.shape(), x.dtype(), x.device());
  on<ScanKernels>(y.device()).scan(op, y, r.x, r.outer, r.n, r.inner, reverse);
  return y;
}

/// x as what its running sums and products are computed in, and what these are then converted to.
struct Types {
  DType work, result;
  Types(const Tensor& x, std::optional<DType> dtype)
      : result(dtype.value_or(is_floating_point(x.dtype()) ? x.dtype() : int64)) {
    work = is_floating_point(result) ? result : int64;
  }
};

Tensor running_sum(const Tensor& x, int64_t dim, bool reverse) {
  Tensor y = run(ScanOp::sum, x, dim, reverse, "cumsum");
  if (needs_grad(x))
    record("cumsum", y, {&x}, {}, [dim, reverse](Grads& g) { g.give(0, running_sum(g.in(), dim, !reverse)); });
  return y;
}

Tensor running_product(const Tensor& x, int64_t dim) {
  Tensor y = run(ScanOp::prod, x, dim, false, "cumprod");
  if (needs_grad(x))
    record("cumprod", y, {&x}, {&x, &y},
           [dim](Grads& g) { g.give(0, cumprod_gradient(g.in(), g.saved(0), g.saved(1), dim)); });
  return y;
}

ValuesAndIndices running_extremum(const char* name, const Tensor& x, int64_t d, bool largest) {
  const int64_t dim = wrap_dim(d, x.dim(), name);
  ValuesAndIndices y{new_tensor(x.shape(), x.dtype(), x.device()), new_tensor(x.shape(), int64, x.device())};
  {
    const NoGrad guard;
    const Reduction r(x.contiguous(), {dim}, name);
    on<ScanKernels>(x.device()).scan_extremum(y.values, y.indices, r.x, r.outer, r.n, r.inner, largest);
  }
  if (needs_grad(x))
    record(name, y.values, {&x}, {&y.indices}, [dim, like = Like(x)](Grads& g) {
      g.give(0, zeros(like.shape, {like.dtype, g.in().device()}).scatter_add(dim, g.saved(0), g.in()));
    });
  return y;
}

}  // namespace

Tensor linear_scan(const Tensor& a, const Tensor& b, int64_t dim, bool reverse) {
  Tensor y = new_tensor(b.shape(), b.dtype(), b.device());
  {
    const NoGrad guard;
    const Reduction r(b.contiguous(), {dim}, "linear_scan");
    on<ScanKernels>(y.device()).linear_scan(y, a.contiguous(), r.x, r.outer, r.n, r.inner, reverse);
  }
  if (needs_grad(a, b))
    record("linear_scan", y, {&a, &b}, {&a, on_tape(a) ? &y : nullptr}, [dim, reverse](Grads& g) {
      const Tensor share = linear_scan(moved_on(g.saved(0), dim, !reverse, 0), g.in(), dim, !reverse);
      if (g.needs(0)) g.give(0, share * moved_on(g.saved(1), dim, reverse, 0));
      if (g.needs(1)) g.give(1, share);
    });
  return y;
}

Tensor moved_on(const Tensor& x, int64_t dim, bool reverse, double fill) {
  if (x.dim() == 0) return full({}, fill, {x.dtype(), x.device()});
  const int64_t n = x.size(dim);
  if (n == 0) return x;
  Shape one = x.shape();
  one[static_cast<std::size_t>(dim)] = 1;
  const Tensor free = full(one, fill, {x.dtype(), x.device()});
  return reverse ? cat({x.narrow(dim, 1, n - 1), free}, dim) : cat({free, x.narrow(dim, 0, n - 1)}, dim);
}

Tensor cumprod_gradient(const Tensor& g, const Tensor& x, const Tensor& y, int64_t dim) {
  return moved_on(y, dim, false, 1) * linear_scan(moved_on(x, dim, true, 0), g, dim, true);
}

Tensor Tensor::cumsum(int64_t d, std::optional<DType> dtype) const {
  const Types t(*this, dtype);
  return as_type(running_sum(as_type(as_type(*this, t.result), t.work), wrap_dim(d, dim(), "cumsum"), false), t.result);
}

Tensor Tensor::cumprod(int64_t d, std::optional<DType> dtype) const {
  const Types t(*this, dtype);
  return as_type(running_product(as_type(as_type(*this, t.result), t.work), wrap_dim(d, dim(), "cumprod")), t.result);
}

const Tensor& Tensor::cumsum_(int64_t d) const {
  return in_place_by_copy("cumsum_", *this, {}, [&](const Tensor& x) { return x.cumsum(d, x.dtype()); });
}
const Tensor& Tensor::cumprod_(int64_t d) const {
  return in_place_by_copy("cumprod_", *this, {}, [&](const Tensor& x) { return x.cumprod(d, x.dtype()); });
}

Tensor Tensor::logcumsumexp(int64_t d) const {
  check_real(*this, "logcumsumexp");
  d = wrap_dim(d, dim(), "logcumsumexp");
  Tensor y = run(ScanOp::log_sum_exp, *this, d, false, "logcumsumexp");
  if (needs_grad(*this))
    record("logcumsumexp", y, {this}, {this, &y}, [d](Grads& g) {
      // Σ_{j ≥ k} g(j)·exp(x(k) − y(j)), as a recurrence whose factors exp(y(k) − y(k + 1)) are at most 1
      constexpr double infinity = std::numeric_limits<double>::infinity(),
                       nan = std::numeric_limits<double>::quiet_NaN();
      const Tensor out = g.saved(1), next = moved_on(out, d, true, infinity);
      // An infinite sum does not move with what is finite; infinity − infinity must not come near the others.
      const Tensor apart = (out - next).masked_fill(next == infinity, -infinity);
      const Tensor sums = linear_scan(apart.exp(), g.in(), d, true);
      // Where nothing has been summed but −infinity the gradient is NaN; it must not come near the others' derivatives.
      const Tensor none = out == -infinity;
      g.give(0, tenon::where(none, nan, sums * (g.saved(0) - out).masked_fill(none, 0).exp()));
    });
  return y;
}

ValuesAndIndices Tensor::cummax(int64_t d) const { return running_extremum("cummax", *this, d, true); }
ValuesAndIndices Tensor::cummin(int64_t d) const { return running_extremum("cummin", *this, d, false); }

Tensor Tensor::diff(int64_t n, int64_t d, const Tensor& prepend, const Tensor& append) const {
  if (n < 0) fail("diff", "expected n ≥ 0, got {}", n);
  if (dim() == 0) fail("diff", "expected at least one dimension, got a 0-dim tensor");
  d = wrap_dim(d, dim(), "diff");
  if (n == 0) return clone();  // without what would be put before or behind, as in PyTorch
  std::vector<Tensor> parts{*this};
  if (prepend.defined()) parts.insert(parts.begin(), prepend);
  if (append.defined()) parts.push_back(append);
  Tensor x = parts.size() == 1 ? *this : cat(parts, d);
  for (; n > 0 && x.size(d) > 0; --n) {
    const int64_t left = x.size(d) - 1;
    const Tensor next = x.narrow(d, 1, left), before = x.narrow(d, 0, left);
    x = dtype() == boolean ? next != before : next - before;
  }
  return x;
}

}  // namespace tenon
