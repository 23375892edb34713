#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <tenon/nn/layers/options.h>
#include <tenon/nn/module.h>
#include <tenon/nn/named_handles.h>
#include <tenon/nn/packed_sequence.h>

#pragma GCC visibility push(default)

namespace tenon::nn {

enum class RNNMode : uint8_t { rnn, lstm, gru };
enum class RNNNonlinearity : uint8_t { tanh, relu };

struct RNNOptions {
  int64_t num_layers = 1;
  RNNNonlinearity nonlinearity = RNNNonlinearity::tanh;
  bool bias = true;
  bool batch_first = false;    ///< inputs and outputs (N, L, …) instead of (L, N, …)
  double dropout = 0;          ///< of what each layer but the last gives, in training
  bool bidirectional = false;  ///< each layer goes through the sequence from both ends
  TENON_FACTORY_OPTIONS;
};
struct LSTMOptions {
  int64_t num_layers = 1;
  bool bias = true;
  bool batch_first = false;    ///< inputs and outputs (N, L, …) instead of (L, N, …)
  double dropout = 0;          ///< of what each layer but the last gives, in training
  bool bidirectional = false;  ///< each layer goes through the sequence from both ends
  int64_t proj_size = 0;       ///< h is projected to this size; 0: it is not
  TENON_FACTORY_OPTIONS;
};
struct GRUOptions {
  int64_t num_layers = 1;
  bool bias = true;
  bool batch_first = false;    ///< inputs and outputs (N, L, …) instead of (L, N, …)
  double dropout = 0;          ///< of what each layer but the last gives, in training
  bool bidirectional = false;  ///< each layer goes through the sequence from both ends
  TENON_FACTORY_OPTIONS;
};

/// What an LSTM remembers: hidden state and cell.
struct LSTMState {
  Tensor h, c;
};
template <RNNMode mode>
using RNNState = std::conditional_t<mode == RNNMode::lstm, LSTMState, Tensor>;

/// `auto [output, state] = lstm(x);`
template <class Sequence, class State>
struct RNNOutput {
  Sequence output;  ///< what the last layer gives at each step
  State state;      ///< of each layer and direction after its last step
};

/// Layers of recurrent cells, each going through a sequence step by step: (L, N, input_size) or (L, input_size) →
/// (L, N, D·P) or (L, D·P), D = 2 where bidirectional, else 1; P = hidden_size, or proj_size where that is not 0. A
/// utils::rnn::PackedSequence → such a one.
///
/// The state before the first step, zeros by default, and the one after the last: (num_layers·D, N, P), without N for
/// an input without; an LSTM's {h, c}, c of size hidden_size. `lstm(x, nn::LSTMState{h, c})`.
///
/// Parameters weight_ih_l0 (G, input_size, of further layers D·P), weight_hh_l0 (G, P), bias_ih_l0 and bias_hh_l0 (G),
/// weight_hr_l0 (P, hidden_size) with proj_size, then those of the way back (weight_ih_l0_reverse …) and of the further
/// layers; G = hidden_size times 1, 4 (LSTM: input, forget, cell, output), 3 (GRU: reset, update, new). All start
/// uniform in ±1/√hidden_size, drawn in this order. Source: torch.nn.RNN, LSTM, GRU.
template <RNNMode mode>
class RNNBase : public Module<RNNBase<mode>> {
 public:
  static constexpr std::string_view class_name = std::array{"RNN", "LSTM", "GRU"}[static_cast<std::size_t>(mode)];
  using State = RNNState<mode>;
  using Options = std::conditional_t<mode == RNNMode::lstm, LSTMOptions,
                                     std::conditional_t<mode == RNNMode::gru, GRUOptions, RNNOptions>>;

  int64_t input_size, hidden_size, num_layers;
  RNNNonlinearity nonlinearity = RNNNonlinearity::tanh;  ///< RNN's
  bool bias, batch_first;
  double dropout;
  bool bidirectional;
  int64_t proj_size = 0;  ///< LSTM's

  RNNBase(int64_t input_size, int64_t hidden_size, const Options& options = {});

  /// Draws the weights anew.
  void reset_parameters();
  /// The parameters of each layer and direction, in their order.
  std::vector<std::vector<Parameter>> all_weights() const;
  /// Does nothing: it puts cuDNN's weights together in memory. Programs for PyTorch call it.
  void flatten_parameters() {}
  std::string extra_repr() const override;

 protected:
  RNNOutput<Tensor, State> forward(const Tensor& x, const State& state = {}) const;
  RNNOutput<utils::rnn::PackedSequence, State> forward(const utils::rnn::PackedSequence& x,
                                                       const State& state = {}) const;

 private:
  detail::NamedHandles<Parameter> weights_;

  TENON_MODULE(RNNBase, input_size, hidden_size, num_layers, nonlinearity, bias, batch_first, dropout, bidirectional,
               proj_size, weights_)
};
extern template class RNNBase<RNNMode::rnn>;
extern template class RNNBase<RNNMode::lstm>;
extern template class RNNBase<RNNMode::gru>;
using RNN = RNNBase<RNNMode::rnn>;
using LSTM = RNNBase<RNNMode::lstm>;
using GRU = RNNBase<RNNMode::gru>;

struct RNNCellOptions {
  bool bias = true;
  RNNNonlinearity nonlinearity = RNNNonlinearity::tanh;
  TENON_FACTORY_OPTIONS;
};
struct GatedCellOptions {
  bool bias = true;
  TENON_FACTORY_OPTIONS;
};

/// One step of such a layer: (N, input_size) or (input_size), and the state before, zeros by default → the state after,
/// (N, hidden_size) or (hidden_size); an LSTMCell's {h, c}.
///
/// weight_ih (G, input_size), weight_hh (G, hidden_size), bias_ih and bias_hh (G) as RNNBase's, uniform in
/// ±1/√hidden_size. Source: torch.nn.RNNCell, LSTMCell, GRUCell.
template <RNNMode mode>
class RNNCellBase : public Module<RNNCellBase<mode>> {
 public:
  static constexpr std::string_view class_name =
      std::array{"RNNCell", "LSTMCell", "GRUCell"}[static_cast<std::size_t>(mode)];
  using State = RNNState<mode>;
  using Options = std::conditional_t<mode == RNNMode::rnn, RNNCellOptions, GatedCellOptions>;

  int64_t input_size, hidden_size;
  RNNNonlinearity nonlinearity = RNNNonlinearity::tanh;  ///< RNNCell's
  Parameter weight_ih, weight_hh;
  Parameter bias_ih, bias_hh;  ///< empty slots with {.bias = false}

  RNNCellBase(int64_t input_size, int64_t hidden_size, const Options& options = {});

  /// Draws the weights anew.
  void reset_parameters();
  std::string extra_repr() const override;

 protected:
  State forward(const Tensor& x, const State& state = {}) const;

  TENON_MODULE(RNNCellBase, input_size, hidden_size, nonlinearity, weight_ih, weight_hh, bias_ih, bias_hh)
};
extern template class RNNCellBase<RNNMode::rnn>;
extern template class RNNCellBase<RNNMode::lstm>;
extern template class RNNCellBase<RNNMode::gru>;
using RNNCell = RNNCellBase<RNNMode::rnn>;
using LSTMCell = RNNCellBase<RNNMode::lstm>;
using GRUCell = RNNCellBase<RNNMode::gru>;

}  // namespace tenon::nn

#pragma GCC visibility pop
