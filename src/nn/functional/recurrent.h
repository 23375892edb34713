#pragma once
// One direction of a layer of recurrent cells.
#include <tenon/tensor.h>

#include "backend/recurrent.h"
#include "base/internal_api.h"

namespace tenon::nn {

/// Biases and the projection may be undefined.
struct RecurrentWeights {
  Tensor weight_ih, weight_hh, bias_ih, bias_hh, weight_hr;
};

/// What each step gives, and the state after the last one; c of an LSTM only.
struct RecurrentOutput {
  Tensor y, h, c;
};

/// x (total, input_size): rows as Recurrence has them. h (N, P) and c (N, H): the state before. All of one real type;
/// shapes are the caller's to check. → y (total, P), h, c.
TENON_INTERNAL_API RecurrentOutput recurrent(RecurrentMode mode, const Tensor& x, const BatchSizes& batch_sizes,
                                             const RecurrentWeights& weights, const Tensor& h, const Tensor& c,
                                             bool reverse = false);

/// A single step of (N, input_size), made of operations: for Autocast, which has a type for each of them.
RecurrentOutput recurrent_step(RecurrentMode mode, const Tensor& x, const RecurrentWeights& weights, const Tensor& h,
                               const Tensor& c);

}  // namespace tenon::nn
