#pragma once
// An optimizer's step over contiguous data: one pass that reads and writes each number once.
#include "backend/optimizer.h"

namespace tenon::backend::cpu {

/// What a step changes, each of one type. Half types are computed with in float.
struct StepData {
  void* p;
  const void* grad;
  std::array<void*, 3> slots;  ///< null where the rule goes without
};

void vector_step(DType type, const OptimizerRule& rule, const StepData& data, int64_t begin, int64_t end);

}  // namespace tenon::backend::cpu
