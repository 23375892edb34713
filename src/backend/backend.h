#pragma once
// What a processor has to offer. An operation checks its arguments, allocates the result and calls one of these;
// everything that is particular to a processor stands behind this class. The meta device's kernels do nothing, as this
// base class's.
#include <optional>
#include <span>
#include <utility>

#include <tenon/tensor.h>

namespace tenon {

// a kind a line
// clang-format off
enum class UnaryOp : uint8_t {
  neg, abs, sign, square, cube, relu,  // integers too
  bitwise_not,                         // integers and bool only
  floor, ceil, round, trunc, frac, reciprocal, inverse_square, sqrt, rsqrt,
  exp, exp2, expm1, log, log2, log10, log1p, sigmoid,  // from here on many times the work of a sum
  sin, cos, tan, asin, acos, atan, sinh, cosh, tanh, asinh, acosh, atanh, erf, erfc, erfinv, lgamma, digamma, sinc,
  i0, i0e, i1, i1e, erfcx, log_ndtr, ndtri,
  bessel_j0, bessel_j1, bessel_y0, bessel_y1, bessel_k0, bessel_k1, bessel_k0e, bessel_k1e, spherical_bessel_j0,
  mantissa, binary_exponent  // x = mantissa · 2^exponent
};
/// What is asked of an element.
enum class TestOp : uint8_t { is_nan, is_inf, is_finite, is_posinf, is_neginf, sign_bit };
enum class BinaryOp : uint8_t {
  add, sub, mul, maximum, minimum, fmax, fmin, heaviside,                   // every type (sub: but bool)
  div_trunc, div_floor, remainder, fmod, pow,                               // every type but bool
  bitwise_and, bitwise_or, bitwise_xor, shift_left, shift_right, gcd, lcm,  // integers (the first three: and bool)
  div, atan2, hypot, copysign, nextafter, logaddexp, logaddexp2, xlogy,     // real types
  igamma, igammac, zeta,                                                    // the same
  ldexp                                                                     // the same; exponents are whole numbers
};
// clang-format on
enum class CompareOp : uint8_t { eq, ne, lt, le, gt, ge, logical_and, logical_or, logical_xor };
/// x + value·a·b, x + value·a/b, and a + (b − a)·weight with x, a, b = start, end, weight.
enum class TernaryOp : uint8_t { addcmul, addcdiv, lerp };
enum class Rank : uint8_t { kth, median, nanmedian };
enum class ScanOp : uint8_t { sum, prod, log_sum_exp };
enum class ReduceOp : uint8_t { sum, nansum, prod, amax, amin, sum_of_absolutes, sum_of_squares };

/// What becomes of two elements that meet in one place.
enum class Combine : uint8_t { replace, add, multiply, max, min };

/// Matrix products out = a·b (+ bias), each matrix by pointer and strides, so that a transpose costs nothing.
struct MatmulArgs {
  Tensor out;  ///< (*, m, n), contiguous
  /// (*, m, k), (*, k, n), of out's dtype and number of dimensions, any strides; leading sizes are out's or 1.
  Tensor a, b;
  Tensor bias;  ///< (n), contiguous, or undefined
};

struct TriangularArgs {
  bool upper, left, unitriangular;
};

struct CrossEntropyArgs {
  Tensor logits, target, weight;  ///< (N, C) contiguous; (N) int64 contiguous; (C) contiguous or undefined
  int64_t ignore_index;
  double label_smoothing;
};

struct LayerNormArgs {
  Tensor x;             ///< (rows, n) contiguous, float32 or float64
  Tensor weight, bias;  ///< (n) contiguous or undefined
  double eps;
};

struct SgdArgs {
  double lr, momentum, dampening, weight_decay;
  bool nesterov, maximize, first_step;
};
struct AdamArgs {
  double lr, beta1, beta2, eps, weight_decay;
  bool amsgrad, maximize, decoupled_weight_decay;
  double step;  ///< 1 on the first
};

class Backend {
 public:
  virtual ~Backend() = default;

