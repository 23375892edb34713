#pragma once
// What recurrent layers and cells share.
#include <cmath>
#include <optional>

#include <tenon/nn/layers/recurrent.h>

#include "backend/recurrent.h"

namespace tenon::nn {

constexpr RecurrentMode recurrent_mode(RNNMode mode, RNNNonlinearity nonlinearity) {
  if (mode == RNNMode::lstm) return RecurrentMode::lstm;
  if (mode == RNNMode::gru) return RecurrentMode::gru;
  return nonlinearity == RNNNonlinearity::relu ? RecurrentMode::rnn_relu : RecurrentMode::rnn_tanh;
}

/// The state of any mode: c of an LSTM only.
inline LSTMState both(const LSTMState& state) { return state; }
inline LSTMState both(const Tensor& h) { return {h, {}}; }
template <class State>
State state_of(const Tensor& h, const Tensor& c) {
  if constexpr (std::is_same_v<State, Tensor>) return h;
  else return {h, c};
}

/// The state that was given, or zeros of these shapes. An error where it has another shape or type.
LSTMState initial_state(std::string_view layer, const LSTMState& given, const Shape& h, const std::optional<Shape>& c,
                        const Tensor& x);

/// 1/√hidden_size, within which weights start.
inline double weight_bound(int64_t hidden_size) {
  return hidden_size > 0 ? 1 / std::sqrt(static_cast<double>(hidden_size)) : 0;
}

/// An error unless the weights' sizes can be counted.
void check_sizes(std::string_view layer, int64_t input_size, int64_t hidden_size, int64_t least);
/// An error where the input's type is not the weights'.
void check_type(std::string_view layer, const Tensor& x, const Tensor& weight);

}  // namespace tenon::nn
