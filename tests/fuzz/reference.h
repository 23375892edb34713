#pragma once
// A tensor that is slow and obvious: every element is found by its index and computed on its own. What the library is
// compared with.
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include <tenon/dtype.h>

namespace tenon::fuzz {

using Sizes = std::vector<int64_t>;
/// Holds each element of each type exactly.
using Number = long double;

/// Views share `memory`.
struct Reference {
  std::shared_ptr<std::vector<Number>> memory;
  DType dtype = float64;
  Sizes sizes, strides;
  int64_t offset = 0;

  int64_t dim() const { return static_cast<int64_t>(sizes.size()); }
  int64_t numel() const;
  Number& at(const Sizes& index) const;
};

/// None: these arguments are an error.
using Maybe = std::optional<Reference>;

/// f(index) for every element, row by row.
void for_each(const Sizes& sizes, const std::function<void(const Sizes&)>& f);
Reference make(const Sizes& sizes, DType dtype, const std::function<Number(const Sizes&)>& element);
/// A number as an element of that type holds it: rounded, wrapped around, or a bool.
Number as_type(Number x, DType dtype);

// ---- types and shapes
DType promote(const Reference& a, const Reference& b);
std::optional<Sizes> broadcast(const Sizes& a, const Sizes& b);
/// Where a broadcast index stands in x.
Number broadcast_at(const Reference& x, const Sizes& index);

// ---- views
Maybe view(const Reference& x, const Sizes& sizes);     ///< only where no element has to move
Maybe reshape(const Reference& x, const Sizes& sizes);  ///< a copy where it has to
Maybe permute(const Reference& x, const Sizes& dims);
Maybe expand(const Reference& x, const Sizes& sizes);
Maybe select(const Reference& x, int64_t dim, int64_t index);
Maybe slice(const Reference& x, int64_t dim, int64_t start, int64_t stop, int64_t step);
Maybe squeeze(const Reference& x, int64_t dim);
Maybe unsqueeze(const Reference& x, int64_t dim);
Maybe diagonal(const Reference& x, int64_t offset, int64_t dim1, int64_t dim2);

// ---- operations; `name` is the library's
Maybe unary(const char* name, const Reference& x);
Maybe binary(const char* name, const Reference& a, const Reference& b);
Maybe compare(const char* name, const Reference& a, const Reference& b);
Maybe where(const Reference& condition, const Reference& a, const Reference& b);
Maybe reduce(const char* name, const Reference& x, int64_t dim, bool keepdim);
Maybe cat(const std::vector<Reference>& parts, int64_t dim);
Maybe flip(const Reference& x, int64_t dim);
Maybe roll(const Reference& x, int64_t shift, int64_t dim);
Maybe index_select(const Reference& x, int64_t dim, const Reference& index);
Maybe matmul(const Reference& a, const Reference& b);  ///< (m, k)·(k, n)
Maybe cumsum(const Reference& x, int64_t dim);
Maybe convert(const Reference& x, DType dtype);

/// x's elements become source's, converted and broadcast; false: an error, and nothing has changed.
bool assign(const Reference& x, const Reference& source);
bool has_overlap(const Reference& x);  ///< several indices of x are one place in memory

}  // namespace tenon::fuzz
