// Order along a dimension: sort, topk, the k-th smallest, the median, the most frequent.
#include <limits>

#include "backend/sort.h"
#include "ops/reduction/reduction.h"

namespace tenon {
namespace {

/// x as rows (…, n) to be put in order along dim, which is last here.
struct Lines {
  int64_t dim, n;
  Tensor rows;
  Lines(const Tensor& x, int64_t d, const char* name)
      : dim(wrap_dim(d, x.dim(), name)), n(x.dim() == 0 ? 1 : x.size(dim)) {
    const NoGrad guard;
    rows = (x.dim() == 0 ? x.reshape({1}) : x.transpose(dim, -1)).contiguous();
  }
  /// `k` numbers for each row, to be filled in.
  Tensor result(int64_t k, DType dtype) const {
    Shape sizes = rows.shape();
    sizes.back() = k;
    return new_tensor(sizes, dtype, rows.device());
  }
  /// As x lies, where one comes out of each row without that dimension.
  Tensor placed(const Tensor& y, const Tensor& x) const { return x.dim() == 0 ? y.reshape({}) : y.transpose(dim, -1); }
  Tensor single(const Tensor& y, const Tensor& x, bool keepdim) const {
    const Tensor whole = placed(y, x);
    return (keepdim || x.dim() == 0 ? whole : whole.squeeze(dim)).contiguous();
  }
};

/// The first k along dim, in order.
ValuesAndIndices ordered(const char* name, const Tensor& x, int64_t dim, std::optional<int64_t> k, bool descending) {
  ValuesAndIndices y;
  const Lines lines(x, dim, name);
  if (k && (*k < 0 || *k > lines.n))
    fail(name, "expected k between 0 and {}, the size of dimension {}, got {}", lines.n, lines.dim, *k);
  {
    const NoGrad guard;
    const Tensor values = lines.result(k.value_or(lines.n), x.dtype()),
                 places = lines.result(k.value_or(lines.n), int64);
    if (values.numel() > 0) on<SortKernels>(x.device()).sort(values, places, lines.rows, descending);
    const auto laid_out = [&](const Tensor& sorted) {  // the first k lie row by row, all as x does
      const Tensor placed = lines.placed(sorted, x);
      return k || x.is_contiguous() ? placed.contiguous() : copy_laid_out_as(placed, x);
    };
    y = {laid_out(values), laid_out(places)};
  }
  if (needs_grad(x)) record_choice(name, y, x, lines.dim, true);
  return y;
}

/// One of each line, which `run` chooses.
template <class F>
ValuesAndIndices chosen(const char* name, const Tensor& x, int64_t dim, bool keepdim, F run) {
  ValuesAndIndices y;
  const Lines lines(x, dim, name);
  {
    const NoGrad guard;
    const Tensor values = lines.result(1, x.dtype()), places = lines.result(1, int64);
    if (lines.n == 0 && values.numel() > 0)
      fail(name, "there is no element to choose in shape {}: expected at least one along dimension {}",
           x.shape().to_string(), lines.dim);
    if (values.numel() > 0) run(values, places, lines.rows);
    y = {lines.single(values, x, keepdim), lines.single(places, x, keepdim)};
  }
  if (needs_grad(x)) record_choice(name, y, x, lines.dim, keepdim);
  return y;
}

ValuesAndIndices ranked(Rank rank, const char* name, const Tensor& x, int64_t dim, bool keepdim, int64_t k = 0) {
  return chosen(name, x, dim, keepdim, [&](const Tensor& values, const Tensor& places, const Tensor& rows) {
    on<SortKernels>(x.device()).select_ranked(rank, values, places, rows, k);
  });
}

Scalar none_of(DType t) {
  if (is_floating_point(t)) return std::numeric_limits<double>::quiet_NaN();
  return std::numeric_limits<int64_t>::min();
}

/// Of all elements; equals share the gradient. Of none: a NaN, or the least integer.
Tensor middle(Rank rank, const char* name, const Tensor& x) {
  Tensor y;
  {
    const NoGrad guard;
    if (x.numel() == 0) return full({}, none_of(x.dtype()), {x.dtype(), x.device()});
    y = ranked(rank, name, x.reshape({x.numel()}), 0, false).values;
  }
  if (needs_grad(x)) record_shared(name, y, x, Shape(x.shape().size(), int64_t{1}), {}, true);
  return y;
}

}  // namespace

ValuesAndIndices Tensor::sort(int64_t dim, bool descending, bool) const {
  return ordered("sort", *this, dim, {}, descending);
}
Tensor Tensor::argsort(int64_t dim, bool descending, bool stable) const {
  return detach().sort(dim, descending, stable).indices;
}
ValuesAndIndices Tensor::topk(int64_t k, int64_t dim, bool largest, bool) const {
  return ordered("topk", *this, dim, k, largest);
}

ValuesAndIndices Tensor::kthvalue(int64_t k, int64_t d, bool keepdim) const {
  const int64_t n = dim() == 0 ? 1 : size(wrap_dim(d, dim(), "kthvalue"));
  if (n > 0 && (k < 1 || k > n))
    fail("kthvalue", "expected k between 1 and {}, the size of dimension {}, got {}", n, d, k);
  return ranked(Rank::kth, "kthvalue", *this, d, keepdim, k);
}
Tensor Tensor::median() const { return middle(Rank::median, "median", *this); }
Tensor Tensor::nanmedian() const { return middle(Rank::nanmedian, "nanmedian", *this); }
ValuesAndIndices Tensor::median(int64_t dim, bool keepdim) const {
  return ranked(Rank::median, "median", *this, dim, keepdim);
}
ValuesAndIndices Tensor::nanmedian(int64_t dim, bool keepdim) const {
  return ranked(Rank::nanmedian, "nanmedian", *this, dim, keepdim);
}
ValuesAndIndices Tensor::mode(int64_t dim, bool keepdim) const {
  return chosen("mode", *this, dim, keepdim, [&](const Tensor& values, const Tensor& places, const Tensor& rows) {
    on<SortKernels>(device()).mode(values, places, rows);
  });
}

Tensor Tensor::msort() const { return sort(0).values; }

}  // namespace tenon
