// Products of matrices: the library's own for floating-point numbers, plain loops for integers and for what is too
// small to be worth a call.
#include "backend/matmul.h"
#include "backend/cpu/gemm/gemm.h"
#include "backend/cpu/loop.h"

namespace tenon {
namespace backend::cpu {
namespace {

/// The leading dimensions of a product, as few as their strides allow.
GemmBatch batch_of(const MatmulArgs& args) {
  const Shape& out = args.out.shape();
  const std::size_t row = out.size() - 2;
  GemmBatch batch{{}, {}, {}, out[row] * out[row + 1]};
  const auto step = [](const Tensor& x, std::size_t d) { return x.shape()[d] == 1 ? 0 : x.strides()[d]; };
  for (std::size_t d = 0; d < row; ++d) {
    const int64_t n = out[d], in_a = step(args.a, d), in_b = step(args.b, d);
    if (n == 1) continue;
    if (!batch.sizes.empty() && batch.a.back() == in_a * n && batch.b.back() == in_b * n) {
      batch.sizes.back() *= n;
      batch.a.back() = in_a;
      batch.b.back() = in_b;
    } else {
      batch.sizes.push_back(n);
      batch.a.push_back(in_a);
      batch.b.push_back(in_b);
    }
  }
  return batch;
}

MatrixView view_of(const Tensor& x) {
  const std::size_t row = x.shape().size() - 2;
  return {x.impl()->data, x.strides()[row], x.strides()[row + 1]};
}

template <class T>
void plain_product(const MatmulArgs& args) {
  using C = std::conditional_t<std::is_integral_v<T>, uint64_t, compute_t<T>>;  // integers wrap around
  const std::size_t row = args.out.shape().size() - 2;
  const int64_t m = args.out.shape()[row], n = args.out.shape()[row + 1], k = args.a.shape()[row + 1];
  const int64_t ai = args.a.strides()[row], ak = args.a.strides()[row + 1], bk = args.b.strides()[row],
                bj = args.b.strides()[row + 1];
  const T* pa = reinterpret_cast<const T*>(args.a.impl()->data);
  const T* pb = reinterpret_cast<const T*>(args.b.impl()->data);
  const T* bias = args.bias.defined() ? reinterpret_cast<const T*>(args.bias.impl()->data) : nullptr;
  T* out = reinterpret_cast<T*>(args.out.impl()->data);
  constexpr int64_t width = 64;  // sums kept at a time, so that b is read along its rows
  const auto one_row = [&](const T* x, const T* y, T* to) {
    if (n < 16) {  // too short for that to be worth its loops
      for (int64_t j = 0; j < n; ++j) {
        C sum = bias ? static_cast<C>(bias[j]) : C{};
        for (int64_t l = 0; l < k; ++l) sum += static_cast<C>(x[l * ak]) * static_cast<C>(y[l * bk + j * bj]);
        to[j] = static_cast<T>(sum);
      }
      return;
    }
    C sums[width];
    for (int64_t start = 0; start < n; start += width) {
      const int64_t count = std::min(width, n - start);
      for (int64_t j = 0; j < count; ++j) sums[j] = bias ? static_cast<C>(bias[start + j]) : C{};
      for (int64_t l = 0; l < k; ++l) {
        const C factor = static_cast<C>(x[l * ak]);
        for (int64_t j = 0; j < count; ++j) sums[j] += factor * static_cast<C>(y[l * bk + (start + j) * bj]);
      }
      for (int64_t j = 0; j < count; ++j) to[start + j] = static_cast<T>(sums[j]);
    }
  };
  if (row == 0 && m * n * k <= elementwise_grain) {
    for (int64_t i = 0; i < m; ++i) one_row(pa + i * ai, pb, out + i * n);
    return;
  }
  const GemmBatch batch = batch_of(args);
  parallel_for(batch.sizes.numel() * m, elementwise_grain / (n * k + 1) + 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const auto [at_a, at_b] = batch.offsets(i / m);
      one_row(pa + at_a + i % m * ai, pb + at_b, out + i * n);
    }
  });
}

}  // namespace

void matmul(const MatmulArgs& args) {
  const std::size_t row = args.out.shape().size() - 2;
  const int64_t m = args.out.shape()[row], n = args.out.shape()[row + 1], k = args.a.shape()[row + 1];
  const DType type = args.out.dtype();
  refuse_carried(type);
  if (args.out.numel() == 0) return;
  constexpr int64_t too_small = 128;
  if (args.out.numel() * k <= too_small || !is_floating_point(type))
    return with_type(type, [&]<class T>() { plain_product<T>(args); });
  Gemm g{type, m, n, k, view_of(args.a), view_of(args.b), {args.out.impl()->data, n, 1}};
  if (args.bias.defined()) g.bias = {args.bias.impl()->data, 0, 1};
  gemm(g, batch_of(args));
}

}  // namespace backend::cpu

constinit const MatmulKernels MatmulKernels::cpu{
    .matmul = backend::cpu::matmul,
};

}  // namespace tenon
