#include "optim/saved.h"

#include <algorithm>

namespace tenon::optim {

Value with_numbers(const Value& value) {
  if (value.is<Tensor>()) {
    const Tensor& x = value.as<Tensor>();
    if (!x.defined() || x.numel() != 1 || x.is_complex()) return value;
    if (x.dtype() == boolean) return x.item<bool>();
    return x.is_floating_point() ? Value(x.item<double>()) : Value(x.item<int64_t>());
  }
  const auto all = [](Value::List items) {
    for (Value& item : items) item = with_numbers(item);
    return items;
  };
  if (value.is<Value::List>()) return all(value.as<Value::List>());
  if (value.is<Tuple>()) return Tuple{all(value.as<Tuple>().items)};
  return value;
}

std::string_view what_else(const Dict& state_dict, std::string_view key) {
  if (state_dict.contains(Key(key))) return "";
  if (state_dict.contains("param_groups")) return "it is the state dict of an optimizer";
  if (state_dict.contains("last_epoch") || state_dict.contains("_last_lr"))
    return "it is the state dict of a scheduler";
  if (state_dict.contains("optimizer_state_dict") || state_dict.contains("model_state_dict") ||
      state_dict.contains("optimizer") || state_dict.contains("scheduler"))
    return "it is a whole checkpoint: give the part of it that stands under a key of its own, checkpoint"
           "[\"optimizer_state_dict\"]";
  const bool tensors = !state_dict.empty() && std::all_of(state_dict.begin(), state_dict.end(), [](const auto& item) {
    return item.value.template is<Tensor>();
  });
  if (tensors) return "it is the state dict of a module";
  return "it is something else";
}

}  // namespace tenon::optim
