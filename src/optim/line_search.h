#pragma once
// How far to go in a direction.
#include <functional>

#include <tenon/tensor.h>

namespace tenon::optim {

/// A loss, and its gradient as one vector.
struct LossAndGradient {
  double loss;
  Tensor gradient;
};

struct LineSearchResult {
  double t;  ///< how far
  LossAndGradient there;
  int64_t evaluations;
};

/// Looks for a point x + t·d that meets the strong conditions of Wolfe (the loss falls enough for the way, the slope is
/// flat enough), first at the t that is given. `start`, `slope`: at x, along d. Ends after so many evaluations, and
/// where the interval is shorter than tolerance_change; the best point so far is the result then. Source:
/// torch.optim.lbfgs._strong_wolfe.
LineSearchResult strong_wolfe(const std::function<LossAndGradient(double t)>& evaluate, const Tensor& d, double t,
                              const LossAndGradient& start, double slope, double tolerance_change,
                              int64_t max_evaluations);

}  // namespace tenon::optim
