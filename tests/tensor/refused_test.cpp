// Element types that are only carried do not come into any operation that computes.
#include <complex>

#include <tenon/nn/functional.h>
#include <tenon/random.h>

#include "tensor/check.h"
#include "tensor/recorded.h"

namespace tenon::refused_test {
namespace {

struct Operation {
  const char* name;
  std::function<void(const Tensor&)> run;  ///< on one tensor of shape (3, 3)
};

#define METHOD(name)                               \
  {                                                \
#name, [](const Tensor& x) { (void)x.name(); } \
  }
#define FUNCTION(name)                               \
  {                                                  \
#name, [](const Tensor& x) { (void)name(x, x); } \
  }
#define CALL(expression)                                     \
  {                                                          \
#expression, [](const Tensor& x) { (void)(expression); } \
  }

const Tensor& places() {
  static const Tensor index = tensor({{int64_t{0}, int64_t{1}, int64_t{2}},
                                      {int64_t{2}, int64_t{2}, int64_t{0}},
                                      {int64_t{1}, int64_t{0}, int64_t{1}}});
  return index;
}

Tensor bmm3(const Tensor& x) { return x.unsqueeze(0).bmm(x.unsqueeze(0)); }

const std::vector<Operation> computing{
// clang-format off
#define POINTWISE(name, ...) METHOD(name), METHOD(name##_),
#define SPECIAL(name, ...) {"special." #name, [](const Tensor& x) { (void)special::name(x); }},
#include "ops/elementwise/pointwise.inc"
    // clang-format on
    // one tensor
    METHOD(logical_not),
    METHOD(isnan),
    METHOD(isinf),
    METHOD(isfinite),
    METHOD(signbit),
    METHOD(logit),
    METHOD(nan_to_num),
    CALL(x.polygamma(1)),
    CALL(x.round(2)),
    // two and three
    FUNCTION(add),
    FUNCTION(sub),
    FUNCTION(mul),
    FUNCTION(div),
    FUNCTION(floor_divide),
    FUNCTION(remainder),
    FUNCTION(fmod),
    FUNCTION(maximum),
    FUNCTION(minimum),
    FUNCTION(fmax),
    FUNCTION(fmin),
    FUNCTION(pow),
    FUNCTION(atan2),
    FUNCTION(hypot),
    FUNCTION(copysign),
    FUNCTION(nextafter),
    FUNCTION(logaddexp),
    FUNCTION(logaddexp2),
    FUNCTION(xlogy),
    FUNCTION(heaviside),
    FUNCTION(gcd),
    FUNCTION(lcm),
    FUNCTION(isclose),
    FUNCTION(logical_and),
    FUNCTION(logical_or),
    FUNCTION(logical_xor),
    FUNCTION(bitwise_and),
    FUNCTION(bitwise_or),
    FUNCTION(bitwise_left_shift),
    CALL(x == x),
    CALL(x < x),
    CALL(x < 1),
    CALL(x + ones({3, 3})),
    CALL(ones({3, 3}) - x),
    CALL(x - 1),
    CALL(x * 1.5),
    CALL(2 * x),
    CALL(x / 2),
    CALL(x % 2),
    CALL(x* std::complex<float>(1, 2)),
    CALL(x.pow(2)),
    CALL(pow(2, x)),
    CALL(x.clamp(0, 1)),
    CALL(x.clamp(x, x)),
    CALL(x.lerp(x, x)),
    CALL(x.lerp(x, 0.5)),
    CALL(x.addcmul(x, x)),
    CALL(x.addcdiv(x, x)),
    CALL(x.add_(x)),
    CALL(x.mul_(2)),
    CALL(x.div_(x)),
    CALL(x.clamp_(0, 1)),
    CALL(x.pow_(2)),
    CALL(ones({3, 3}).add_(x)),
    CALL(ones({3, 3}).mul_(x)),
    CALL(x.allclose(x)),
    // reductions and what goes along a dimension
    METHOD(sum),
    CALL(x.sum(0)),
    CALL(x.sum(1, true)),
    CALL(x.sum({}, false, float32)),
    METHOD(nansum),
    METHOD(prod),
    CALL(x.prod(1)),
    METHOD(mean),
    CALL(x.mean(0)),
    METHOD(nanmean),
    METHOD(var),
    METHOD(std),
    METHOD(norm),
    CALL(x.norm(1, 0)),
    CALL(x.logsumexp(0)),
    METHOD(amax),
    METHOD(amin),
    METHOD(max),
    METHOD(min),
    CALL(x.max(0)),
    CALL(x.min(1)),
    METHOD(argmax),
    METHOD(argmin),
    METHOD(all),
    METHOD(any),
    METHOD(count_nonzero),
    METHOD(median),
    CALL(x.median(0)),
    METHOD(nanmedian),
    METHOD(mode),
    CALL(x.kthvalue(1)),
    CALL(x.quantile(0.5)),
    CALL(x.cumsum(0)),
    CALL(x.cumprod(0)),
    CALL(x.logcumsumexp(0)),
    CALL(x.cummax(0)),
    CALL(x.cummin(0)),
    METHOD(diff),
    METHOD(sort),
    METHOD(argsort),
    CALL(x.topk(2)),
    CALL(x.softmax(-1)),
    CALL(x.log_softmax(-1)),
    CALL(x.softmax(0)),
    // indices
    CALL(x.scatter_add(0, places(), x)),
    CALL(x.scatter_reduce(0, places(), x, Reduce::amax)),
    CALL(x.index_add(0, places()[0], x)),
    METHOD(nonzero),
    CALL(searchsorted(x[0], x)),
    CALL(bucketize(x, x[0])),
    CALL(bincount(x[0])),
    // matrices and layers
    FUNCTION(matmul),
    CALL(matmul(x, x[0])),
    CALL(matmul(zeros({40, 40}, {x.dtype()}), zeros({40, 40}, {x.dtype()}))),
    CALL(nn::functional::linear(x, x, x[0])),
    CALL(nn::functional::cross_entropy(x, tensor({int64_t{0}, int64_t{1}, int64_t{2}}))),
    CALL(bmm3(x)),
    CALL(addmm(x, x, x)),
    CALL(einsum("ij,jk->ik", {x, x})),
    CALL(kron(x, x)),
    CALL(cross(x, x)),
    CALL(cdist(x, x)),
    CALL(linalg::inv(x)),
    CALL(linalg::det(x)),
    CALL(linalg::cholesky(x)),
    CALL(linalg::svdvals(x)),
    CALL(linalg::eigvalsh(x)),
    CALL(linalg::solve(x, x)),
    CALL(linalg::lstsq(x, x)),
    CALL(linalg::pinv(x)),
    CALL(linalg::matrix_norm(x)),
    CALL(linalg::vector_norm(x)),
    CALL(linalg::matrix_power(x, 3)),
    CALL(linalg::solve_triangular(x, x)),
    // random numbers
    METHOD(uniform_),
    METHOD(normal_),
    METHOD(random_),
    METHOD(bernoulli_),
    CALL(rand_like(x)),
    CALL(randn_like(x)),
    CALL(randint_like(x, 0, 3)),
};

/// Whatever these do, it is a clear error or a result: they move elements, or convert numbers.
const std::vector<Operation> moving{
    CALL(x.where(ones({3, 3}, {boolean}), x)),
    CALL(x.masked_fill(ones({3, 3}, {boolean}), 2)),
    CALL(x.masked_select(ones({3, 3}, {boolean}))),
    CALL(x.gather(0, places())),
    CALL(x.scatter(0, places(), x)),
    CALL(x.scatter(0, places(), 2)),
    CALL(x.index_copy(0, places()[0], x)),
    CALL(x.index_fill(0, places()[0], 3)),
    CALL(x.take(places())),
    CALL(x.roll(1)),
    CALL(x.flip(0)),
    CALL(x.repeat({2, 2})),
    METHOD(tril),
    METHOD(triu),
    METHOD(diag),
    METHOD(diag_embed),
    CALL(x.repeat_interleave(2)),
    CALL(stack({x, x})),
    CALL(x.index_select(0, places()[0])),
    METHOD(isposinf),
    CALL(x.unfold(0, 2, 1)),
    METHOD(diagonal),
};

TEST(Refused, NothingComputesWithTypesThatAreCarried) {
  for (const DType t : test::carried_types)
    for (const Operation& operation : computing) {
      const Tensor x = ones({3, 3}, {t});
      const std::string before = test::to_hexadecimal(x), text = test::error_of([&] { operation.run(x); });
      EXPECT_NE(text, "") << operation.name << " of " << name(t);
      EXPECT_EQ(test::to_hexadecimal(x), before) << operation.name << " of " << name(t);
    }
}

TEST(Refused, WhatMovesElementsGivesARightResultOrAnError) {
  for (const DType t : test::carried_types)
    for (const Operation& operation : moving) {
      const Tensor x = ones({3, 3}, {t});
      const std::string text = test::error_of([&] { operation.run(x); });
      EXPECT_TRUE(text.empty() || text.find(std::string(name(t))) != text.npos || text.find("carried") != text.npos)
          << operation.name << " of " << name(t) << ": " << text;
    }
}

TEST(Refused, GradientsOfCarriedTypesAreNotAdded) {
  for (const DType t : {complex64, float8_e5m2}) {
    const Tensor x = ones({3}, {t}).requires_grad_();
    EXPECT_NE(test::error_of([&] { cat({x, x}).backward(ones({6}, {t})); }), "");
  }
}

}  // namespace
}  // namespace tenon::refused_test
