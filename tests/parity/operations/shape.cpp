// Shapes, as calls.
#include "operations/arguments.h"

namespace tenon::parity {

void add_shape(Operations& to) {
  one(to, "view", [](const Arguments& a) { return a.x().view(a.dims(1, "size")); });
  one(to, "reshape", [](const Arguments& a) { return a.x().reshape(a.dims(1, "shape")); });
  one(to, "flatten", [](const Arguments& a) { return a.x().flatten(a.i(1, "start_dim", 0), a.i(2, "end_dim", -1)); });
  one(to, "unflatten", [](const Arguments& a) { return a.x().unflatten(a.i(1, "dim", 0), a.dims(2, "sizes")); });
  one(to, "permute", [](const Arguments& a) { return a.x().permute(a.dims(1, "dims")); });
  one(to, "movedim", [](const Arguments& a) { return a.x().movedim(a.dims(1, "source"), a.dims(2, "destination")); });
  one(to, "transpose", [](const Arguments& a) { return a.x().transpose(a.i(1, "dim0", 0), a.i(2, "dim1", 1)); });
  one(to, "t", [](const Arguments& a) { return a.x().t(); });
  one(to, "expand", [](const Arguments& a) { return a.x().expand(a.dims(1, "size")); });
  one(to, "squeeze",
      [](const Arguments& a) { return a.has(1, "dim") ? a.x().squeeze(a.dims(1, "dim")) : a.x().squeeze(); });
  one(to, "unsqueeze", [](const Arguments& a) { return a.x().unsqueeze(a.i(1, "dim", 0)); });
  one(to, "select", [](const Arguments& a) { return a.x().select(a.i(1, "dim", 0), a.i(2, "index", 0)); });
  one(to, "narrow",
      [](const Arguments& a) { return a.x().narrow(a.i(1, "dim", 0), a.i(2, "start", 0), a.i(3, "length", 0)); });
  one(to, "diagonal",
      [](const Arguments& a) { return a.x().diagonal(a.i(1, "offset", 0), a.i(2, "dim1", 0), a.i(3, "dim2", 1)); });
  one(to, "unfold",
      [](const Arguments& a) { return a.x().unfold(a.i(1, "dimension", 0), a.i(2, "size", 1), a.i(3, "step", 1)); });
  one(to, "as_strided", [](const Arguments& a) {
    return a.x().as_strided(a.dims(1, "size"), a.dims(2, "stride"), a.maybe_i(3, "storage_offset"));
  });
  several(to, "unbind", [](const Arguments& a) { return a.x().unbind(a.i(1, "dim", 0)); });
  several(to, "chunk", [](const Arguments& a) { return a.x().chunk(a.i(1, "chunks", 1), a.i(2, "dim", 0)); });
  several(to, "split", [](const Arguments& a) {
    const int64_t dim = a.i(2, "dim", 0);
    return a.in_order[1].plain.is_number() ? a.x().split(a.i(1, "", 1), dim) : a.x().split(a.dims(1, ""), dim);
  });
  several(to, "tensor_split", [](const Arguments& a) {
    const int64_t dim = a.i(2, "dim", 0);
    return a.in_order[1].plain.is_number() ? a.x().tensor_split(a.i(1, "", 1), dim)
                                           : a.x().tensor_split(a.dims(1, ""), dim);
  });
  one(to, "repeat", [](const Arguments& a) { return a.x().repeat(a.dims(1, "repeats")); });
  one(to, "tile", [](const Arguments& a) { return a.x().tile(a.dims(1, "dims")); });
  one(to, "repeat_interleave", [](const Arguments& a) {
    const auto dim = a.maybe_i(2, "dim");
    return a.is_tensor(1) ? a.x().repeat_interleave(a.x(1), dim) : a.x().repeat_interleave(a.i(1, "repeats", 1), dim);
  });
  one(to, "roll", [](const Arguments& a) { return a.x().roll(a.dims(1, "shifts"), a.dims(2, "dims")); });
  one(to, "flip", [](const Arguments& a) { return a.x().flip(a.dims(1, "dims")); });
  one(to, "fliplr", [](const Arguments& a) { return fliplr(a.x()); });
  one(to, "flipud", [](const Arguments& a) { return flipud(a.x()); });
  one(to, "rot90", [](const Arguments& a) { return a.x().rot90(a.i(1, "k", 1), a.dims(2, "dims", {0, 1})); });
  one(to, "cat", [](const Arguments& a) { return cat(a.tensors(0), a.i(1, "dim", 0)); });
  one(to, "stack", [](const Arguments& a) { return stack(a.tensors(0), a.i(1, "dim", 0)); });
  one(to, "hstack", [](const Arguments& a) { return hstack(a.tensors(0)); });
  one(to, "vstack", [](const Arguments& a) { return vstack(a.tensors(0)); });
  one(to, "dstack", [](const Arguments& a) { return dstack(a.tensors(0)); });
  one(to, "column_stack", [](const Arguments& a) { return column_stack(a.tensors(0)); });
  several(to, "broadcast_tensors", [](const Arguments& a) { return broadcast_tensors(a.tensors(0)); });
  one(to, "broadcast_to", [](const Arguments& a) { return broadcast_to(a.x(), a.dims(1, "size")); });
  several(to, "meshgrid", [](const Arguments& a) {
    return meshgrid(a.tensors(0), a.text(2, "indexing") == "xy" ? Indexing::xy : Indexing::ij);
  });
  one(to, "cartesian_prod", [](const Arguments& a) { return cartesian_prod(a.tensors(0)); });
  one(to, "block_diag", [](const Arguments& a) { return block_diag(a.tensors(0)); });
  one(to, "atleast_1d", [](const Arguments& a) { return atleast_1d(a.x()); });
  one(to, "atleast_2d", [](const Arguments& a) { return atleast_2d(a.x()); });
  one(to, "atleast_3d", [](const Arguments& a) { return atleast_3d(a.x()); });
  const auto sections = [](std::vector<Tensor> (*by_number)(const Tensor&, int64_t),
                           std::vector<Tensor> (*by_places)(const Tensor&, const Shape&)) {
    return [=](const Arguments& a) {
      return a.in_order[1].plain.is_number() ? by_number(a.x(), a.i(1, "", 1)) : by_places(a.x(), a.dims(1, ""));
    };
  };
  several(to, "hsplit", sections(hsplit, hsplit));
  several(to, "vsplit", sections(vsplit, vsplit));
  several(to, "dsplit", sections(dsplit, dsplit));
  one(to, "combinations",
      [](const Arguments& a) { return combinations(a.x(), a.i(1, "r", 2), a.flag(2, "with_replacement")); });
  one(to, "view_as", [](const Arguments& a) { return a.x().view_as(a.x(1)); });
  one(to, "reshape_as", [](const Arguments& a) { return a.x().reshape_as(a.x(1)); });
  one(to, "sum_to_size", [](const Arguments& a) { return a.x().sum_to_size(a.dims(1, "size")); });
  one(to, "narrow_copy",
      [](const Arguments& a) { return a.x().narrow_copy(a.i(1, "dim", 0), a.i(2, "start", 0), a.i(3, "length", 0)); });
  changed(to, "squeeze_", [](const Tensor& x, const Arguments& a) {
    if (a.has(1, "dim")) x.squeeze_(a.dims(1, "dim"));
    else x.squeeze_();
  });
  changed(to, "unsqueeze_", [](const Tensor& x, const Arguments& a) { x.unsqueeze_(a.i(1, "dim", 0)); });
  changed(to, "t_", [](const Tensor& x, const Arguments&) { x.t_(); });
  changed(to, "transpose_",
          [](const Tensor& x, const Arguments& a) { x.transpose_(a.i(1, "dim0", 0), a.i(2, "dim1", 1)); });
}

}  // namespace tenon::parity
