#include "ops/indexing/offsets.h"

#include "backend/index.h"
#include "backend/memory.h"
#include "tensor/layout.h"

namespace tenon {
namespace {

/// `at` and a step, so that at(i)·step elements lie between a tensor's first element of the dimensions and that of
/// place i.
std::pair<Tensor, int64_t> offsets_of(const Tensor& x, const Places& places) {
  const Shape sizes(x.shape().begin() + places.dim, x.shape().begin() + places.dim + places.dims);
  const Shape strides(x.strides().begin() + places.dim, x.strides().begin() + places.dim + places.dims);
  bool even = true;  // the dimensions lie in memory as one
  for (std::size_t d = 1; d < sizes.size(); ++d) even = even && strides[d - 1] == sizes[d] * strides[d];
  if (even) return {places.at, strides.empty() ? 0 : strides.back()};
  const Tensor offsets = new_tensor(places.at.shape(), int64, x.device());
  on<IndexKernels>(x.device()).place_offsets(offsets, places.at, sizes, strides);
  return {offsets, 1};
}

/// (before…, at…, after…) from x's own and the given values of the places' dimensions.
Shape around(const Shape& own, const Places& places, const Shape& between) {
  Shape all(own.begin(), own.begin() + places.dim);
  for (const int64_t n : between) all.push_back(n);
  for (std::size_t d = places.dim + places.dims; d < own.size(); ++d) all.push_back(own[d]);
  return all;
}

Shape zeros_of(std::size_t n) { return Shape(n, int64_t{0}); }

/// In x's order of dimensions, and the given numbers'. As in PyTorch, those are taken for a tensor of sizes 1 around,
/// whose strides count where x's sizes are 1 too.
Shape strides_at(const Tensor& x, const Places& places) {
  const Shape& at = places.at.shape();
  Shape beside = zeros_of(x.shape().size());
  for (std::size_t d = 0; d < beside.size(); ++d)
    if (x.shape()[d] == 1) beside[d] = d < places.dim ? places.at.numel() : 1;
  std::vector<Shape> lie{around(x.strides(), places, zeros_of(at.size()))};
  for (const Shape& given : places.strides) lie.push_back(around(beside, places, given));
  if (places.strides.empty()) lie.push_back(around(beside, places, places.at.strides()));
  return strides_in_order(around(x.shape(), places, at), lie);
}

}  // namespace

Tensor checked_index(const Tensor& index, int64_t dim, int64_t size, bool wrap, std::string_view operation) {
  const NoGrad guard;
  const Tensor at = as_type(index, int64).contiguous();
  const auto range = on<IndexKernels>(at.device()).range_outside(at, size);
  if (!range) return at;
  const auto [least, greatest] = *range;
  const int64_t lowest = wrap ? -size : 0;
  if (least < lowest || greatest >= size)
    fail(operation, "index {} is out of range for dimension {} of size {}", least < lowest ? least : greatest, dim,
         size);
  return at + (at < 0).to(int64) * size;
}

Shape shape_at(const Tensor& x, const Places& places) { return around(x.shape(), places, places.at.shape()); }

Tensor index_at(const char* name, const Tensor& x, const Places& places, bool as_it_lies) {
  const Shape shape = shape_at(x, places);
  Tensor y = as_it_lies ? new_strided(shape, strides_at(x, places), x.dtype(), x.device())
                        : new_tensor(shape, x.dtype(), x.device());
  if (x.is_contiguous() && y.is_contiguous() && y.numel() > 0) {
    int64_t outer = 1;
    for (std::size_t d = 0; d < places.dim; ++d) outer *= shape[d];
    on<IndexKernels>(x.device()).gather_rows(y, x, places.at, outer, y.numel() / outer / places.at.numel());
  } else if (y.numel() > 0) {
    const auto [offsets, step] = offsets_of(x, places);
    const std::size_t n = places.at.shape().size();
    const Tensor from = new_alias(x, shape, around(x.strides(), places, zeros_of(n)), x.storage_offset());
    const Tensor by = new_alias(offsets, shape, around(zeros_of(x.shape().size()), places, offsets.strides()),
                                offsets.storage_offset());
    on<IndexKernels>(x.device()).gather(y, from, by, step);
  }
  if (needs_grad(x))
    record(name, y, {&x}, {&places.at}, [name, whole = x.shape(), dim = places.dim, dims = places.dims](Grads& g) {
      const Tensor none = zeros(whole, {g.in().dtype(), g.in().device()});
      g.give(0, index_put_at(name, none, {g.saved(0), dim, dims}, g.in(), true));
    });
  return y;
}

void put_at(const Tensor& x, const Places& places, const Tensor& value, bool accumulate) {
  const NoGrad guard;
  const Shape shape = shape_at(x, places);
  if (shape.numel() == 0) return;
  Places apart{apart_from(x, places.at), places.dim, places.dims};
  const auto [offsets, step] = offsets_of(x, apart);
  const Shape flat = around(x.shape(), places, {offsets.numel()});
  const Tensor from = apart_from(x, value).expand(shape).reshape(flat);
  const Tensor to = new_alias(x, flat, around(x.strides(), places, {0}), x.storage_offset());
  const Tensor by = new_alias(offsets, flat, around(zeros_of(x.shape().size()), places, {1}), offsets.storage_offset());
  scatter_into(accumulate ? Combine::add : Combine::replace, x, to, from, by, static_cast<int64_t>(places.dim), step);
}

Tensor index_put_at(const char* name, const Tensor& x, const Places& places, const Tensor& value, bool accumulate,
                    bool by_rows) {
  Tensor y = by_rows ? untracked_copy_by_rows(x) : untracked_copy(x);
  put_at(y, places, value, accumulate);
  if (needs_grad(x, value))
    record(
        name, y, {&x, &value}, {&places.at}, [=, dim = places.dim, dims = places.dims, like = Like(value)](Grads& g) {
          const Places at{g.saved(0), dim, dims};
          if (g.needs(0))
            g.give(0, accumulate ? g.in()
                                 : index_put_at(name, g.in(), at, zeros({}, {g.in().dtype(), g.in().device()}), false));
          if (g.needs(1)) g.give(1, reduce_to(index_at(name, g.in(), at), like));
        });
  return y;
}

void scatter_into(Combine how, const Tensor& x, const Tensor& aliased_x, const Tensor& in, const Tensor& index,
                  int64_t dim, int64_t step) {
  const IndexKernels& kernels = on<IndexKernels>(x.device());
  if (how == Combine::replace || (x.dtype() != float16 && x.dtype() != bfloat16))
    return kernels.scatter(how, aliased_x, in, index, dim, step);
  // The memory between x's first and last element, as float32.
  int64_t extent = 1;
  for (std::size_t d = 0; d < x.shape().size(); ++d) extent += (x.shape()[d] - 1) * x.strides()[d];
  if (x.numel() == 0) return;
  const Tensor wide = new_alias(x, {extent}, {1}, x.storage_offset()).to(float32);
  kernels.scatter(
      how, new_alias(wide, aliased_x.shape(), aliased_x.strides(), aliased_x.storage_offset() - x.storage_offset()),
      in.to(float32), index, dim, step);
  on<MemoryKernels>(x.device()).copy(x, new_alias(wide, x.shape(), x.strides(), 0));
}

Tensor true_places_of(const Tensor& mask, std::string_view operation) {
  if (mask.is_meta())
    fail(operation, "how many elements are chosen depends on data, which a tensor on the meta device has not");
  const NoGrad guard;
  const Tensor flat = mask.contiguous().view({-1});
  const Tensor places = new_tensor({on<IndexKernels>(mask.device()).count_true(flat)}, int64, mask.device());
  on<IndexKernels>(mask.device()).true_places(places, flat);
  return places;
}

Tensor number_in(const Tensor& x, const Scalar& value, std::string_view operation) {
  check_fits(value, x.dtype(), operation);
  const Tensor number = new_tensor({}, x.dtype(), x.device());
  on<MemoryKernels>(x.device()).fill(number, value);
  return number;
}

}  // namespace tenon
