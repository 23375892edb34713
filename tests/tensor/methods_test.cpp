// Every operation is a function, and where it has a subject a method: both give the same.
#include <gtest/gtest.h>

#include <tenon/tenon.h>

#include "pytorch_names.h"  // which must compile: all of PyTorch's names are there
#include "tensor/check.h"

namespace methods_test {
using namespace tenon;

namespace {

using test::error_of;

const Tensor a = tensor({{1.5, -2.0}, {0.25, 3.0}}), b = tensor({{2.0, 0.5}, {-1.0, 3.0}});
const Tensor i = tensor({{6, 4}, {9, 15}}), j = tensor({{4, 2}, {6, 3}});
const Tensor definite = tensor({{4.0, 1.0}, {1.0, 3.0}});

void expect_same(const Tensor& method, const Tensor& function) {
  EXPECT_EQ(method.dtype(), function.dtype());
  EXPECT_EQ(method.shape(), function.shape());
  EXPECT_TRUE(method.allclose(function, 0, 0, true));
}

}  // namespace

TEST(Methods, ArithmeticIsThatOfTheFunctions) {
  expect_same(a.add(b), add(a, b));
  expect_same(a.add(b, 2), a + b * 2);
  expect_same(a.add(1), a + 1);
  expect_same(a.add(1, 3), a + 3);
  expect_same(a.sub(b, 2), a - b * 2);
  expect_same(a.sub(1), a - 1);
  expect_same(a.mul(b), a * b);
  expect_same(i.mul(2), i * 2);
  expect_same(i.div(j), i / j);
  expect_same(i.div(4, Rounding::floor), floor_divide(i, 4));
  expect_same(a.floor_divide(b), floor_divide(a, b));
  expect_same(a.remainder(b), a % b);
  expect_same(a.fmod(2), fmod(a, 2));
  expect_same(remainder(7, j), 7 % j);
  expect_same(i.float_power(2), float_power(i, 2));
  expect_same(add(i, 1.5), i + 1.5);
  expect_same(sub(i, 1, 2), i - 2);
  expect_same(mul(i, true), i * true);
}

TEST(Methods, OfTwoTensorsAreThoseOfTheFunctions) {
  expect_same(a.maximum(b), maximum(a, b));
  expect_same(a.minimum(b), minimum(a, b));
  expect_same(a.fmax(b), fmax(a, b));
  expect_same(a.fmin(b), fmin(a, b));
  expect_same(a.atan2(b), atan2(a, b));
  expect_same(a.hypot(b), hypot(a, b));
  expect_same(a.copysign(-1), copysign(a, -1));
  expect_same(a.nextafter(b), nextafter(a, b));
  expect_same(a.logaddexp(b), logaddexp(a, b));
  expect_same(a.logaddexp2(b), logaddexp2(a, b));
  expect_same(a.xlogy(b), xlogy(a, b));
  expect_same(xlogy(2, b), full({2, 2}, 2.0).xlogy(b));
  expect_same(a.heaviside(b), heaviside(a, b));
  expect_same(a.ldexp(i), ldexp(a, i));
  expect_same(i.gcd(j), gcd(i, j));
  expect_same(i.lcm(j), lcm(i, j));
  expect_same(i.bitwise_and(j), i & j);
  expect_same(i.bitwise_or(1), i | 1);
  expect_same(bitwise_xor(i, 5), i ^ 5);
  expect_same(i.bitwise_left_shift(1), i << 1);
  expect_same(i.bitwise_right_shift(j), i >> j);
  expect_same(a.logical_and(b), logical_and(a, b));
  expect_same(a.logical_or(b), logical_or(a, b));
  expect_same(a.logical_xor(b), logical_xor(a, b));
  expect_same(a.isclose(b), isclose(a, b));
  expect_same(eq(a, b), a == b);
  expect_same(gt(a, 1), a > 1);
}

TEST(Methods, OfMatricesAreThoseOfTheFunctions) {
  expect_same(a.inner(b), inner(a, b));
  expect_same(a.kron(b), kron(a, b));
  expect_same(a.addmm(a, b, 2, 3), addmm(a, a, b, 2, 3));
  expect_same(a[0].addmv(a, b[0]), addmv(a[0], a, b[0]));
  expect_same(a.addr(a[0], b[0]), addr(a, a[0], b[0]));
  expect_same(a.addbmm(stack({a, b}), stack({b, a})), addbmm(a, stack({a, b}), stack({b, a})));
  expect_same(a.baddbmm(stack({a, b}), stack({b, a})), baddbmm(a, stack({a, b}), stack({b, a})));
  expect_same(definite.det(), linalg::det(definite));
  expect_same(definite.inverse(), linalg::inv(definite));
  expect_same(definite.pinverse(), linalg::pinv(definite));
  expect_same(definite.logdet(), logdet(definite));
  expect_same(definite.slogdet().logabsdet, linalg::slogdet(definite).logabsdet);
  expect_same(definite.matrix_exp(), linalg::matrix_exp(definite));
  expect_same(definite.matrix_power(3), linalg::matrix_power(definite, 3));
  expect_same(a.cholesky_solve(linalg::cholesky(definite)), cholesky_solve(a, linalg::cholesky(definite)));
  const Tensor three = tensor({{1.0, 2.0, 3.0}, {4.0, 5.0, 7.0}}), other = three.flip({0, 1});
  expect_same(three.cross(other), cross(three, other));
  expect_same(three.t().cross(other.t()), cross(three, other).t());  // along the first dimension of size 3
  EXPECT_EQ(error_of([&] { a.cross(b); }), "[cross] expected a dimension of size 3, got shape (2, 2)");
}

TEST(Methods, OfOneTensorAreThoseOfTheFunctions) {
  expect_same(a.fliplr(), fliplr(a));
  expect_same(a.flipud(), flipud(a));
  expect_same(a.hsplit(2)[1], hsplit(a, 2)[1]);
  expect_same(a.vsplit(Shape{1})[0], vsplit(a, Shape{1})[0]);
  expect_same(a.cov(), cov(a));
  expect_same(a.corrcoef(), corrcoef(a));
  expect_same(a.dist(b), dist(a, b));
  expect_same(a.aminmax().max, aminmax(a).max);
  expect_same(i.unique().values, unique(i).values);
  expect_same(i.unique({.return_counts = true}).counts, unique(i, {.return_counts = true}).counts);
  expect_same(i.unique_consecutive().values, unique_consecutive(i).values);
  expect_same(i[0].bincount(), bincount(i[0]));
  expect_same(a.histc(3), histc(a, 3));
  expect_same(a.select_scatter(b[0], 0, 1), select_scatter(a, b[0], 0, 1));
  expect_same(a.deg2rad(), deg2rad(a));
  expect_same(i.rad2deg(), rad2deg(i));
  EXPECT_TRUE(a.positive().is_same(a));
  EXPECT_EQ(error_of([&] { full({2}, true).positive(); }),
            "[positive] not defined for bool tensors: convert to another type first");
  EXPECT_TRUE(tensor({0.0, 2.0})[1].is_nonzero());
  EXPECT_EQ(error_of([&] { a.is_nonzero(); }),
            "[is_nonzero] expected one element, got shape (2, 2): use any() or all()");
  manual_seed(1);
  const Tensor drawn = full({4}, 0.5).bernoulli();
  manual_seed(1);
  expect_same(drawn, bernoulli(full({4}, 0.5)));
}

TEST(Methods, AliasesAreTheOther) {
  expect_same(concat({a, b}, 1), cat({a, b}, 1));
  expect_same(row_stack({a, b}), vstack({a, b}));
  expect_same(clip(a, 0, 1), a.clamp(0, 1));
  expect_same(clamp_min(a, 0), a.clamp(0));
  expect_same(a.clamp_max(b), a.minimum(b));
  expect_same(multiply(a, 2), a * 2);
  expect_same(subtract(a, b, 2), a - b * 2);
  expect_same(a.divide(b, Rounding::trunc), div(a, b, Rounding::trunc));
  expect_same(true_divide(i, j), i / j);
  expect_same(greater(a, 1), a > 1);
  expect_same(a.less_equal(b), a <= b);
  expect_same(not_equal(a, b), a != b);
  expect_same(absolute(a), a.abs());
  expect_same(a.negative(), -a);
  expect_same(arctan2(a, b), atan2(a, b));
  expect_same(sgn(a), a.sign());
  expect_same(swapaxes(a, 0, 1), a.t());
  expect_same(moveaxis(a, 0, 1), a.movedim(0, 1));
  expect_same(ravel(a.t()), a.t().reshape(-1));
  expect_same(trapz(a), trapezoid(a));
  expect_same(msort(a), a.sort(0).values);
  EXPECT_EQ(a.ndim(), 2);
  const Tensor x = a.clone();
  x.subtract_(1).multiply_(b).clip_(-1, 1).absolute_();
  expect_same(x, ((a - 1) * b).clamp(-1, 1).abs());
}

// torch.ones(3).lt_(…) and its kin, asked of PyTorch 2.15
TEST(Methods, ComparisonsInPlaceGiveZerosAndOnes) {
  const Tensor x = tensor({1.0, 2.0, 3.0});
  x.lt_(2.5);
  expect_same(x, tensor({1.0, 1.0, 0.0}));
  const Tensor n = tensor({1, 2, 3});
  n.ge_(2);
  expect_same(n, tensor({0, 1, 1}));
  const Tensor t = full({3}, true);
  t.ne_(tensor({1.0, 0.0, 1.0}));
  expect_same(t, tensor({false, true, false}));
  EXPECT_EQ(error_of([&] {
              x.eq_(ones({2, 3}));
            }),
            "[eq_] the result of shape (2, 3) does not fit into (3,)");  // would not fit
  const Tensor leaf = ones({3}, {.requires_grad = true});
  EXPECT_EQ(error_of([&] { leaf.gt_(1); }),
            "[gt_] a leaf that requires grad is changed in place: do it under tenon::NoGrad, or use the operation that "
            "is not in place");
}

TEST(Methods, AComparisonInPlaceIsRecordedWithAGradientOfZero) {
  const Tensor leaf = ones({3}, {.requires_grad = true}), x = leaf * 2;
  x.greater_(tensor({1.0, 2.0, 3.0}));
  EXPECT_TRUE(x.requires_grad());
  (x * 5).sum().backward();
  expect_same(leaf.grad(), zeros({3}));
}

TEST(Methods, InPlaceFormsRefuseWhatTheirTensorCannotHold) {
  EXPECT_EQ(error_of([&] { i.clone().deg2rad_(); }), "[deg2rad_] a result of type float32 cannot be stored into int64");
  EXPECT_EQ(error_of([&] { a.clone().float_power_(2); }),
            "[float_power_] expected a float64 tensor, which alone can hold the result, got float32");
  EXPECT_EQ(error_of([&] { i.clone().i0_(); }), "[i0_] a result of type float32 cannot be stored into int64");
  const Tensor x = a.to(float64);
  x.float_power_(2);
  expect_same(x, a.to(float64) * a.to(float64));
  const Tensor y = a.clone();
  y.ldexp_(tensor({1, 2}));
  expect_same(y, ldexp(a, tensor({1, 2})));
  const Tensor z = a.clone();
  z.addr_(a[0], b[0], 0, 2);
  expect_same(z, a[0].outer(b[0]) * 2);
  const Tensor bits = i.clone();
  bits |= 1;
  expect_same(bits, i | 1);
}
}  // namespace methods_test
