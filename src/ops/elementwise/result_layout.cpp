// How the result of an elementwise operation lies in memory: PyTorch's rule, since what is drawn or reshaped later goes
// by it.
#include "ops/common.h"
#include "tensor/memory_format.h"

namespace tenon {
namespace {

bool fills_memory(const Tensor& x) { return x.is_contiguous() || is_dense(x.shape(), x.strides()); }

/// For each tensor, its strides along the result's dimensions: 0 where it is spread.
std::vector<Shape> strides_along(const Shape& shape, TensorPointers tensors) {
  std::vector<Shape> all;
  for (const Tensor* x : tensors) {
    Shape strides(shape.size(), int64_t{0});
    const std::size_t ahead = shape.size() - x->shape().size();
    for (std::size_t d = ahead; d < shape.size(); ++d)
      if (x->shape()[d - ahead] == shape[d]) strides[d] = x->strides()[d - ahead];
    all.push_back(std::move(strides));
  }
  return all;
}

}  // namespace

Tensor new_result(const Shape& shape, DType dtype, const Device& device, TensorPointers of) {
  bool contiguous = true, same = true;
  for (const Tensor* x : of) {
    same = same && x->shape() == shape;
    contiguous = contiguous && x->is_contiguous();
  }
  if (shape.size() < 2 || (same && contiguous)) return new_tensor(shape, dtype, device);
  check_numel(shape, "Tensor");
  const auto all = [&](auto holds) { return std::all_of(of.begin(), of.end(), [&](auto* x) { return holds(*x); }); };
  if (same && all([](const Tensor& x) { return x.is_contiguous(channels_last); }))
    return new_strided(shape, channels_last_strides(shape), dtype, device);
  const Shape& first = (*of.begin())->strides();
  if (same && all([&](const Tensor& x) { return fills_memory(x) && x.strides() == first; }))
    return new_strided(shape, first, dtype, device);
  return new_strided(shape, strides_in_order(shape, strides_along(shape, of)), dtype, device);
}

Tensor new_joined(const Shape& shape, DType dtype, std::span<const Tensor> parts) {
  const Device& device = parts.front().device();
  for (const Tensor& x : parts)
    if (x.is_contiguous() || !has_channels_last(x.shape(), x.strides())) return new_tensor(shape, dtype, device);
  return new_strided(shape, channels_last_strides(shape), dtype, device);
}

Tensor new_result(const Tensor& of, DType dtype) {
  return of.is_contiguous() ? new_tensor(of.shape(), dtype, of.device())
                            : new_result(of.shape(), dtype, of.device(), {&of});
}

}  // namespace tenon
