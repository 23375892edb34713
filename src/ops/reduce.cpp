// Sums, means, norms, and the place of the largest.
#include "ops/common.h"

namespace tenon {
namespace {

/// x with its reduced dimensions side by side, as contiguous (outer, n, inner), and the shapes of the result.
struct Reduction {
  Tensor x;
  int64_t outer = 1, n = 1, inner = 1;
  Shape kept;  ///< with sizes of 1 where reduced
  Shape out;   ///< without them

  Reduction(const Tensor& input, const Shape& dims, std::string_view operation) : kept(input.shape()) {
    SmallVector<bool, 8> reduced(input.shape().size(), dims.empty());
    for (const int64_t d : dims) {
      const auto at = static_cast<std::size_t>(wrap_dim(d, input.dim(), operation));
      if (input.dim() == 0) continue;
      if (reduced[at]) fail(operation, "dimension {} is named twice: {}", at, dims.to_string());
      reduced[at] = true;
    }
    for (std::size_t d = 0; d < kept.size(); ++d) {
      if (reduced[d]) kept[d] = 1;
      else out.push_back(kept[d]);
    }
    std::size_t first = 0, last = reduced.size();
    while (first < last && !reduced[first]) ++first;
    while (last > first && !reduced[last - 1]) --last;
    const NoGrad guard;
    if (std::all_of(reduced.begin() + first, reduced.begin() + last, [](bool r) { return r; })) {
      x = input.contiguous();
    } else {  // bring the reduced ones to the end
      Shape order;
      for (const bool wanted : {false, true})
        for (std::size_t d = 0; d < reduced.size(); ++d)
          if (reduced[d] == wanted) order.push_back(static_cast<int64_t>(d));
      x = input.permute(order).contiguous();
      first = out.size();
      last = reduced.size();
    }
    for (std::size_t d = 0; d < last; ++d) (d < first ? outer : n) *= x.shape()[d];
    for (std::size_t d = last; d < x.shape().size(); ++d) inner *= x.shape()[d];
  }
};

Tensor sum_of(const Tensor& input, const Shape& dims, bool keepdim, std::string_view operation) {
  const DType dtype = is_floating_point(input.dtype()) ? input.dtype() : int64;
  const Reduction r(as_type(input, dtype), dims, operation);
  Tensor y = new_tensor(keepdim ? r.kept : r.out, dtype, input.device());
  backend_for(y.device()).sum(y, r.x, r.outer, r.n, r.inner);
  return y;
}

/// The gradient of a sum: the same number for all that was summed. `kept` is the result's shape with the dimensions kept.
Tensor spread(const Tensor& g, const Shape& kept, const Shape& whole) { return g.reshape(kept).expand(whole); }

}  // namespace

Tensor Tensor::sum(const Shape& dims, bool keepdim, std::optional<DType> dtype) const {
  if (dtype && *dtype != this->dtype()) return to(*dtype).sum(dims, keepdim);
  Tensor y;
  Shape kept = shape();
  {
    const NoGrad guard;
    y = sum_of(*this, dims, keepdim, "sum");
  }
  if (needs_grad(*this)) {
    for (std::size_t d = 0; d < kept.size(); ++d)
      if (dims.empty()) kept[d] = 1;
    for (const int64_t d : dims)
      if (!kept.empty()) kept[static_cast<std::size_t>(wrap_dim(d, dim(), "sum"))] = 1;
    record("sum", y, {this}, {}, [kept, whole = shape()](Grads& g) { g.give(0, spread(g.in(), kept, whole)); });
  }
  return y;
}

Tensor Tensor::mean(const Shape& dims, bool keepdim, std::optional<DType> as) const {
  if (as && *as != dtype()) return to(*as).mean(dims, keepdim);
  if (!tenon::is_floating_point(dtype())) fail("mean", "expected a floating-point tensor, got {}: convert with to(float32)", dtype());
  if (dtype() == float16 || dtype() == bfloat16) return to(float32).mean(dims, keepdim).to(dtype());  // the sum may not fit
  const Tensor total = sum(dims, keepdim);
  const int64_t n = total.numel() == 0 ? 0 : numel() / total.numel();
  return total / static_cast<double>(n);
}

Tensor Tensor::norm(double p, const Shape& dims, bool keepdim) const {
  if (p != 2 || !dims.empty() || keepdim) fail("norm", "only the 2-norm of all elements");
  if (!tenon::is_floating_point(dtype())) fail("norm", "expected a floating-point tensor, got {}: convert with to(float32)", dtype());
  Tensor y = new_tensor({}, dtype(), device());
  {
    const NoGrad guard;
    backend_for(device()).norm(y, contiguous());
  }
  if (needs_grad(*this))
    record("norm", y, {this}, {this, &y}, [](Grads& g) {
      const Tensor x = g.saved(0), n = g.saved(1);
      const Tensor zero = (n == 0).to(n.dtype());  // the subgradient at 0 is 0
      g.give(0, x * (g.in() * (1 - zero) / (n + zero)));
    });
  return y;
}

Tensor Tensor::argmax(std::optional<int64_t> d, bool keepdim) const {
  const NoGrad guard;
  if (numel() == 0 && (!d || size(*d) == 0)) fail("argmax", "there is no largest element in shape {}", shape().to_string());
  const Reduction r(*this, d ? Shape{*d} : Shape{}, "argmax");
  Tensor y = new_tensor(keepdim ? r.kept : r.out, int64, device());
  backend_for(device()).argmax(y, r.x, r.outer, r.n, r.inner);
  return y;
}

}  // namespace tenon
