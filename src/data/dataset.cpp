#include <tenon/data/dataset.h>

namespace tenon::data::detail {

int64_t common_size(const Tensor* tensors, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    if (!tensors[i].defined() || tensors[i].dim() == 0)
      fail("TensorDataset", "expected tensors with at least one dimension, the items; tensor {} is {}", i,
           tensors[i].defined() ? "0-dim" : "undefined");
    if (tensors[i].size(0) != tensors[0].size(0))
      fail("TensorDataset", "expected the same number of items in each tensor, got shapes {} and {}",
           tensors[0].shape().to_string(), tensors[i].shape().to_string());
  }
  return tensors[0].size(0);
}

int64_t checked_item(const char* dataset, int64_t i, int64_t size) {
  if (i < -size || i >= size) fail(dataset, "expected an item between 0 and {}, got {}", size - 1, i);
  return i < 0 ? i + size : i;
}

Tensor take(const Tensor& items, const Tensor& indices) { return items.index_select(0, indices); }

}  // namespace tenon::data::detail