  // ---- elementwise; inputs broadcast to out's shape, any strides, any dtype unless said
  virtual void fill(const Tensor& /*out*/, const Scalar& /*value*/) const {}
  virtual void copy(const Tensor& /*out*/, const Tensor& /*in*/) const {}                               ///< converts
  virtual void arange(const Tensor& /*out*/, const Scalar& /*start*/, const Scalar& /*step*/) const {}  ///< contiguous
  /// As many numbers as out has from start to end, both included; to the power of `base` where that is given.
  /// Contiguous.
  virtual void linspace(const Tensor& /*out*/, double /*start*/, double /*end*/, std::optional<double> /*base*/) const {
  }
  virtual void unary(UnaryOp, const Tensor& /*out*/, const Tensor& /*in*/) const {}
  virtual void test(TestOp, const Tensor& /*out bool*/, const Tensor& /*in real*/) const {}
  /// All of one dtype (a 0-dim operand beside half types may be float32, a number that is not rounded); b is scaled by
  /// alpha in add and sub. No divisor of an integer is 0.
  virtual void binary(BinaryOp, const Tensor& /*out*/, const Tensor& /*a*/, const Tensor& /*b*/,
                      const Scalar& /*alpha*/) const {}
  virtual void compare(CompareOp, const Tensor& /*out bool*/, const Tensor& /*a*/, const Tensor& /*b*/) const {}
  /// All of one dtype (0-dim operands as in binary).
  virtual void ternary(TernaryOp, const Tensor& /*out*/, const Tensor& /*x*/, const Tensor& /*a*/, const Tensor& /*b*/,
                       const Scalar& /*value*/) const {}
  /// All but the condition (bool) of one dtype.
  virtual void where(const Tensor& /*out*/, const Tensor& /*condition*/, const Tensor& /*a*/,
                     const Tensor& /*b*/) const {}
  /// in, between the bounds that there are; they lie in the dtype's range.
  virtual void clamp(const Tensor& /*out*/, const Tensor& /*in*/, std::optional<Scalar> /*min*/,
                     std::optional<Scalar> /*max*/) const {}
  /// in rounded to 10^-decimals; out may be in.
  virtual void round_decimals(const Tensor& /*out*/, const Tensor& /*in*/, int64_t /*decimals*/) const {}
  virtual void polygamma(const Tensor& /*out*/, const Tensor& /*in*/, int64_t /*n*/) const {}
  /// The gradient of relu, tanh or sigmoid, whose result is y.
  virtual void unary_backward(UnaryOp, const Tensor& /*out*/, const Tensor& /*grad*/, const Tensor& /*y*/) const {}

  // ---- reductions over the middle of a contiguous (outer, n, inner) to a contiguous (outer, inner); n is not 0 where
  // an element is chosen
  /// In the tensors' one type: real, or int64 for sum and prod (which wrap around), or any for amax and amin (a NaN is
  /// both).
  virtual void reduce(ReduceOp, const Tensor& /*out*/, const Tensor& /*in*/, int64_t /*outer*/, int64_t /*n*/,
                      int64_t /*inner*/) const {}
  /// (Σ |x|^p)^(1/p) of real numbers for a finite p; 0 counts those that are not 0.
  virtual void norm(const Tensor& /*out*/, const Tensor& /*in*/, int64_t /*outer*/, int64_t /*n*/, int64_t /*inner*/,
                    double /*p*/) const {}
  /// Means, and sums of squared distances from them over n − correction, or the roots of these.
  virtual void variance(const Tensor& /*variance*/, const Tensor& /*mean*/, const Tensor& /*in*/, int64_t /*outer*/,
                        int64_t /*n*/, int64_t /*inner*/, double /*correction*/, bool /*root*/) const {}
  /// The largest (smallest) elements, and where the first of them stand (int64). `values` may be undefined.
  virtual void extremum(const Tensor& /*values*/, const Tensor& /*places*/, const Tensor& /*in*/, int64_t /*outer*/,
                        int64_t /*n*/, int64_t /*inner*/, bool /*largest*/) const {}

  // ---- along the middle of a contiguous (outer, n, inner), from its begin, or from its end where `reverse`
  /// Each result is that of all elements up to it. Of real types, or int64 for sum and prod.
  virtual void scan(ScanOp, const Tensor& /*out*/, const Tensor& /*in*/, int64_t /*outer*/, int64_t /*n*/,
                    int64_t /*inner*/, bool /*reverse*/) const {}
  /// out(k) = b(k) + a(k)·out(k − 1), of real types; the first is b's.
  virtual void linear_scan(const Tensor& /*out*/, const Tensor& /*a*/, const Tensor& /*b*/, int64_t /*outer*/,
                           int64_t /*n*/, int64_t /*inner*/, bool /*reverse*/) const {}
  /// The largest (smallest) up to each element, and where the last of them stands (int64); a NaN is both.
  virtual void scan_extremum(const Tensor& /*values*/, const Tensor& /*places*/, const Tensor& /*in*/,
                             int64_t /*outer*/, int64_t /*n*/, int64_t /*inner*/, bool /*largest*/) const {}

