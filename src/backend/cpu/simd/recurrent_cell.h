#pragma once
// One step of a recurrent layer, element by element, for the best instructions that the processor has.
#include <cstdint>

#include <tenon/dtype.h>

#include "backend/recurrent.h"

namespace tenon::backend::cpu {

/// One row: n elements for each gate, one gate after the other.
struct CellRow {
  const void *gates, *hidden;  ///< the input's share and h's
  void* kept;                  ///< Recurrence::kept_size(), but for what is projected
  void* y;                     ///< what the step gives, before a projection
  void *h, *c;                 ///< the state, which the step changes; no h where there is a projection
  int64_t n;
};
void vector_recurrent_cell(DType type, RecurrentMode mode, const CellRow& row);

/// Going back through it.
struct CellBackwardRow {
  const void* grad;      ///< by y; or null
  const void *kept, *y;  ///< as they were made; y of a plain RNN only
  const void* previous;  ///< the state before: an LSTM's c, a GRU's h
  void *gates, *hidden;  ///< the gradients by both shares; `hidden` of a GRU only
  void *h, *c;           ///< by the state: after the step, then before it (of h what a GRU's state adds by itself)
  int64_t n;
};
void vector_recurrent_cell_backward(DType type, RecurrentMode mode, const CellBackwardRow& row);

}  // namespace tenon::backend::cpu
