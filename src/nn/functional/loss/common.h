#pragma once
// What the losses share: types, reductions, and the frame of those that are made of operations.
#include <array>

#include <tenon/nn/functional/loss/reduction.h>

#include "ops/autocast.h"
#include "ops/common.h"

namespace tenon::nn::functional {

/// The type of a loss of both, which are on one device and broadcast; an error where they do not, or where the type is
/// no floating-point one.
DType loss_type(const char* name, const Tensor& x, const Tensor& target);

Tensor reduced(const Tensor& losses, Reduction reduction);

/// What `losses` makes of inputs in computed_type(type), reduced.
template <std::size_t n, class F>
Tensor composed_loss(DType type, Reduction reduction, const std::array<Tensor, n>& inputs, F losses) {
  std::array<Tensor, n> wide;
  for (std::size_t i = 0; i < n; ++i)
    if (inputs[i].defined()) wide[i] = as_type(inputs[i], computed_type(type));
  return as_type(reduced(losses(wide), reduction), type);
}

/// f(x…, options) in float32, as Autocast has losses; the options' weights, too.
template <class F, class O, class... T>
Tensor loss_in_float(const F& f, O options, const T&... x) {
  if constexpr (requires { options.weight; }) options.weight = in_float(options.weight);
  if constexpr (requires { options.pos_weight; }) options.pos_weight = in_float(options.pos_weight);
  return in_float_type([&](const auto&... in) { return f(in..., options); }, x...);
}

/// An error for a weight that would have to have a gradient, which PyTorch refuses as well.
void refuse_gradient(const char* name, const char* what, const Tensor& weight);

}  // namespace tenon::nn::functional
