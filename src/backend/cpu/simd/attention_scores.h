#pragma once
// What stands between attention's products: scores become weights, block by block, for the best instructions that the
// processor has. Numbers are all float or all double.
#include <cstdint>

#include <tenon/dtype.h>

namespace tenon::backend::cpu {

/// Rows of scores are this many numbers apart, or a multiple, so that they are whole vectors.
inline constexpr int64_t score_step = 16;

/// query·keyᵀ for some neighbouring queries, a row each, and keys.
struct ScoreBlock {
  void* scores;
  int64_t rows, keys, step;  ///< step: from one row to the next, at least `keys`
  double scale;
  const void* mask;  ///< what belongs to the first score: bool, or numbers; or null
  int64_t mask_row, mask_key;
  bool mask_is_bool;
  void* mask_room;  ///< for `step` numbers
  /// How many of the block's keys the first query may attend to; each next one may one more. Below 0 or above `keys` is
  /// none or all.
  int64_t seen;
};

/// What is known of a block's queries after the keys so far: the largest score and Σ exp(score − it), a number each,
/// and Σ exp(score − it)·value, a row each.
struct RunningSums {
  void *largest, *sums, *out;
  int64_t out_row, out_column, width;
  bool begun;  ///< false: nothing is known yet
};

/// Scores become exp(scores·scale + mask − largest); the running sums get the new `largest` and what belongs to it, but
/// for these weights' part of `out`.
void attention_weights(DType type, const ScoreBlock& block, const RunningSums& running);
/// `out` by the sums, and log Σ exp of the scores to `log_sums`.
void attention_finish(DType type, int64_t rows, const RunningSums& running, void* log_sums);
/// Scores become weights, exp(scores·scale + mask − log_sums), and the weights' gradients, which lie in the same steps,
/// those of query·keyᵀ: weights·(gradients − products)·scale.
void attention_score_gradients(DType type, const ScoreBlock& block, const void* log_sums, const void* products,
                               void* gradients);

}  // namespace tenon::backend::cpu
