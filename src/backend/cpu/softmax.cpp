// Softmax and cross-entropy, row by row.
#include <cmath>

#include <tenon/creation.h>
#include <tenon/grad_mode.h>

#include "backend/cpu/reduce.h"
#include "backend/cpu/simd/vector_reduce.h"
#include "backend/cpu/simd/vector_softmax.h"
#include "backend/memory.h"
#include "backend/new_tensor.h"
#include "backend/softmax.h"

namespace tenon {
namespace backend::cpu {
namespace {

/// Bytes of a result that would drive everything else out of the caches before anyone reads it.
constexpr int64_t past_the_caches = int64_t{16} << 20;

/// f(row, in, out) with rows of float or double; half types are converted there and back.
template <class F>
void for_each_row(const Tensor& in, const Tensor* out, F f) {
  refuse_carried(in.dtype());
  const int64_t n = in.size(-1), rows = n == 0 ? 0 : in.numel() / n;
  if (in.dtype() == float16 || in.dtype() == bfloat16) {
    const NoGrad guard;
    const Tensor wide = in.to(float32);
    if (!out) return for_each_row(wide, nullptr, f);
    const Tensor result = tenon::empty(in.shape());
    for_each_row(wide, &result, f);
    return MemoryKernels::cpu.copy(*out, result);
  }
  const int64_t size = item_size(in.dtype());
  parallel_for(rows, std::max<int64_t>(4096 / n, 1), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      f(i, in.impl()->data + i * n * size, out ? out->impl()->data + i * n * size : nullptr, in.dtype());
  });
}

template <class T>
void store(const Tensor& t, int64_t i, double value) {
  reinterpret_cast<T*>(t.impl()->data)[i] = static_cast<T>(static_cast<compute_t<T>>(value));
}
void store(const Tensor& t, int64_t i, double value) {
  with_real_type(t.dtype(), [&]<class T>() { store<T>(t, i, value); });
}
double load(const Tensor& t, int64_t i) {
  return with_real_type(t.dtype(),
                        [&]<class T>() { return static_cast<double>(reinterpret_cast<const T*>(t.impl()->data)[i]); });
}
double element(const std::byte* row, DType type, int64_t i) {
  return type == float64 ? reinterpret_cast<const double*>(row)[i]
                         : static_cast<double>(reinterpret_cast<const float*>(row)[i]);
}

void check_targets(const CrossEntropyArgs& a) {
  const int64_t classes = a.logits.size(1);
  const auto* target = reinterpret_cast<const int64_t*>(a.target.impl()->data);
  for (int64_t i = 0; i < a.target.numel(); ++i)
    if (target[i] != a.ignore_index && (target[i] < 0 || target[i] >= classes))
      fail("cross_entropy", "target {} of row {} is out of range: there are {} classes", target[i], i, classes);
}

}  // namespace

void softmax(const Tensor& out, const Tensor& in, int64_t outer, int64_t n, int64_t inner, bool log) {
  if (is_half(in.dtype())) {
    const Tensor result = new_like(out, float32);
    softmax(result, in.detach().to(float32), outer, n, inner, log);
    return MemoryKernels::cpu.copy(out, result);
  }
  refuse_carried(in.dtype());
  const DType type = in.dtype();
  const int64_t size = item_size(type), most = inner == 1 ? 1 : columns_at_once, blocks = (inner + most - 1) / most;
  const bool stream = in.nbytes() >= past_the_caches;
  parallel_for(outer * blocks, std::max<int64_t>(4096 / (n * std::min(inner, most)), 1),
               [&](int64_t begin, int64_t end) {
                 for (int64_t unit = begin; unit < end; ++unit) {
                   const int64_t first = unit % blocks * most, at = (unit / blocks * n * inner + first) * size;
                   if (inner == 1) vector_softmax(type, out.impl()->data + at, in.impl()->data + at, n, log, stream);
                   else
                     vector_softmax_columns(type, out.impl()->data + at, in.impl()->data + at, n, inner,
                                            std::min(most, inner - first), log);
                 }
               });
}

void log_sum_exp(const Tensor& out, const Tensor& in) {
  const int64_t n = in.size(-1);
  for_each_row(in, nullptr, [&](int64_t i, const std::byte* row, std::byte*, DType type) {
    const ExpSum s = vector_exp_sum(type, row, n);
    const bool has_no_sum = s.sum != s.sum;  // +inf, or NaN
    store(out, i, has_no_sum ? vector_reduce(type, ReduceOp::amax, row, n) : s.shift + std::log(s.sum));
  });
}

void cross_entropy(const Tensor& losses, const Tensor& exp_sums, const CrossEntropyArgs& a) {
  check_targets(a);
  const int64_t classes = a.logits.size(1);
  const auto* target = reinterpret_cast<const int64_t*>(a.target.impl()->data);
  const double smoothing = a.label_smoothing;
  for_each_row(a.logits, nullptr, [&](int64_t i, const std::byte* row, std::byte*, DType type) {
    const ExpSum s = vector_exp_sum(type, row, classes);
    store(exp_sums, 2 * i, s.shift);
    store(exp_sums, 2 * i + 1, s.sum);
    if (target[i] == a.ignore_index) return store(losses, i, 0);
    const auto weight = [&](int64_t c) { return a.weight.defined() ? load(a.weight, c) : 1; };
    const double log_sum = std::log(s.sum);
    const auto surprise = [&](int64_t c) {
      return log_sum + (s.shift - element(row, type, c));
    };  // −log of c's probability
    double loss = (1 - smoothing) * weight(target[i]) * surprise(target[i]);
    if (smoothing > 0) {
      double spread = 0;
      for (int64_t c = 0; c < classes; ++c) spread += weight(c) * surprise(c);
      loss += smoothing / static_cast<double>(classes) * spread;
    }
    store(losses, i, loss);
  });
}

void cross_entropy_backward(const Tensor& out, const Tensor& exp_sums, const Tensor& scales,
                            const CrossEntropyArgs& a) {
  const int64_t classes = a.logits.size(1);
  const auto* target = reinterpret_cast<const int64_t*>(a.target.impl()->data);
  const double smoothing = a.label_smoothing;
  double weights = static_cast<double>(classes);
  if (a.weight.defined()) {
    weights = 0;
    for (int64_t c = 0; c < classes; ++c) weights += load(a.weight, c);
  }
  const Tensor per_row = scales.contiguous();
  for_each_row(a.logits, &out, [&](int64_t i, const std::byte* row, std::byte* to, DType type) {
    const auto weight = [&](int64_t c) { return a.weight.defined() ? load(a.weight, c) : 1; };
    const auto add = [&](int64_t c, double x) {
      if (type == float64) reinterpret_cast<double*>(to)[c] += x;
      else reinterpret_cast<float*>(to)[c] += static_cast<float>(x);
    };
    if (target[i] == a.ignore_index) {
      std::fill_n(to, classes * item_size(type), std::byte{});
      return;
    }
    const double scale = load(per_row, i), on_target = (1 - smoothing) * weight(target[i]),
                 on_all = smoothing / static_cast<double>(classes);
    vector_scaled_exp(type, to, row, load(exp_sums, 2 * i),
                      scale * (on_target + on_all * weights) / load(exp_sums, 2 * i + 1), classes);
    add(target[i], -scale * on_target);
    if (smoothing > 0)
      for (int64_t c = 0; c < classes; ++c) add(c, -scale * on_all * weight(c));
  });
}

}  // namespace backend::cpu

constinit const SoftmaxKernels SoftmaxKernels::cpu{
    .softmax = backend::cpu::softmax,
    .log_sum_exp = backend::cpu::log_sum_exp,
    .cross_entropy = backend::cpu::cross_entropy,
    .cross_entropy_backward = backend::cpu::cross_entropy_backward,
};

}  // namespace tenon
