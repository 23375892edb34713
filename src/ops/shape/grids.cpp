// Several tensors laid out together: broadcast_tensors, meshgrid, cartesian_prod, combinations, block_diag.
#include "ops/common.h"

namespace tenon {

std::vector<Tensor> broadcast_tensors(const TensorList& tensors) {
  Shape shape;
  for (const Tensor& t : tensors) shape = broadcast_shapes(shape, t.shape(), "broadcast_tensors");
  std::vector<Tensor> all;
  for (const Tensor& t : tensors) all.push_back(t.expand(shape));
  return all;
}

std::vector<Tensor> meshgrid(const TensorList& axes, Indexing indexing) {
  if (axes.empty()) fail("meshgrid", "expected at least one axis");
  Shape shape;
  for (const Tensor& t : axes) {
    if (t.dim() > 1) fail("meshgrid", "expected vectors, got shape {}", t.shape().to_string());
    if (t.dtype() != axes.front().dtype())
      fail("meshgrid", "expected axes of one type, got {} and {}", axes.front().dtype(), t.dtype());
    check_same_device(axes.front(), t, "meshgrid");
    shape.push_back(t.numel());
  }
  std::vector<Tensor> grids;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    Shape own(axes.size(), int64_t{1});
    own[i] = shape[i];
    const Tensor grid = axes[i].view(own).expand(shape);
    grids.push_back(indexing == Indexing::xy && axes.size() > 1 ? grid.transpose(0, 1) : grid);
  }
  return grids;
}

Tensor cartesian_prod(const TensorList& axes) {
  if (axes.empty()) fail("cartesian_prod", "expected at least one vector");
  for (const Tensor& t : axes)
    if (t.dim() != 1) fail("cartesian_prod", "expected vectors, got shape {}", t.shape().to_string());
  if (axes.size() == 1) return axes.front();
  std::vector<Tensor> columns;
  for (const Tensor& grid : meshgrid(axes)) columns.push_back(grid.flatten());
  return stack(columns, 1);
}

Tensor combinations(const Tensor& x, int64_t r, bool with_replacement) {
  if (x.dim() != 1) fail("combinations", "expected a vector, got shape {}", x.shape().to_string());
  if (r < 0) fail("combinations", "expected r of 0 or more, got {}", r);
  if (r == 0) return x.new_empty({0});
  const int64_t n = x.size(0), step = with_replacement ? 0 : 1;
  if (n == 0 || (!with_replacement && r > n)) return x.narrow(0, 0, 0).clone().view({0, r});
  std::vector<int64_t> places, row = detail::vector_of<int64_t>(r, "combinations");
  int64_t rows = 0;
  for (int64_t i = 0; i < r; ++i) row[static_cast<std::size_t>(i)] = i * step;
  while (true) {
    places.insert(places.end(), row.begin(), row.end());
    ++rows;
    // The last place that can still move on does, and those behind it follow as closely as they may.
    int64_t i = r - 1;
    while (i >= 0 && row[static_cast<std::size_t>(i)] == n - 1 - (r - 1 - i) * step) --i;
    if (i < 0) break;
    for (int64_t next = row[static_cast<std::size_t>(i)] + 1; i < r; ++i, next += step)
      row[static_cast<std::size_t>(i)] = next;
  }
  return x.index_select(0, tensor(places).to(x.device())).view({rows, r});
}

Tensor block_diag(const TensorList& tensors) {
  if (tensors.empty()) return zeros({1, 0});
  int64_t columns = 0;
  for (const Tensor& t : tensors) {
    if (t.dim() > 2) fail("block_diag", "expected matrices or less, got shape {}", t.shape().to_string());
    columns += atleast_2d(t).size(1);
  }
  // Each block between zeros to its left and right, in rows of full width.
  std::vector<Tensor> rows;
  int64_t before = 0;
  for (const Tensor& t : tensors) {
    const Tensor block = atleast_2d(t);
    const int64_t height = block.size(0), width = block.size(1);
    const TensorOptions options{.dtype = t.dtype(), .device = t.device()};
    rows.push_back(
        cat({zeros({height, before}, options), block, zeros({height, columns - before - width}, options)}, 1));
    before += width;
  }
  return cat(rows, 0);
}

}  // namespace tenon
