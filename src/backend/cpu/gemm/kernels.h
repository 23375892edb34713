#pragma once
// The parts of a product that are written for each instruction set. Each runs on the calling thread.
#include "backend/cpu/gemm/gemm.h"

namespace tenon::backend::cpu {

/// How one product is computed: decided once from its sizes and layouts, so that each of its elements is the same sum
/// whichever thread computes it.
struct GemmPlan {
  bool bf16;             ///< by the processor's own products of bfloat16
  bool dot;              ///< by dot products along k
  bool row;              ///< a single row, by sums of b's rows; where none of these, by tiles of outer products
  bool swap;             ///< as outᵀ = bᵀ·aᵀ
  bool pack_a, pack_b;   ///< tiles only: into panels, or read where they lie
  int64_t depth;         ///< tiles only: of k that is added up before it is added to the result
  int64_t cut_m, cut_n;  ///< a thread's part begins at a multiple of these (in the product as computed, after `swap`)
};

GemmPlan gemm_plan(const Gemm& g);
/// The product by a plan that was made for it or for one that it is a part of; after `swap`.
void gemm_block(const Gemm& g, const GemmPlan& plan);

}  // namespace tenon::backend::cpu
