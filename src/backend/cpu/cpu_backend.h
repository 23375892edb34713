#pragma once
// The processor's Backend; its kernels stand in the files of this folder, by topic.
#include "backend/backend.h"

namespace tenon::backend::cpu {

/// The first element of what may be absent.
inline std::byte* data_or_null(const Tensor& x) { return x.defined() ? x.impl()->data : nullptr; }

class CpuBackend final : public Backend {
 public:
  void fill(const Tensor& out, const Scalar& value) const override;
  void copy(const Tensor& out, const Tensor& in) const override;
  void arange(const Tensor& out, const Scalar& start, const Scalar& step) const override;
  void linspace(const Tensor& out, double start, double end, std::optional<double> base) const override;
  void unary(UnaryOp op, const Tensor& out, const Tensor& in) const override;
  void test(TestOp op, const Tensor& out, const Tensor& in) const override;
  void binary(BinaryOp op, const Tensor& out, const Tensor& a, const Tensor& b, const Scalar& alpha) const override;
  void compare(CompareOp op, const Tensor& out, const Tensor& a, const Tensor& b) const override;
  void unary_backward(UnaryOp op, const Tensor& out, const Tensor& grad, const Tensor& y) const override;
  void ternary(TernaryOp op, const Tensor& out, const Tensor& x, const Tensor& a, const Tensor& b,
               const Scalar& value) const override;
  void where(const Tensor& out, const Tensor& condition, const Tensor& a, const Tensor& b) const override;
  void clamp(const Tensor& out, const Tensor& in, std::optional<Scalar> min, std::optional<Scalar> max) const override;
  void round_decimals(const Tensor& out, const Tensor& in, int64_t decimals) const override;
  void polygamma(const Tensor& out, const Tensor& in, int64_t n) const override;
  void reduce(ReduceOp op, const Tensor& out, const Tensor& in, int64_t outer, int64_t n, int64_t inner) const override;
  void norm(const Tensor& out, const Tensor& in, int64_t outer, int64_t n, int64_t inner, double p) const override;
  void variance(const Tensor& variance, const Tensor& mean, const Tensor& in, int64_t outer, int64_t n, int64_t inner,
                double correction, bool root) const override;
  void extremum(const Tensor& values, const Tensor& places, const Tensor& in, int64_t outer, int64_t n, int64_t inner,
                bool largest) const override;
  void scan(ScanOp op, const Tensor& out, const Tensor& in, int64_t outer, int64_t n, int64_t inner,
            bool reverse) const override;
  void linear_scan(const Tensor& out, const Tensor& a, const Tensor& b, int64_t outer, int64_t n, int64_t inner,
                   bool reverse) const override;
  void scan_extremum(const Tensor& values, const Tensor& places, const Tensor& in, int64_t outer, int64_t n,
                     int64_t inner, bool largest) const override;
  void sort(const Tensor& values, const Tensor& places, const Tensor& in, bool descending) const override;
  void select_ranked(Rank rank, const Tensor& values, const Tensor& places, const Tensor& in, int64_t k) const override;
  void mode(const Tensor& values, const Tensor& places, const Tensor& in) const override;
  void order_rows(const Tensor& places, const Tensor& in) const override;
  std::optional<std::pair<int64_t, int64_t>> range_outside(const Tensor& index, int64_t size) const override;
  void gather_rows(const Tensor& out, const Tensor& in, const Tensor& index, int64_t outer,
                   int64_t inner) const override;
  void gather(const Tensor& out, const Tensor& in, const Tensor& index, int64_t step) const override;
  void scatter(Combine how, const Tensor& out, const Tensor& in, const Tensor& index, int64_t dim,
               int64_t step) const override;
  void place_offsets(const Tensor& out, const Tensor& places, const Shape& sizes, const Shape& strides) const override;
  void masked_copy(const Tensor& out, const Tensor& mask, const Tensor& in) const override;
  int64_t count_true(const Tensor& mask) const override;
  void true_places(const Tensor& out, const Tensor& mask) const override;
  void join(const Tensor& out, std::span<const Tensor> parts, int64_t dim) const override;
  void clear_triangle(const Tensor& x, int64_t k, bool above) const override;
  void searchsorted(const Tensor& out, const Tensor& sorted, const Tensor& values, bool right) const override;
  void histogram(const Tensor& out, const Tensor& in, double min, double max) const override;
  void matmul(const MatmulArgs& args) const override;
  void lu_factor(const Tensor& a, const Tensor& pivots, const Tensor& info) const override;
  void lu_solve(const Tensor& b, const Tensor& lu, const Tensor& pivots, bool transposed) const override;
  void triangular_solve(const Tensor& b, const Tensor& triangle, const TriangularArgs& args) const override;
  void cholesky(const Tensor& a, bool upper, const Tensor& info) const override;
  void qr(const Tensor& a, const Tensor& reflectors) const override;
  void orthogonal(const Tensor& q, const Tensor& reflectors) const override;
  void svd(const Tensor& u, const Tensor& s, const Tensor& vh, const Tensor& a, const Tensor& info) const override;
  void eigh(const Tensor& a, const Tensor& eigenvalues, bool vectors, const Tensor& info) const override;
  void least_squares(const Tensor& a, const Tensor& b, double rcond, const Tensor& info) const override;
  void softmax(const Tensor& out, const Tensor& in, int64_t outer, int64_t n, int64_t inner, bool log) const override;
  void log_sum_exp(const Tensor& out, const Tensor& in) const override;
  void cross_entropy(const Tensor& losses, const Tensor& exp_sums, const CrossEntropyArgs& args) const override;
  void cross_entropy_backward(const Tensor& out, const Tensor& exp_sums, const Tensor& scales,
                              const CrossEntropyArgs& args) const override;
  void layer_norm(const Tensor& out, const Tensor& moments, const LayerNormArgs& args) const override;
  void layer_norm_backward(const Tensor& dx, const Tensor& dweight, const Tensor& dbias, const Tensor& grad,
                           const Tensor& moments, const LayerNormArgs& args) const override;
  void sgd(const Tensor& p, const Tensor& grad, const Tensor& momentum_buffer, const SgdArgs& args) const override;
  void adam(const Tensor& p, const Tensor& grad, const Tensor& exp_avg, const Tensor& exp_avg_sq,
            const Tensor& max_exp_avg_sq, const AdamArgs& args) const override;
};

}  // namespace tenon::backend::cpu
