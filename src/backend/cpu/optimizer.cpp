// Optimizers' steps: the parameters of a group, cut into pieces for the threads as if they were one. Elements do not
// depend on each other, so any cut will do.
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

constexpr int64_t line = 64;  // elements: a cache line or more of any type; a vector across two takes twice the time

int64_t lines_of(const OptimizerUpdate& update) { return (update.p->numel() + line - 1) / line; }

}  // namespace

void update(const Device&, std::span<const OptimizerUpdate> updates) {
  int64_t lines = 0;
  for (const OptimizerUpdate& u : updates) lines += lines_of(u);
  parallel_for(lines, elementwise_grain / line, [&](int64_t begin, int64_t end) {
    [[maybe_unused]] const FlushDenormals guard;
    int64_t first = 0;  // line of the update
    for (const OptimizerUpdate& u : updates) {
      const int64_t own = lines_of(u), from = std::max(begin - first, int64_t{0}), to = std::min(end - first, own);
      first += own;
      if (from >= to) continue;
      StepData data{u.p->raw_data(), u.grad->raw_data(), {}};
      for (std::size_t s = 0; s < u.slots.size(); ++s)
        if (u.slots[s]) data.slots[s] = u.slots[s]->raw_data();
      vector_step(u.p->dtype(), u.rule, data, from * line, std::min(u.p->numel(), to * line));
    }
  });
}

}  // namespace backend::cpu

constinit const OptimizerKernels OptimizerKernels::cpu{.update = backend::cpu::update};

}  // namespace tenon
