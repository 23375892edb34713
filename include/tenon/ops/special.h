#pragma once
// Functions of mathematical physics and statistics, under the names of torch.special. Integers and bool give float32.
#include <tenon/ops/elementwise.h>
#include <tenon/ops/reduce.h>

#pragma GCC visibility push(default)

namespace tenon::special {

// ---- distributions
Tensor ndtr(const Tensor& x);                      ///< the standard normal distribution: the part below x
Tensor log_ndtr(const Tensor& x);                  ///< its logarithm, exact where it is small
Tensor ndtri(const Tensor& p);                     ///< its inverse; NaN outside 0 … 1
Tensor erfcx(const Tensor& x);                     ///< exp(x²) · erfc(x), without underflow
Tensor entr(const Tensor& x);                      ///< −x · log x: 0 at 0, −infinity below
Tensor xlog1py(const Tensor& a, const Tensor& b);  ///< a · log(1 + b), 0 where a is 0
Tensor xlog1py(const Tensor& a, const Scalar& b);
Tensor xlog1py(const Scalar& a, const Tensor& b);

// ---- modified Bessel functions of the first kind, and times exp(−|x|)
inline Tensor i0(const Tensor& x) { return x.i0(); }
Tensor i0e(const Tensor& x);
Tensor i1(const Tensor& x);
Tensor i1e(const Tensor& x);
inline Tensor modified_bessel_i0(const Tensor& x) { return x.i0(); }
inline Tensor modified_bessel_i1(const Tensor& x) { return i1(x); }

// ---- other Bessel functions, of orders 0 and 1: of the first and second kind (NaN at ±infinity; y below 0), modified
// of the second (infinity at 0, NaN below), times exp(x), and spherical. The last three have no gradient
Tensor bessel_j0(const Tensor& x);
Tensor bessel_j1(const Tensor& x);
Tensor bessel_y0(const Tensor& x);
Tensor bessel_y1(const Tensor& x);
Tensor modified_bessel_k0(const Tensor& x);
Tensor modified_bessel_k1(const Tensor& x);
Tensor scaled_modified_bessel_k0(const Tensor& x);
Tensor scaled_modified_bessel_k1(const Tensor& x);
Tensor spherical_bessel_j0(const Tensor& x);  ///< sin(x) / x, 1 at 0

// ---- of two numbers, which broadcast; by the first there is no gradient, which is an error in backward()
/// Hurwitz's zeta function Σ (q + k)^−s over k ≥ 0: infinity at s = 1 and where a term is; NaN for s < 1.
Tensor zeta(const Tensor& s, const Tensor& q);
Tensor zeta(const Tensor& s, const Scalar& q);
Tensor zeta(const Scalar& s, const Tensor& q);
inline Tensor gammainc(const Tensor& a, const Tensor& x) { return igamma(a, x); }
inline Tensor gammaincc(const Tensor& a, const Tensor& x) { return igammac(a, x); }

// ---- what stands elsewhere too
inline Tensor digamma(const Tensor& x) { return x.digamma(); }
inline Tensor psi(const Tensor& x) { return x.digamma(); }
inline Tensor gammaln(const Tensor& x) { return x.lgamma(); }
inline Tensor multigammaln(const Tensor& x, int64_t p) { return x.mvlgamma(p); }
inline Tensor polygamma(int64_t n, const Tensor& x) { return x.polygamma(n); }
inline Tensor erf(const Tensor& x) { return x.erf(); }
inline Tensor erfc(const Tensor& x) { return x.erfc(); }
inline Tensor erfinv(const Tensor& x) { return x.erfinv(); }
inline Tensor exp2(const Tensor& x) { return x.exp2(); }
inline Tensor expit(const Tensor& x) { return x.sigmoid(); }
inline Tensor expm1(const Tensor& x) { return x.expm1(); }
inline Tensor log1p(const Tensor& x) { return x.log1p(); }
inline Tensor logit(const Tensor& x, std::optional<double> eps = {}) { return x.logit(eps); }
inline Tensor sinc(const Tensor& x) { return x.sinc(); }
inline Tensor round(const Tensor& x) { return x.round(); }
inline Tensor xlogy(const Tensor& a, const TensorOrNumber auto& b) { return tenon::xlogy(a, b); }
inline Tensor logsumexp(const Tensor& x, const Shape& dims, bool keepdim = false) { return x.logsumexp(dims, keepdim); }
inline Tensor softmax(const Tensor& x, int64_t dim, std::optional<DType> dtype = {}) { return x.softmax(dim, dtype); }
inline Tensor log_softmax(const Tensor& x, int64_t dim, std::optional<DType> dtype = {}) {
  return x.log_softmax(dim, dtype);
}

}  // namespace tenon::special

#pragma GCC visibility pop
