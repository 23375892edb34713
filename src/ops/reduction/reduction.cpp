#include "ops/reduction/reduction.h"

#include <algorithm>
#include <numeric>

#include "backend/reduction.h"

namespace tenon {

namespace {

using Flags = SmallVector<bool, 8>;

/// Which of x's dimensions are reduced.
Flags reduced_dims(const Tensor& x, const Shape& dims, std::string_view operation) {
  Flags reduced(x.shape().size(), dims.empty());
  bool number_reduced = false;
  for (const int64_t d : dims) {
    const auto at = static_cast<std::size_t>(wrap_dim(d, x.dim(), operation));
    bool& here = x.dim() == 0 ? number_reduced : reduced[at];
    if (here) fail(operation, "dimension {} is named twice: {}", at, dims.to_string());
    here = true;
  }
  return reduced;
}

/// x's dimensions from the slowest to the fastest in memory.
Shape memory_order(const Tensor& x) {
  Shape order(x.shape().size(), int64_t{0});
  std::iota(order.begin(), order.end(), int64_t{0});
  if (!x.is_contiguous() && is_dense(x.shape(), x.strides()))
    std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) { return x.stride(a) > x.stride(b); });
  return order;
}

/// The last of the reduced dimensions in memory together with those that are its neighbours there; empty where these
/// are all.
Shape last_run(const Tensor& x, const Flags& reduced) {
  const Shape order = memory_order(x);
  Shape run;
  std::size_t k = order.size();
  const auto is = [&](std::size_t i) { return reduced[static_cast<std::size_t>(order[i])]; };
  const auto single = [&](std::size_t i) { return x.size(order[i]) == 1; };
  while (k > 0 && (!is(k - 1) || single(k - 1))) --k;
  for (; k > 0 && (is(k - 1) || single(k - 1)); --k)
    if (is(k - 1)) run.push_back(order[k - 1]);
  for (; k > 0; --k)
    if (is(k - 1) && !single(k - 1)) return run;
  return {};
}

}  // namespace

Reduction::Reduction(const Tensor& input, const Shape& dims, std::string_view operation) : kept(input.shape()) {
  const Flags reduced = reduced_dims(input, dims, operation);
  const NoGrad guard;
  const bool whole = std::all_of(reduced.begin(), reduced.end(), [](bool r) { return r; });
  Shape order = memory_order(input);
  const auto is = [&](int64_t d) { return reduced[static_cast<std::size_t>(d)]; };
  std::size_t first = 0, last = order.size();
  while (first < last && !is(order[first])) ++first;
  while (last > first && !is(order[last - 1])) --last;
  if (!std::all_of(order.begin() + first, order.begin() + last, is)) {  // bring the reduced ones to the end
    std::stable_partition(order.begin(), order.end(), [&](int64_t d) { return !is(d); });
    first = static_cast<std::size_t>(std::count(reduced.begin(), reduced.end(), false));
    last = order.size();
  }
  x = input.is_contiguous() && std::is_sorted(order.begin(), order.end()) ? input : input.permute(order).contiguous();
  for (std::size_t k = 0; k < last; ++k) (k < first ? outer : n) *= x.shape()[k];
  for (std::size_t k = last; k < order.size(); ++k) inner *= x.shape()[k];
  if (whole) {
    kept = kept_strides = Shape(kept.size(), int64_t{1});
    return;
  }
  kept_strides = Shape(kept.size(), int64_t{1});
  int64_t step = 1;
  for (std::size_t k = order.size(); k-- > 0;) {
    const auto d = static_cast<std::size_t>(order[k]);
    kept_strides[d] = step;
    if (reduced[d]) kept[d] = 1;
    else step *= std::max<int64_t>(kept[d], 1);
  }
  for (std::size_t d = 0; d < kept.size(); ++d) {
    if (reduced[d]) continue;
    out.push_back(kept[d]);
    out_strides.push_back(kept_strides[d]);
  }
  if (!is_contiguous(kept, kept_strides)) return;
  kept_strides = contiguous_strides(kept);
  out_strides = contiguous_strides(out);
}

namespace {
/// The result in the order of x's memory.
Tensor reduced_as_it_lies(ReduceOp op, const Tensor& x, const Shape& dims, bool keepdim, std::string_view operation,
                          Shape* kept) {
  if (const Shape run = last_run(x, reduced_dims(x, dims, operation)); !run.empty() && x.numel() > 0) {
    if (x.dtype() == float16 || x.dtype() == bfloat16)
      return as_type(reduced_as_it_lies(op, x.to(float32), dims, keepdim, operation, kept), x.dtype());
    const Tensor part = reduced_as_it_lies(op, x, run, true, operation, nullptr);
    return reduced_as_it_lies(op == ReduceOp::nansum ? ReduceOp::sum : op, part, dims, keepdim, operation, kept);
  }
  const Reduction r(x, dims, operation);
  const bool chooses = op == ReduceOp::amax || op == ReduceOp::amin;
  if (chooses) r.check_choice(operation);
  Tensor y = r.result(keepdim, chooses || is_floating_point(x.dtype()) ? x.dtype() : int64);
  on<ReductionKernels>(y.device()).reduce(op, y, r.x, r.outer, r.n, r.inner);
  if (kept) *kept = r.kept;
  return y;
}
}  // namespace

Tensor reduced(ReduceOp op, const Tensor& x, const Shape& dims, bool keepdim, std::string_view operation, Shape* kept) {
  const NoGrad guard;
  return reduced_as_it_lies(op, x, dims, keepdim, operation, kept).contiguous();
}

void Reduction::check_choice(std::string_view operation) const {
  if (n == 0)
    fail(operation, "there is no element to choose in shape {}: expected at least one along what is reduced",
         x.shape().to_string());
}

Tensor ratio_or_zero(const Tensor& a, const Tensor& b) {
  const Tensor zero = (b == 0).to(b.dtype());
  return a * ((1 - zero) / (b + zero));
}

void record_shared(const char* name, const Tensor& y, const Tensor& x, const Shape& kept, const Shape& dims,
                   bool nans_share) {
  record(name, y, {&x}, {&x, &y}, [kept, dims, nans_share](Grads& g) {
    Tensor share;
    {
      const NoGrad guard;
      const Tensor in = g.saved(0), out = g.saved(1).reshape(kept);
      Tensor mask = in == out;
      if (nans_share) mask = mask + (in != in) * (out != out);
      share = mask.to(in.dtype()) / mask.sum(dims, true);
    }
    g.give(0, g.in().reshape(kept) * share);
  });
}

void record_choice(const char* name, const ValuesAndIndices& y, const Tensor& x, int64_t dim, bool keepdim) {
  dim = wrap_dim(dim, x.dim(), name);
  record(name, y.values, {&x}, {&y.indices}, [dim, keepdim, like = Like(x)](Grads& g) {
    if (like.shape.empty()) return g.give(0, g.in());
    const auto along = [&](const Tensor& t) { return keepdim ? t : t.unsqueeze(dim); };
    g.give(0, zeros(like.shape, {like.dtype, g.in().device()}).scatter(dim, along(g.saved(0)), along(g.in())));
  });
}

void check_real(const Tensor& x, std::string_view operation) {
  if (!is_floating_point(x.dtype()))
    fail(operation, "expected a floating-point tensor, got {}: convert with to(float32)", x.dtype());
}

}  // namespace tenon
