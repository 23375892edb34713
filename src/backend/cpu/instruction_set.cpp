#include "backend/cpu/instruction_set.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>
#include <string_view>

#include <tenon/device.h>
#include <tenon/error.h>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include "backend/kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backend/cpu/instruction_set.cpp"
#include <hwy/foreach_target.h>  // compiles the rest of this file once for each instruction set
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace tenon::backend::cpu::HWY_NAMESPACE {

int64_t Target() { return HWY_TARGET; }

}  // namespace tenon::backend::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tenon {

constinit bool detail::cpu_is_refused = false;

namespace backend::cpu {
namespace {

HWY_EXPORT(Target);

// Set before anything else of the library runs, and not changed again.
constinit std::optional<InstructionSet> limit;
constinit InstructionSet processor = InstructionSet::scalar;
constinit const std::string* problem = nullptr;  // what is wrong with TENON_SIMD

#if HWY_ARCH_X86
constexpr std::array<std::string_view, 6> names{"scalar", "sse4", "avx2", "avx512", "avx512_bf16", "amx"};

std::string_view name_of(InstructionSet set) { return names[static_cast<std::size_t>(set)]; }

// Highway gives a better target a lower bit; it divides AVX-512 further.
constexpr InstructionSet set_of(int64_t target) {
  if (target < HWY_AVX2) return InstructionSet::avx512;
  if (target < HWY_SSE4) return InstructionSet::avx2;
  if (target < HWY_SSSE3) return InstructionSet::sse4;
  return InstructionSet::scalar;
}
constexpr int64_t targets_beyond(InstructionSet set) {
  switch (set) {
    case InstructionSet::scalar: return 2 * HWY_SSSE3 - 1;
    case InstructionSet::sse4: return HWY_SSE4 - 1;
    case InstructionSet::avx2: return HWY_AVX2 - 1;
    default: return 0;
  }
}
bool compiled(InstructionSet set) {
  for (int64_t targets = HWY_TARGETS; targets != 0; targets &= targets - 1)
    if (set_of(targets & -targets) == std::min(set, InstructionSet::avx512)) return true;
  return false;
}

/// What Highway does not tell apart is asked of the processor.
InstructionSet best_of_processor() {
  const InstructionSet best = set_of(hwy::SupportedTargets() & -hwy::SupportedTargets());
  unsigned a = 0, b = 0, c = 0, d = 0;
  constexpr unsigned avx512_bf16 = 1U << 5, amx_bf16 = 1U << 22, amx_tile = 1U << 24;
  if (best != InstructionSet::avx512 || !__get_cpuid_count(7, 1, &a, &b, &c, &d) || !(a & avx512_bf16)) return best;
  __get_cpuid_count(7, 0, &a, &b, &c, &d);
  return (d & amx_bf16) && (d & amx_tile) ? InstructionSet::amx : InstructionSet::avx512_bf16;
}

/// The limit becomes what `name` says; otherwise what is wrong with it.
std::string take_limit(std::string_view name) {
  std::size_t i = 0;
  while (i < names.size() && names[i] != name) ++i;
  if (i == names.size()) return fmt::format("expected scalar, sse4, avx2, avx512, avx512_bf16 or amx, got '{}'", name);
  const auto set = static_cast<InstructionSet>(i);
  if (set > processor) return fmt::format("this processor has no {}: the best it has is {}", name, name_of(processor));
  if (!compiled(set)) return fmt::format("this build of the library has no kernels for {}", name);
  limit = set;
  hwy::DisableTargets(targets_beyond(set));
  return "";
}
#else
std::string take_limit(std::string_view name) {
  return fmt::format("'{}' is an instruction set of x86-64, and this processor is of another kind: unset it", name);
}
#endif

// 101 is the first place that a program may have: before every other object of the library, whose initialisation may
// call a kernel already. Nothing may be thrown here, so what is wrong is said when the backend is used.
[[gnu::constructor(101)]] void read_environment() {
#if HWY_ARCH_X86
  processor = best_of_processor();
#endif
  const char* const name = std::getenv("TENON_SIMD");
  if (name == nullptr || *name == '\0') return;
  if (const std::string text = take_limit(name); !text.empty()) problem = new std::string(text);
  detail::cpu_is_refused = problem != nullptr;
}

}  // namespace

void check_instruction_set() {
  if (problem) fail("TENON_SIMD", "{}", *problem);
}

bool may_use(InstructionSet set) { return set <= std::min(processor, limit.value_or(processor)); }

std::optional<InstructionSet> instruction_set_limit() { return limit; }

std::optional<InstructionSet> processor_instruction_set() {
#if HWY_ARCH_X86
  return processor;
#else
  return std::nullopt;
#endif
}

}  // namespace backend::cpu

std::string_view get_cpu_capability() {
  using namespace backend::cpu;
  check_instruction_set();
  const int64_t target = HWY_DYNAMIC_DISPATCH(Target)();
#if HWY_ARCH_X86
  if (target < HWY_AVX2) return "AVX512";
  if (target > HWY_SSSE3) return "SCALAR";
#endif
  return hwy::TargetName(target);
}

}  // namespace tenon
#endif
