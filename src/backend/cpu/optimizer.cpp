// Optimizer steps: the kernels, cut into pieces for the threads. Elements do not depend on each other, so any cut will
// do.
#ifdef __SSE__
#include <xmmintrin.h>
#endif

#include "backend/cpu/parallel.h"
#include "backend/cpu/simd/optimizer_step.h"
#include "backend/optimizer.h"
#include "tensor/element.h"

namespace tenon {
namespace backend::cpu {
namespace {

/// While it lives, this thread takes denormal numbers for zero. The moments of a parameter whose gradient stays zero
/// decay into them, and there each multiplication takes an x86 processor a hundred cycles.
class [[nodiscard]] FlushDenormals {
#ifdef __SSE__
 public:
  FlushDenormals() : before_(_mm_getcsr()) { _mm_setcsr(before_ | flush_results | flush_operands); }
  ~FlushDenormals() { _mm_setcsr(before_); }
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;

 private:
  static constexpr unsigned flush_results = 0x8000, flush_operands = 0x0040;
  unsigned before_;
#endif
};

/// f(begin, end) over [0, n), cut at whole cache lines: a vector across two of them takes twice the time.
template <class F>
void for_pieces(int64_t n, F&& f) {
  constexpr int64_t line = 64;  // elements: a cache line or more of any type
  parallel_for((n + line - 1) / line, elementwise_grain / line, [&](int64_t begin, int64_t end) {
    [[maybe_unused]] const FlushDenormals guard;
    f(begin * line, std::min(n, end * line));
  });
}
}  // namespace

void sgd(const Tensor& p, const Tensor& grad, const Tensor& momentum_buffer, const SgdArgs& args) {
  const SgdData data{p.raw_data(), grad.raw_data(), data_or_null(momentum_buffer)};
  for_pieces(p.numel(), [&](int64_t begin, int64_t end) { vector_sgd(p.dtype(), data, begin, end, args); });
}

void adam(const Tensor& p, const Tensor& grad, const Tensor& exp_avg, const Tensor& exp_avg_sq,
          const Tensor& max_exp_avg_sq, const AdamArgs& args) {
  const AdamData data{p.raw_data(), grad.raw_data(), exp_avg.raw_data(), exp_avg_sq.raw_data(),
                      data_or_null(max_exp_avg_sq)};
  for_pieces(p.numel(), [&](int64_t begin, int64_t end) { vector_adam(p.dtype(), data, begin, end, args); });
}

}  // namespace backend::cpu

constinit const OptimizerKernels OptimizerKernels::cpu{
    .sgd = backend::cpu::sgd,
    .adam = backend::cpu::adam,
};

}  // namespace tenon
