#include "ops/reduction.h"

namespace tenon {

Reduction::Reduction(const Tensor& input, const Shape& dims, std::string_view operation) : kept(input.shape()) {
  SmallVector<bool, 8> reduced(input.shape().size(), dims.empty());
  bool number_reduced = false;
  for (const int64_t d : dims) {
    const auto at = static_cast<std::size_t>(wrap_dim(d, input.dim(), operation));
    bool& here = input.dim() == 0 ? number_reduced : reduced[at];
    if (here) fail(operation, "dimension {} is named twice: {}", at, dims.to_string());
    here = true;
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

void Reduction::check_choice(std::string_view operation) const {
  if (n == 0 && out.numel() > 0) fail(operation, "there is no element to choose in shape {}: expected at least one along what is reduced", x.shape().to_string());
}

Tensor ratio_or_zero(const Tensor& a, const Tensor& b) {
  const Tensor zero = (b == 0).to(b.dtype());
  return a * ((1 - zero) / (b + zero));
}

void record_shared(const char* name, const Tensor& y, const Tensor& x, const Shape& kept, const Shape& dims, bool nans_share) {
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
  if (!is_floating_point(x.dtype())) fail(operation, "expected a floating-point tensor, got {}: convert with to(float32)", x.dtype());
}

}  // namespace tenon
