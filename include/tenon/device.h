#pragma once
// Where a tensor's data lies.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include <tenon/format.h>

#pragma GCC visibility push(default)

namespace tenon {

enum class DeviceType : uint8_t { cpu, cuda, meta };

/// "cpu", "cuda", "cuda:1" or "meta" (shapes and types without data).
struct Device {
  DeviceType type = DeviceType::cpu;
  int8_t index = 0;

  constexpr Device() = default;
  constexpr Device(DeviceType t, int i = 0) : type(t), index(static_cast<int8_t>(i)) {}
  Device(std::string_view text);
  Device(const char* text) : Device(std::string_view(text)) {}
  Device(const std::string& text) : Device(std::string_view(text)) {}

  std::string to_string() const;
  bool operator==(const Device&) const = default;
};

inline constexpr Device kCPU{DeviceType::cpu}, kCUDA{DeviceType::cuda}, kMeta{DeviceType::meta};

/// How many threads an operation may use, the calling one included. Default: the machine's processors (or
/// OMP_NUM_THREADS).
int num_threads();
/// Sets it for the whole process; n ≥ 1. Results do not depend on it.
void set_num_threads(int n);

/// The instructions that the CPU's kernels use: "SCALAR" (what every x86-64 has), "SSE4", "AVX2", "AVX512", or what
/// another architecture calls its own ("NEON"). They are the best that the processor has; the environment variable
/// TENON_SIMD (scalar, sse4, avx2, avx512, avx512_bf16, amx), which is read when the library is loaded, limits them.
std::string_view get_cpu_capability();

}  // namespace tenon

template <>
inline constexpr bool tenon::detail::streams<tenon::Device> = true;
template <>
struct fmt::formatter<tenon::Device> : tenon::detail::TextFormatter {
  auto format(const tenon::Device& d, fmt::format_context& c) const { return write(d.to_string(), c); }
};

#pragma GCC visibility pop
