#include "backend/cpu/loop.h"

#include <vector>

namespace tenon::backend::cpu::detail {
namespace {

constexpr int64_t short_row = 8;

struct Dim {
  int64_t size;
  std::array<int64_t, most_tensors> stride;
};

/// The dimensions to walk, fastest first by the output's strides, neighbours merged where every tensor allows it.
std::vector<Dim> merged_dims(const Tensor* const* tensors, std::size_t count) {
  const Shape& sizes = tensors[0]->shape();
  std::vector<Dim> dims;
  for (std::size_t d = sizes.size(); d-- > 0;) {
    if (sizes[d] == 1) continue;
    Dim dim{sizes[d], {}};
    for (std::size_t k = 0; k < count; ++k) {
      const Tensor& t = *tensors[k];
      const std::size_t ahead = sizes.size() - t.shape().size();
      if (d >= ahead && t.shape()[d - ahead] != 1) dim.stride[k] = t.strides()[d - ahead] * item_size(t.dtype());
    }
    dims.push_back(dim);
  }
  std::stable_sort(dims.begin(), dims.end(), [](const Dim& a, const Dim& b) { return a.stride[0] < b.stride[0]; });
  std::vector<Dim> merged;
  for (const Dim& d : dims) {
    bool joins = !merged.empty();
    for (std::size_t k = 0; joins && k < count; ++k)
      joins = d.stride[k] == merged.back().stride[k] * merged.back().size;
    if (joins) merged.back().size *= d.size;
    else merged.push_back(d);
  }
  if (merged.empty()) merged.push_back({1, {}});
  return merged;
}

}  // namespace

void walk(const Tensor* const* tensors, std::size_t count, void (*inner)(void*, const AnyRow&), void* context,
          int64_t work) {
  const Tensor& out = *tensors[0];
  const int64_t total = out.numel();
  if (total == 0) return;
  const int64_t grain = std::max<int64_t>(elementwise_grain / std::max<int64_t>(work, 1), 1);
  AnyRow row{};
  bool simple = out.is_contiguous();
  for (std::size_t k = 0; k < count; ++k) {
    row.data[k] = tensors[k]->impl()->data;
    row.stride[k] = item_size(tensors[k]->dtype());
    simple = simple && tensors[k]->is_contiguous() && tensors[k]->shape() == out.shape();
  }
  const auto along_one = [&](const AnyRow& whole) {
    parallel_for(whole.n, grain, [&](int64_t begin, int64_t end) {
      AnyRow part = whole;
      for (std::size_t k = 0; k < count; ++k) part.data[k] += begin * part.stride[k];
      part.n = end - begin;
      inner(context, part);
    });
  };
  row.n = total;
  if (simple) return along_one(row);
  std::vector<Dim> dims = merged_dims(tensors, count);
  if (dims[0].size < short_row) {  // a call for each of these would cost more than strides do
    const auto longer = std::find_if(dims.begin(), dims.end(), [](const Dim& d) { return d.size >= short_row; });
    if (longer != dims.end()) std::rotate(dims.begin(), longer, longer + 1);
  }
  row.n = dims[0].size;
  row.stride = dims[0].stride;
  if (dims.size() == 1) return along_one(row);
  parallel_for(total / row.n, std::max<int64_t>(grain / row.n, 1), [&](int64_t begin, int64_t end) {
    AnyRow here = row;
    SmallVector<int64_t, 8> at(dims.size(), int64_t{0});
    int64_t rest = begin;
    for (std::size_t d = 1; d < dims.size(); ++d) {
      at[d] = rest % dims[d].size;
      rest /= dims[d].size;
      for (std::size_t k = 0; k < count; ++k) here.data[k] += at[d] * dims[d].stride[k];
    }
    for (int64_t r = begin; r < end; ++r) {
      inner(context, here);
      for (std::size_t d = 1; d < dims.size();
           ++d) {  // the next row: one step, or back and one step of the next dimension
        const bool back = ++at[d] == dims[d].size;
        const int64_t steps = back ? 1 - dims[d].size : 1;
        if (back) at[d] = 0;
        for (std::size_t k = 0; k < count; ++k) here.data[k] += steps * dims[d].stride[k];
        if (!back) break;
      }
    }
  });
}

}  // namespace tenon::backend::cpu::detail