  // ---- order along the last dimension of a contiguous (rows, n), n > 0; places are int64; NaN is the largest, equals
  // keep their order
  /// The first k in order, for `values` and `places` of (rows, k).
  virtual void sort(const Tensor& /*values*/, const Tensor& /*places*/, const Tensor& /*in*/,
                    bool /*descending*/) const {}
  /// One of each row: the k-th smallest, from 1 on, or the lower of the middle, NaN where there is one, or without
  /// regard to NaNs.
  virtual void select_ranked(Rank, const Tensor& /*values*/, const Tensor& /*places*/, const Tensor& /*in*/,
                             int64_t /*k*/) const {}
  /// The smallest of the most frequent, where it stands last. A NaN is different from others.
  virtual void mode(const Tensor& /*values*/, const Tensor& /*places*/, const Tensor& /*in*/) const {}
  /// The places of whole rows in lexicographic order.
  virtual void order_rows(const Tensor& /*places*/, const Tensor& /*in*/) const {}

  // ---- by number and by mask; indices are int64 and have been checked, elements of any type are moved as they are
  /// The least and the greatest of a contiguous index; none where all are in 0 … size − 1.
  virtual std::optional<std::pair<int64_t, int64_t>> range_outside(const Tensor& /*index*/, int64_t /*size*/) const {
    return {};
  }
  /// out(i, j, :) = in(i, index(j), :) for contiguous (outer, rows, inner).
  virtual void gather_rows(const Tensor& /*out*/, const Tensor& /*in*/, const Tensor& /*index*/, int64_t /*outer*/,
                           int64_t /*inner*/) const {}
  /// Element i of out is what lies index(i)·step elements after element i of `in`; all of one shape, any strides.
  virtual void gather(const Tensor& /*out*/, const Tensor& /*in*/, const Tensor& /*index*/, int64_t /*step*/) const {}
  /// What lies index(i)·step elements after element i of out is combined with element i of `in`, in order along `dim`,
  /// where out has stride 0; all of one shape, any strides. Half types only where they replace.
  virtual void scatter(Combine, const Tensor& /*out*/, const Tensor& /*in*/, const Tensor& /*index*/, int64_t /*dim*/,
                       int64_t /*step*/) const {}
  /// Places in a row-major order of `sizes`, as places in memory with these strides; both contiguous.
  virtual void place_offsets(const Tensor& /*out*/, const Tensor& /*places*/, const Shape& /*sizes*/,
                             const Shape& /*strides*/) const {}
  /// out = in where the mask is true, untouched elsewhere; mask and `in` broadcast to out's shape.
  virtual void masked_copy(const Tensor& /*out*/, const Tensor& /*mask*/, const Tensor& /*in*/) const {}
  virtual int64_t count_true(const Tensor& /*mask, contiguous*/) const { return 0; }
  /// The coordinates (n, mask.dim()) of what is true, row by row; n from count_true.
  virtual void true_places(const Tensor& /*out*/, const Tensor& /*mask, contiguous*/) const {}
  /// The parts, contiguous and of out's type, one after the other along `dim` of a contiguous out.
  virtual void join(const Tensor& /*out*/, std::span<const Tensor> /*parts*/, int64_t /*dim*/) const {}
  /// Zeros above diagonal k (or below) of each matrix of a contiguous tensor.
  virtual void clear_triangle(const Tensor& /*x*/, int64_t /*k*/, bool /*above*/) const {}

  /// Where values would stand in sorted rows, or one row for all: int64, contiguous, inputs of int64, float32 or
  /// float64.
  virtual void searchsorted(const Tensor& /*out*/, const Tensor& /*sorted*/, const Tensor& /*values*/,
                            bool /*right*/) const {}
  /// How many of float32 or float64 numbers, contiguous, lie in each of out's (int64) equal parts of min … max.
  virtual void histogram(const Tensor& /*out*/, const Tensor& /*in*/, double /*min*/, double /*max*/) const {}

  // ---- matrices
  virtual void matmul(const MatmulArgs&) const {}

