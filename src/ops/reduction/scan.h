#pragma once
// Linear recurrences, which the derivatives of running and whole products are made of.
#include "backend/kinds.h"
#include "ops/common.h"

namespace tenon {

/// y(k) = b(k) + a(k)·y(k − 1) along dim, from the begin, or with y(k + 1) from the end where `reverse`. a's first
/// element is not used. All derivatives are such recurrences again, so that they are exact where elements are 0.
Tensor linear_scan(const Tensor& a, const Tensor& b, int64_t dim, bool reverse);

/// x moved on by one place along dim, away from the begin, or from the end where `reverse`; the place that gets free
/// takes `fill`.
Tensor moved_on(const Tensor& x, int64_t dim, bool reverse, double fill);

/// For each element of x, the products of all before it along dim, and for `g` the sums of what follows of g, each by
/// the product of what is between: the gradient of cumprod by x is one times the other.
Tensor cumprod_gradient(const Tensor& g, const Tensor& x, const Tensor& y, int64_t dim);

}  // namespace tenon
