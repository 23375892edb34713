// scatter_reduce: sums, products, means and extremes of what meets in one place.
#include <limits>

#include "backend/memory.h"
#include "ops/in_place.h"
#include "ops/indexing/along.h"

namespace tenon {
namespace {

Combine combine_for(Reduce reduce) {
  switch (reduce) {
    case Reduce::prod: return Combine::multiply;
    case Reduce::amax: return Combine::max;
    case Reduce::amin: return Combine::min;
    case Reduce::sum:
    case Reduce::mean: break;
  }
  return Combine::add;
}

template <class T>
Scalar end_of(bool least) {
  if constexpr (std::is_floating_point_v<T>)
    return least ? -std::numeric_limits<T>::infinity() : std::numeric_limits<T>::infinity();
  else return least ? std::numeric_limits<T>::lowest() : std::numeric_limits<T>::max();
}

/// What changes nothing when it is reduced with.
Scalar neutral(Reduce reduce, DType dtype) {
  if (reduce == Reduce::sum || reduce == Reduce::mean) return 0;
  if (reduce == Reduce::prod) return 1;
  const bool least = reduce == Reduce::amax;
  switch (dtype) {
    case DType::boolean: return !least;
    case DType::uint8: return end_of<uint8_t>(least);
    case DType::int8: return end_of<int8_t>(least);
    case DType::int16: return end_of<int16_t>(least);
    case DType::int32: return end_of<int32_t>(least);
    case DType::int64: return end_of<int64_t>(least);
    default: return end_of<double>(least);
  }
}

Along prepared(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& source, Reduce reduce,
               const char* name) {
  if (reduce == Reduce::mean && x.dtype() == boolean) fail(name, "bool tensors have no mean: convert them first");
  return along(x, dim, index, source, name);
}

/// How many meet in each place, at least 1.
Tensor counts_of(const Tensor& like, const Along& a, bool include_self) {
  const NoGrad guard;
  const TensorOptions options{.dtype = like.dtype(), .device = like.device()};
  const Tensor counts = include_self ? ones(like.shape(), options) : zeros(like.shape(), options);
  combine_along(counts, {counts, a.index, ones({}, options), a.dim}, Combine::add);
  return counts.masked_fill(counts < 1, 1);
}

void reduce_into(const Tensor& x, const Along& a, Reduce reduce, bool include_self) {
  const NoGrad guard;
  if (a.index.numel() == 0) return;
  if (!include_self) {
    const Tensor none = new_tensor({}, x.dtype(), x.device());
    on<MemoryKernels>(x.device()).fill(none, neutral(reduce, x.dtype()));
    combine_along(x, {x, a.index, none, a.dim}, Combine::replace);
  }
  combine_along(x, a, combine_for(reduce));
  if (reduce != Reduce::mean) return;
  x.div_(counts_of(x, a, include_self), is_floating_point(x.dtype()) ? Rounding::none : Rounding::floor);
}

Tensor reduced(const Along& a, Reduce reduce, bool include_self);

/// a where the mask is true, else b; without one's NaN in the other's place.
Tensor chosen(const Tensor& mask, const Tensor& a, const Tensor& b) {
  return a.masked_fill(mask == false, 0) + b.masked_fill(mask, 0);
}

struct Gradients {
  Tensor x, source;
};

Gradients prod_backward(const Tensor& g, const Along& a, const Tensor& result, bool include_self) {
  const Tensor x_zero = a.x == 0, source_zero = a.source == 0;
  // Elsewhere the product of the others is result / x; where x is 0 it is computed with 1 in its place.
  const Tensor one_for_zero = a.x.masked_fill(x_zero, 1);
  Along with_ones = a;
  with_ones.x = one_for_zero;
  const Tensor by_x = g * reduced(with_ones, Reduce::prod, include_self) / one_for_zero;
  const Tensor zeros_met = zeros(a.x.shape(), {a.x.dtype(), a.x.device()})
                               .scatter_add(a.dim, a.index, source_zero.to(a.x.dtype()))
                               .gather(a.dim, a.index);
  const Tensor only_zero = (source_zero.to(a.x.dtype()) * (zeros_met == 1).to(a.x.dtype())) == 1;
  Along without_zero = a;
  without_zero.source = a.source.masked_fill(only_zero, 1);
  const Tensor others = (g * reduced(without_zero, Reduce::prod, include_self)).gather(a.dim, a.index);
  const Tensor quotient = (g * result).gather(a.dim, a.index) / a.source.masked_fill(source_zero, 1);
  return {by_x, chosen(only_zero, others, quotient)};
}

/// Those that are the extreme share its gradient.
Gradients extreme_backward(const Tensor& g, const Along& a, const Tensor& result) {
  const Tensor x_is = (a.x == result).to(g.dtype()),
               source_is = (a.source == result.gather(a.dim, a.index)).to(g.dtype());
  const Tensor share = g / x_is.scatter_add(a.dim, a.index, source_is);
  return {x_is * share, source_is * share.gather(a.dim, a.index)};
}

Gradients backward(const Tensor& g, const Along& a, const Tensor& result, Reduce reduce, bool include_self) {
  switch (reduce) {
    case Reduce::prod: return prod_backward(g, a, result, include_self);
    case Reduce::amax:
    case Reduce::amin: return extreme_backward(g, a, result);
    case Reduce::mean: {
      const Tensor share = g / counts_of(g, a, include_self);
      return {share, share.gather(a.dim, a.index)};
    }
    case Reduce::sum: break;
  }
  return {g, g.gather(a.dim, a.index)};
}

Tensor reduced(const Along& a, Reduce reduce, bool include_self) {
  Tensor y = untracked_copy_by_rows(a.x);
  reduce_into(y, a, reduce, include_self);
  if (needs_grad(a.x, a.source))
    record("scatter_reduce", y, {&a.x, &a.source}, {&a.x, &a.source, &a.index, &y},
           [dim = a.dim, reduce, include_self](Grads& g) {
             const Along again{g.saved(0), g.saved(2), g.saved(1), dim};
             const Gradients by = backward(g.in(), again, g.saved(3), reduce, include_self);
             if (g.needs(0)) g.give(0, include_self ? by.x : by.x.scatter(dim, again.index, 0));
             if (g.needs(1)) g.give(1, by.source);
           });
  return y;
}

}  // namespace

Tensor Tensor::scatter_reduce(int64_t d, const Tensor& index, const Tensor& source, Reduce reduce,
                              bool include_self) const {
  const Along a = prepared(*this, d, index, source, reduce, "scatter_reduce");
  if (!is_half(dtype())) return reduced(a, reduce, include_self).reshape(shape());
  return reduced({a.x.to(float32), a.index, a.source.to(float32), a.dim}, reduce, include_self)
      .to(dtype())
      .reshape(shape());  // rounded once
}

const Tensor& Tensor::scatter_reduce_(int64_t d, const Tensor& index, const Tensor& source, Reduce reduce,
                                      bool include_self) const {
  const Tensor from = apart_from(*this, source), at = apart_from(*this, index);
  const Along a = prepared(detach(), d, at, from, reduce, "scatter_reduce_");
  return in_place(
      "scatter_reduce_", *this, {&from},
      [&](const Tensor& to) {
        if (is_half(to.dtype()))
          on<MemoryKernels>(to.device()).copy(to, to.scatter_reduce(d, at, from, reduce, include_self));
        else reduce_into(a.x, a, reduce, include_self);
      },
      [&](const Tensor& before) { return before.scatter_reduce(d, at, from, reduce, include_self); });
}

namespace {

/// index (n) as scatter_reduce() wants it: of source's shape, the same along every dimension but `dim`.
Tensor index_like(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& source, Reduce reduce,
                  const char* name) {
  if (reduce == Reduce::sum) fail(name, "expected prod, mean, amax or amin; sums are index_add()'s");
  if (index.dim() > 1) fail(name, "expected indices in a vector, got shape {}", index.shape().to_string());
  if (source.dtype() != x.dtype()) fail(name, "expected a source of {}, got {}: convert it", x.dtype(), source.dtype());
  const int64_t d = wrap_dim(dim, x.dim(), name);
  Shape expected = x.shape(), row(x.shape().size(), int64_t{1});
  if (x.dim() > 0) expected[static_cast<std::size_t>(d)] = row[static_cast<std::size_t>(d)] = index.numel();
  if (source.shape() != expected)
    fail(name, "expected a source of shape {} for {} indices, got {}", expected.to_string(), index.numel(),
         source.shape().to_string());
  return index.reshape(row).expand(expected);
}

}  // namespace

Tensor Tensor::index_reduce(int64_t d, const Tensor& index, const Tensor& source, Reduce reduce,
                            bool include_self) const {
  return scatter_reduce(d, index_like(*this, d, index, source, reduce, "index_reduce"), source, reduce, include_self);
}
const Tensor& Tensor::index_reduce_(int64_t d, const Tensor& index, const Tensor& source, Reduce reduce,
                                    bool include_self) const {
  return scatter_reduce_(d, index_like(*this, d, index, source, reduce, "index_reduce_"), source, reduce, include_self);
}

}  // namespace tenon
