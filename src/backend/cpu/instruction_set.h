#pragma once
// Which of the processor's instructions the kernels use: the best that it has, or what TENON_SIMD limits them to.
#include <cstdint>
#include <optional>

#include "base/internal_api.h"

namespace tenon::backend::cpu {

/// x86-64's, as TENON_SIMD names them; each has all before it. scalar: no more than every such processor has. The last
/// two add products of bfloat16.
enum class InstructionSet : uint8_t { scalar, sse4, avx2, avx512, avx512_bf16, amx };

/// An Error where TENON_SIMD names what is unknown, or what this processor lacks.
void check_instruction_set();
/// Whether the processor has these instructions and TENON_SIMD allows them.
bool may_use(InstructionSet set);
/// What TENON_SIMD limits the kernels to; nothing where it is not set.
std::optional<InstructionSet> instruction_set_limit();
/// The best that the processor has, whatever TENON_SIMD says; nothing on another architecture.
TENON_INTERNAL_API std::optional<InstructionSet> processor_instruction_set();

}  // namespace tenon::backend::cpu
