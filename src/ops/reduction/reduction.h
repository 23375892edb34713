#pragma once
// What all reductions share: which dimensions are reduced, and the order of the rest in memory.
#include "backend/kinds.h"
#include "ops/common.h"

namespace tenon {

/// x with its reduced dimensions side by side, as (outer, n, inner) in the order of its memory, and the shapes of the
/// result. No dimensions: all of them. A copy is made only where x's elements have gaps, or where the reduced
/// dimensions are not neighbours in memory.
struct Reduction {
  Tensor x;
  int64_t outer = 1, n = 1, inner = 1;
  Shape kept;  ///< with sizes of 1 where reduced
  Shape out;   ///< without them

  Reduction(const Tensor& input, const Shape& dims, std::string_view operation);
  /// A tensor for the result, not yet filled: (outer, inner) in the order of its memory. PyTorch's results lie row by
  /// row: contiguous() once it is filled.
  Tensor result(bool keepdim, DType dtype) const {
    return new_strided(keepdim ? kept : out, keepdim ? kept_strides : out_strides, dtype, x.device());
  }
  Tensor result(bool keepdim) const { return result(keepdim, x.dtype()); }
  /// An error where elements are to be chosen among none.
  void check_choice(std::string_view operation) const;

 private:
  Shape kept_strides, out_strides;
};

/// The reduction of x by operations that can be done one dimension after the other (all but sums of powers), without a
/// copy of x; sums and products of integers and bool are int64. `kept` becomes the result's shape with the dimensions
/// kept.
Tensor reduced(ReduceOp op, const Tensor& x, const Shape& dims, bool keepdim, std::string_view operation,
               Shape* kept = nullptr);

/// x as what is added up or multiplied to `result`: of integers and bool, reduced() makes int64 by itself.
inline Tensor terms(const Tensor& x, DType result) {
  const bool as_it_is = result == int64 && !is_floating_point(x.dtype()) && !is_carried(x.dtype());
  return as_it_is ? x : as_type(x, result);
}

inline Shape dims_of(std::optional<int64_t> dim) { return dim ? Shape{*dim} : Shape{}; }

/// The gradient of a sum: the same number for all that was summed. `kept` is the result's shape with the dimensions
/// kept.
inline Tensor spread(const Tensor& g, const Shape& kept, const Shape& whole) { return g.reshape(kept).expand(whole); }

/// a / b, and 0 where b is 0, derivatives too.
Tensor ratio_or_zero(const Tensor& a, const Tensor& b);

/// Records y as the number that x's elements equal to it share the gradient of, over `dims`. `kept`: y's shape with
/// these kept. Where y is NaN, those that are NaN share it, if `nans_share`; else the gradient is NaN.
void record_shared(const char* name, const Tensor& y, const Tensor& x, const Shape& kept, const Shape& dims,
                   bool nans_share);

/// Records `y.values` as what stands in x at `y.indices`, one along dim (which the result has lost, unless kept): the
/// gradient goes there.
void record_choice(const char* name, const ValuesAndIndices& y, const Tensor& x, int64_t dim, bool keepdim);

void check_real(const Tensor& x, std::string_view operation);

}  // namespace tenon
