#pragma once
// Recurrent layers.
#include <cstdint>
#include <memory>
#include <vector>

#include "backend/kernels.h"

namespace tenon {

enum class RecurrentMode : uint8_t { rnn_tanh, rnn_relu, lstm, gru };

/// How many blocks of H rows the weights have: the gates.
constexpr int64_t gates_of(RecurrentMode mode) {
  return mode == RecurrentMode::lstm ? 4 : mode == RecurrentMode::gru ? 3 : 1;
}

/// How many sequences there are at each step: the first one's number of them, then never more than before.
using BatchSizes = std::shared_ptr<const std::vector<int64_t>>;

/// A layer in one direction over sequences of rows: those of all sequences at step 0, then those at step 1 …; `total`
/// of them. H: size of the hidden state, P: of what a step gives (H without projection), G: gates_of(mode)·H, N: number
/// of sequences. All tensors contiguous, of float32 or float64.
struct Recurrence {
  RecurrentMode mode;
  bool reverse;  ///< from the last step to the first
  BatchSizes batch_sizes;
  Tensor gates;      ///< (total, G): the input's share of the gates, biases and all
  Tensor weight_hh;  ///< (G, P)
  Tensor bias_hh;    ///< (G), of a GRU, which needs h's share by itself; or undefined
  Tensor weight_hr;  ///< (P, H): an LSTM's projection; or undefined
  Tensor h, c;       ///< (N, P) and, of an LSTM, (N, H): the state before the first step

  int64_t hidden_size() const { return weight_hh.shape()[0] / gates_of(mode); }
  /// How many numbers a step keeps of each row for the backward pass: an LSTM its gates, its cell, and what is
  /// projected; a GRU its gates and h's share of the last one.
  int64_t kept_size() const {
    if (mode == RecurrentMode::lstm) return (weight_hr.defined() ? 6 : 5) * hidden_size();
    return mode == RecurrentMode::gru ? 4 * hidden_size() : 0;
  }
};

struct RecurrentResult {
  Tensor out;   ///< (total, P): what each step gives
  Tensor h, c;  ///< as the state before, after the last step
  Tensor kept;  ///< (total, kept_size()); undefined for a size of 0
};

struct RecurrentGradients {
  Tensor out;        ///< (total, G): by the gates
  Tensor hidden;     ///< (total, G): by h's share of them; the same tensor, but of a GRU
  Tensor previous;   ///< (total, P): no gradient, but the state that each step found
  Tensor projected;  ///< (total, P): by what a projection gives; or undefined
  Tensor h, c;       ///< by the state before; hold that by the state after at first
};

struct RecurrentKernels {
  Kernel<"recurrent", void(const RecurrentResult&, const Recurrence&)> recurrent;
  /// `grad` (total, P): by `out`; or undefined.
  Kernel<"recurrent_backward",
         void(const RecurrentGradients&, const Tensor& grad, const RecurrentResult&, const Recurrence&)>
      recurrent_backward;

  static const RecurrentKernels cpu, cuda, meta;
};

}  // namespace tenon
