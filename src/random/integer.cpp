// Integers, permutations, coin tosses.
#include <tenon/dtype_info.h>

#include "random/draw.h"

namespace tenon {
namespace {

using random::draw;
using random::redraw;

/// Every number from low to high − 1 must be one of the type's: a real type has all integers up to 2 / eps.
void check_range(const char* operation, DType type, int64_t low, int64_t high) {
  if (low >= high) fail(operation, "expected low < high, got low = {} and high = {}", low, high);
  refuse_carried(type);
  int64_t smallest = 0, greatest = 1;
  if (is_floating_point(type)) {
    greatest = static_cast<int64_t>(2 / finfo(type).eps);
    smallest = -greatest;
  } else if (type != boolean) {
    smallest = iinfo(type).min;
    greatest = static_cast<int64_t>(iinfo(type).max);
  }
  if (low < smallest || high - 1 > greatest)
    fail(operation, "{} holds the integers from {} to {}, not all of those from {} to {}", type, smallest, greatest,
         low, high - 1);
}

uint64_t distance(int64_t low, int64_t high) { return static_cast<uint64_t>(high) - static_cast<uint64_t>(low); }

Tensor new_integers(const char* operation, Tensor x, int64_t low, int64_t high, Generator* generator) {
  check_range(operation, x.dtype(), low, high);
  draw(operation, x, generator, &RandomKernels::integers, low, distance(low, high));
  return x;
}

}  // namespace

void random_(const Tensor& x, Generator* generator) { redraw("random_", x, generator, &RandomKernels::any_integers); }

void random_(const Tensor& x, int64_t low, int64_t high, Generator* generator) {
  check_range("random_", x.dtype(), low, high);
  redraw("random_", x, generator, &RandomKernels::integers, low, distance(low, high));
}

void bernoulli_(const Tensor& x, double p, Generator* generator) {
  if (!(p >= 0 && p <= 1)) fail("bernoulli_", "the probability must lie between 0 and 1, got {}", p);
  redraw("bernoulli_", x, generator, &RandomKernels::bernoulli, p);
}

void geometric_(const Tensor& x, double p, Generator* generator) {
  if (!(p > 0 && p < 1)) fail("geometric_", "the probability must lie between 0 and 1, got {}", p);
  redraw("geometric_", x, generator, &RandomKernels::geometric, p);
}

Tensor randint(int64_t low, int64_t high, const Shape& shape, const TensorOptions& options, Generator* generator) {
  TensorOptions with_type = options;
  with_type.dtype = options.dtype.value_or(int64);
  return new_integers("randint", empty(shape, with_type), low, high, generator);
}

Tensor randint_like(const Tensor& like, int64_t low, int64_t high, const TensorOptions& options, Generator* generator) {
  return new_integers("randint_like", empty_like(like, options), low, high, generator);
}

Tensor randperm(int64_t n, Generator* generator) {
  if (n < 0) fail("randperm", "expected a number of items, got {}", n);
  Tensor x = empty({n}, {.dtype = int64});
  draw("randperm", x, generator, &RandomKernels::permutation);
  return x;
}

const Tensor& Tensor::random_() const {
  tenon::random_(*this, nullptr);
  return *this;
}

const Tensor& Tensor::random_(int64_t low, int64_t high) const {
  tenon::random_(*this, low, high, nullptr);
  return *this;
}

const Tensor& Tensor::bernoulli_(double p) const {
  tenon::bernoulli_(*this, p, nullptr);
  return *this;
}

const Tensor& Tensor::geometric_(double p) const {
  tenon::geometric_(*this, p, nullptr);
  return *this;
}

}  // namespace tenon
