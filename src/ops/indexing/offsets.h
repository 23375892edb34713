#pragma once
// Positions in a tensor by index: what index, index_select, take, masked_select and their opposites share.
#include "backend/kinds.h"
#include "ops/common.h"

namespace tenon {

/// int64 indices along a dimension of `size`, checked; negative ones count from the end with `wrap`, and are an error
/// without. `dim` is for the message.
Tensor checked_index(const Tensor& index, int64_t dim, int64_t size, bool wrap, std::string_view operation);

/// A row of places in some neighbouring dimensions of a tensor, taken as one in row-major order.
struct Places {
  Tensor at;            ///< int64, contiguous; its shape takes the dimensions' place in a result
  std::size_t dim = 0;  ///< the first of the dimensions
  std::size_t dims = 1;
  /// The strides of the tensors of numbers that were given, for the order of dimensions of a result that lies as they
  /// do.
  std::vector<Shape> strides = {};
};

/// The shape of what stands at the places: (before…, at…, after…).
Shape shape_at(const Tensor& x, const Places& places);

/// What stands at the places, a copy; recorded. It lies row by row, or with its dimensions in x's order.
Tensor index_at(const char* name, const Tensor& x, const Places& places, bool as_it_lies = false);

/// x with `value`, which is of x's type and expands to shape_at, put to the places; recorded. It lies row by row, or as
/// x does.
Tensor index_put_at(const char* name, const Tensor& x, const Places& places, const Tensor& value, bool accumulate,
                    bool by_rows = true);

/// The same into x's own memory; not recorded.
void put_at(const Tensor& x, const Places& places, const Tensor& value, bool accumulate);

/// Runs the kernel scatter; sums and products of half types are computed in float32 and rounded once.
void scatter_into(Combine how, const Tensor& x, const Tensor& aliased_x, const Tensor& in, const Tensor& index,
                  int64_t dim, int64_t step);

/// A copy of x that is not on the tape, to be changed and recorded by the operation itself.
inline Tensor untracked_copy(const Tensor& x) {
  const NoGrad guard;
  return x.clone();
}
inline Tensor untracked_copy_by_rows(const Tensor& x) {
  const NoGrad guard;
  return copy_by_rows(x);
}

/// Row-major places of what is true, (n), int64. An error on the meta device, where it is not known.
Tensor true_places_of(const Tensor& mask, std::string_view operation);

/// A number of x's type; an error where the type does not hold it.
Tensor number_in(const Tensor& x, const Scalar& value, std::string_view operation);

/// `source` itself, or a copy where it lies in the memory that is about to be written.
inline Tensor apart_from(const Tensor& x, const Tensor& source) {
  return source.shares_storage_with(x) ? source.clone() : source;
}

}  // namespace tenon
