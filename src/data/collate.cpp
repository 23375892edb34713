#include <tenon/data/collate.h>

#include <algorithm>

#include <tenon/ops.h>

namespace tenon::data {

Tensor detail::stacked(const std::vector<Tensor>& items) {
  for (const Tensor& item : items)
    if (item.shape() != items[0].shape() || item.dtype() != items[0].dtype())
      fail("DataLoader",
           "the items of a batch are {} {} and {} {}: give them one shape and type, or the loader a collate function, "
           "such as PadCollate for sequences",
           items[0].dtype(), items[0].shape().to_string(), item.dtype(), item.shape().to_string());
  return stack(items);
}

Tensor PadCollate::padded(const std::vector<Tensor>& tensors) const {
  const bool are_sequences = std::ranges::all_of(tensors, [](const Tensor& x) { return x.dim() > 0; });
  if (!are_sequences) return detail::stacked(tensors);
  return nn::utils::rnn::pad_sequence(
      tensors, {.batch_first = true, .padding_value = padding_value, .padding_side = padding_side});
}

namespace {

template <class T>
auto collated(const std::vector<Value>& values) {
  std::vector<T> items;
  for (const Value& value : values) items.push_back(value.as<T>());
  return DefaultCollate()(std::move(items));
}

}  // namespace

Dict detail::stacked_dicts(const std::vector<Dict>& items) {
  Dict batch;
  for (const auto& [key, first] : items[0]) {
    Value::List values;
    for (const Dict& item : items) {
      const Value* const value = item.size() == items[0].size() ? item.find(key) : nullptr;
      if (!value)
        fail("DataLoader", "the items of a batch are Dicts with different keys: not each has {}", key.string());
      values.push_back(*value);
    }
    if (first.is<Tensor>()) batch.set(key, collated<Tensor>(values));
    else if (first.is<bool>()) batch.set(key, collated<bool>(values));
    else if (first.is<int64_t>()) batch.set(key, collated<int64_t>(values));
    else if (first.is<double>()) batch.set(key, collated<double>(values));
    else if (first.is<Dict>()) batch.set(key, collated<Dict>(values));
    else batch.set(key, std::move(values));
  }
  return batch;
}

}  // namespace tenon::data
