#include <tenon/nn/layers/lazy.h>

#include <tenon/creation.h>
#include <tenon/grad_mode.h>
#include <tenon/random.h>

#include "nn/entries.h"
#include "nn/set_data.h"

namespace tenon::nn::detail {
namespace {

/// f(tensor of the layer) for every one.
template <class F>
void for_each_tensor(ModuleBase& layer, F f) {
  const Entries entries(layer);
  for (const auto& [key, parameter] : entries.parameters)
    if (parameter->defined()) f(*parameter);
  for (const auto& [key, buffer] : entries.buffers)
    if (buffer->defined()) f(*buffer);
}

}  // namespace

DrawsDoNotCount::DrawsDoNotCount() : state_(random::get_state()) {}
DrawsDoNotCount::~DrawsDoNotCount() { random::set_state(state_); }

void empty_tensors(ModuleBase& layer) {
  const NoGrad guard;
  for_each_tensor(layer, [](Tensor& x) {
    if (x.is_floating_point()) x.set_data(empty({0}, {.dtype = x.dtype(), .device = x.device()}));
  });
}

void take_tensors(ModuleBase& layer, ModuleBase& made) {
  std::vector<Tensor> before;
  for_each_tensor(layer, [&](Tensor& x) { before.push_back(x); });
  std::size_t i = 0;
  for_each_tensor(made, [&](Tensor& x) {
    before[i].set_data(x.detach());
    x = before[i++];
  });
}

const Shape* saved_shape(const LoadingState& loading, std::span<const char* const> keys) {
  for (const char* key : keys) {
    const Value* value = loading.state_dict.find(loading.prefix + key);
    if (!value || !value->is<Tensor>() || !value->as<Tensor>().defined()) continue;
    const Shape& shape = value->as<Tensor>().shape();
    if (!shape.empty() && shape != Shape{0}) return &shape;  // {0}: of a layer that did not know it either
  }
  return nullptr;
}

TensorOptions options_now(ModuleBase& layer) {
  TensorOptions options;
  for_each_tensor(layer, [&](const Tensor& x) {
    if (x.is_floating_point()) options = {.dtype = x.dtype(), .device = x.device()};
  });
  return options;
}

int64_t features_of(const Tensor& input, int64_t dim, int64_t least_dims, int64_t most_dims, std::string_view layer) {
  if (input.dim() >= least_dims && input.dim() <= most_dims) return input.size(dim);
  fail(layer, "expected an input of {} dimensions{}, got shape {}", least_dims,
       most_dims == least_dims ? ""
       : most_dims > 8         ? " or more"
                               : fmt::format(" or {}", most_dims),
       input.shape().to_string());
}

}  // namespace tenon::nn::detail
