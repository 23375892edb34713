#pragma once
// The end of a training that gets no better.
#include <cstdint>

#include <tenon/value.h>

#pragma GCC visibility push(default)

namespace tenon::training {

struct EarlyStoppingOptions {
  int64_t patience = 10;  ///< values without an improvement that are borne
  double min_delta = 0;   ///< what an improvement is more than
  bool maximize = false;  ///< larger values are better
};

/// Watches a value, such as the loss of the validation set: `if (stopping.step(loss)) break;`.
class EarlyStopping {
 public:
  explicit EarlyStopping(const EarlyStoppingOptions& options = {});
  /// Takes the next value; whether to stop: more than `patience` values in a row have been no better than the best. A
  /// NaN is no better than anything.
  bool step(double value);
  bool improved() const { return waited_ == 0 && steps_ > 0; }  ///< by the latest value
  double best() const { return best_; }                         ///< a NaN before any
  int64_t best_step() const { return best_step_; }              ///< counted from 0; −1 before any
  Dict state_dict() const;
  void load_state_dict(const Dict& state_dict);

 private:
  EarlyStoppingOptions options_;
  double best_;
  int64_t steps_ = 0, waited_ = 0, best_step_ = -1;
};

}  // namespace tenon::training

#pragma GCC visibility pop
