#pragma once
// What a loss makes of the losses of single elements, and the options of those that have no others.
#include <tenon/tensor.h>

#pragma GCC visibility push(default)

namespace tenon::nn::functional {

enum class Reduction { none, mean, sum };

struct LossOptions {
  Reduction reduction = Reduction::mean;
};
struct WeightedLossOptions {
  Tensor weight = {};  ///< a factor of each element's loss
  Reduction reduction = Reduction::mean;
};

}  // namespace tenon::nn::functional

#pragma GCC visibility pop
