// solve_triangular, cholesky, cholesky_solve. Gradients: Giles 2008 (see solve.cpp); Cholesky's in I. Murray,
// "Differentiation of the Cholesky decomposition" (2016), equation 10.
#include "backend/linalg.h"
#include "ops/autocast.h"
#include "ops/linalg/common.h"

namespace tenon::linalg {
namespace {

/// The part of x that solve_triangular reads of a matrix.
Tensor read_part(const Tensor& x, const TriangularOptions& o) {
  const int64_t skip = o.unitriangular ? 1 : 0;
  return o.upper ? x.triu(skip) : x.tril(-skip);
}

Tensor solve_matrices(const Tensor& a, const Tensor& b, const TriangularOptions& o) {
  Tensor x;
  {
    const NoGrad guard;
    const Shape batch = broadcast_shapes(batch_of(a), batch_of(b), "linalg.solve_triangular");
    x = by_columns(b, batch);
    on<LinalgKernels>(a.device()).triangular_solve(x, by_columns(a, batch), {o.upper, o.left, o.unitriangular});
  }
  if (needs_grad(a, b))
    record("linalg.solve_triangular", x, {&a, &b}, {&a, on_tape(a) ? &x : nullptr},
           [o, la = Like(a), lb = Like(b)](Grads& g) {
             TriangularOptions other = o;
             other.upper = !o.upper;
             const Tensor gb = solve_matrices(matrix_transpose(g.saved(0)), g.in(), other);
             if (g.needs(0)) {
               const Tensor xt = matrix_transpose(g.saved(1));
               g.give(0, read_part(reduce_to(-(o.left ? matmul(gb, xt) : matmul(xt, gb)), la), o));
             }
             if (g.needs(1)) g.give(1, reduce_to(gb, lb));
           });
  return x;
}

}  // namespace

Tensor solve_triangular(const Tensor& a, const Tensor& b, const TriangularOptions& o) {
  if (autocasts()) [[unlikely]]
    return in_float_type([&](const auto&... in) { return solve_triangular(in..., o); }, a, b);
  check_square(a, "linalg.solve_triangular");
  check_matrices(b, "linalg.solve_triangular");
  check_same_device(a, b, "linalg.solve_triangular");
  if (a.dtype() != b.dtype())
    fail("linalg.solve_triangular", "expected one data type, got {} and {}: convert one", a.dtype(), b.dtype());
  if (a.size(-1) != b.size(o.left ? -2 : -1))
    fail("linalg.solve_triangular", "expected (*, n, n) and {}, got {} and {}", o.left ? "(*, n, k)" : "(*, k, n)",
         a.shape().to_string(), b.shape().to_string());
  return solve_matrices(a, b, o);
}

namespace {

CholeskyAndInfo factored(const Tensor& a, bool upper, bool check_errors, const char* name) {
  check_square(a, name);
  Tensor y;
  const Tensor info = new_info(batch_of(a), a);
  {
    const NoGrad guard;
    const Tensor triangle = by_columns(a);
    on<LinalgKernels>(a.device()).cholesky(triangle, upper, info);
    if (check_errors)
      check_info(info, name, [](int at) {
        return fmt::format("the matrix is not positive definite: its leading minor of order {} is not", at);
      });
    y = triangle_by_columns(triangle, upper);
  }
  if (needs_grad(a))
    record("linalg.cholesky", y, {&a}, {&y}, [upper](Grads& g) {
      const Tensor l = upper ? matrix_transpose(g.saved(0)) : g.saved(0),
                   gl = upper ? matrix_transpose(g.in()) : g.in(), lt = matrix_transpose(l);
      const Tensor product = matmul(lt, gl);
      const Tensor half = product.tril() - identity(l.size(-1), l) * product / 2;
      // l⁻ᵀ·half·l⁻¹, made symmetric: a is, whatever stands above its diagonal.
      const Tensor gradient =
          solve_triangular(lt, solve_triangular(l, half, {.upper = false, .left = false}), {.upper = true});
      g.give(0, (gradient + matrix_transpose(gradient)) / 2);
    });
  return {y, info};
}

}  // namespace

Tensor cholesky(const Tensor& a, bool upper) {
  if (autocasts()) [[unlikely]]
    return in_float_type([=](const Tensor& in) { return cholesky(in, upper); }, a);
  return factored(a, upper, true, "linalg.cholesky").l;
}

CholeskyAndInfo cholesky_ex(const Tensor& a, bool upper, bool check_errors) {
  if (autocasts()) [[unlikely]]
    return in_float_type([=](const Tensor& in) { return cholesky_ex(in, upper, check_errors); }, a);
  return factored(a, upper, check_errors, "linalg.cholesky_ex");
}

}  // namespace tenon::linalg

namespace tenon {

Tensor cholesky_solve(const Tensor& b, const Tensor& triangle, bool upper) {
  if (autocasts()) [[unlikely]]
    return in_float_type([=](const auto&... in) { return cholesky_solve(in..., upper); }, b, triangle);
  const Tensor l = upper ? linalg::matrix_transpose(triangle) : triangle;
  return linalg::solve_triangular(linalg::matrix_transpose(l), linalg::solve_triangular(l, b), {.upper = true});
}

Tensor cholesky_inverse(const Tensor& triangle, bool upper) {
  if (autocasts()) [[unlikely]]
    return in_float_type([=](const Tensor& in) { return cholesky_inverse(in, upper); }, triangle);
  linalg::check_square(triangle, "cholesky_inverse");
  const Tensor read = upper ? triangle.triu() : triangle.tril();
  return cholesky_solve(linalg::identity(triangle.size(-1), triangle), read, upper);
}

Tensor Tensor::cholesky_solve(const Tensor& triangle, bool upper) const {
  return tenon::cholesky_solve(*this, triangle, upper);
}
Tensor Tensor::cholesky_inverse(bool upper) const { return tenon::cholesky_inverse(*this, upper); }

}  // namespace tenon