  // ---- linear algebra of float32 and float64: batches of matrices, each by columns (mT() is contiguous), changed in
  // place; vectors contiguous; pivots and info (*), one a matrix, int32; an info that is not 0 is LAPACK's complaint
  virtual void lu_factor(const Tensor& /*a*/, const Tensor& /*pivots*/, const Tensor& /*info*/) const {}
  virtual void lu_solve(const Tensor& /*b, then the solution*/, const Tensor& /*lu*/, const Tensor& /*pivots*/,
                        bool /*transposed*/) const {}
  virtual void triangular_solve(const Tensor& /*b, then the solution*/, const Tensor& /*triangle*/,
                                const TriangularArgs&) const {}
  virtual void cholesky(const Tensor& /*a, then the triangle*/, bool /*upper*/, const Tensor& /*info*/) const {}
  /// r above the diagonal of a (m, n), and below it what with `reflectors` (min(m, n)) makes q.
  virtual void qr(const Tensor& /*a*/, const Tensor& /*reflectors*/) const {}
  virtual void orthogonal(const Tensor& /*what qr left, then q*/, const Tensor& /*reflectors*/) const {}
  /// u and vh have the sizes that are wanted, or are undefined; a is not empty, and lost.
  virtual void svd(const Tensor& /*u*/, const Tensor& /*s*/, const Tensor& /*vh*/, const Tensor& /*a*/,
                   const Tensor& /*info*/) const {}
  virtual void eigh(const Tensor& /*a, then the vectors*/, const Tensor& /*eigenvalues*/, bool /*vectors*/,
                    const Tensor& /*info*/) const {}
  /// Of a (m, n), not empty, and b (max(m, n), k), whose first n rows become the solution; singular values below rcond
  /// times the largest count as 0.
  virtual void least_squares(const Tensor& /*a*/, const Tensor& /*b*/, double /*rcond*/, const Tensor& /*info*/) const {
  }

  // ---- probabilities
  /// Along the middle of a contiguous (outer, n, inner) that is not empty.
  virtual void softmax(const Tensor& /*out*/, const Tensor& /*in*/, int64_t /*outer*/, int64_t /*n*/, int64_t /*inner*/,
                       bool /*log*/) const {}
  // The others along the last dimension of a contiguous (rows, n).
  /// out(i) = log Σ exp(in(i, :)) for n > 0.
  virtual void log_sum_exp(const Tensor& /*out*/, const Tensor& /*in*/) const {}
  /// losses(i): the loss of row i; exp_sums(i, :): a shift near the row's largest, and Σ exp(logits(i, :) − shift).
  /// Computed in the logits' type, sums in float or double.
  virtual void cross_entropy(const Tensor& /*losses*/, const Tensor& /*exp_sums*/, const CrossEntropyArgs&) const {}
  /// out = ∂(Σ_i scales(i)·losses(i)) / ∂logits.
  virtual void cross_entropy_backward(const Tensor& /*out*/, const Tensor& /*exp_sums*/, const Tensor& /*scales*/,
                                      const CrossEntropyArgs&) const {}

  // ---- normalisation
  /// out = (x − mean)·rstd·weight + bias, row by row; moments (rows, 2) float64 takes each row's mean and rstd.
  virtual void layer_norm(const Tensor& /*out*/, const Tensor& /*moments*/, const LayerNormArgs&) const {}
  /// The gradients, where defined; grad as x.
  virtual void layer_norm_backward(const Tensor& /*dx*/, const Tensor& /*dweight*/, const Tensor& /*dbias*/,
                                   const Tensor& /*grad*/, const Tensor& /*moments*/, const LayerNormArgs&) const {}

  // ---- optimizers, in place
  virtual void sgd(const Tensor& /*p*/, const Tensor& /*grad*/, const Tensor& /*momentum_buffer*/,
                   const SgdArgs&) const {}
  virtual void adam(const Tensor& /*p*/, const Tensor& /*grad*/, const Tensor& /*exp_avg*/,
                    const Tensor& /*exp_avg_sq*/, const Tensor& /*max_exp_avg_sq*/, const AdamArgs&) const {}
};

const Backend& cpu_backend();
/// The CUDA device's; in a build without CUDA an error that says so.
const Backend& cuda_backend(const Device& device);
/// The meta device's: it does nothing, but counts the work of products.
const Backend& meta_backend();
/// How many multiplications with an addition this thread's products on the meta device would have taken. A kernel that
/// multiplies matrices (or convolves) adds its own in meta.cpp, and nn::summary knows of it.
int64_t& meta_multiply_adds();

inline const Backend& backend_for(const Device& device) {
  if (device.type == DeviceType::cpu) [[likely]]
    return cpu_backend();
  if (device.type == DeviceType::cuda) return cuda_backend(device);
  return meta_backend();
}

}  // namespace tenon
