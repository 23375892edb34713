#pragma once
// An optimizer's step over contiguous data: one pass that reads and writes each number once.
#include "backend/optimizer.h"

namespace tenon::backend::cpu {

/// What a step changes, each n elements of one type. Half types are computed with in float.
struct SgdData {
  void* p;
  const void* grad;
  void* momentum_buffer;  ///< null without momentum
};
struct AdamData {
  void* p;
  const void* grad;
  void *exp_avg, *exp_avg_sq;
  void* max_exp_avg_sq;  ///< null without amsgrad
};

void vector_sgd(DType type, const SgdData& data, int64_t begin, int64_t end, const SgdArgs& args);
void vector_adam(DType type, const AdamData& data, int64_t begin, int64_t end, const AdamArgs& args);

}  // namespace tenon::backend::cpu
