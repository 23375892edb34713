#pragma once
// A tensor's elements as numbers.
#include <cstdint>
#include <vector>

#include <tenon/tensor.h>

namespace tenon::tool {

/// Holds every float64, int64 and uint64 exactly.
using Number = long double;

/// n elements of a contiguous 1-dim tensor of any type; a complex one has two numbers each.
std::vector<Number> numbers(const Tensor& flat, int64_t begin, int64_t n);

}  // namespace tenon::tool
