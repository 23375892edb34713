#pragma once
// Random programs: steps that are done on the library's tensors and on the slow ones alike.
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <tenon/tensor.h>

#include "fuzz/reference.h"

namespace tenon::fuzz {

/// Reproducible choices. Source: Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators"
/// (SplitMix64).
class Choices {
 public:
  explicit Choices(uint64_t seed) : state_(seed) {}
  uint64_t next();
  int64_t below(int64_t n) { return static_cast<int64_t>(next() % static_cast<uint64_t>(n)); }
  int64_t between(int64_t low, int64_t high) { return low + below(high - low + 1); }
  bool one_in(int64_t n) { return below(n) == 0; }
  template <class T>
  const T& of(const std::vector<T>& all) {
    return all[static_cast<std::size_t>(below(static_cast<int64_t>(all.size())))];
  }

 private:
  uint64_t state_;
};

/// The tensors that a program has made so far, one and the same on both sides.
using Pool = std::vector<Tensor>;
using SlowPool = std::vector<Reference>;

struct Step {
  std::string text;                     ///< for the report
  std::function<bool(SlowPool&)> slow;  ///< false: the step is an error, and nothing has changed
  std::function<void(Pool&)> fast;      ///< throws Error
};

/// A step that may follow; its arguments may be wrong unless `differentiable`, which also leaves out what has kinks.
Step random_step(Choices& choices, const SlowPool& pool, bool differentiable);

/// A new tensor of random numbers.
Reference random_tensor(Choices& choices, const std::vector<DType>& dtypes);
Tensor to_tensor(const Reference& x);

}  // namespace tenon::fuzz
