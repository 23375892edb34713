#include "backend/cpu/simd/vector_crc32.h"

#include <zlib.h>

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backend/cpu/simd/vector_crc32.cpp"
#include <hwy/foreach_target.h>  // compiles the rest of this file once for each instruction set
#include <hwy/highway.h>

#ifndef TENON_ZLIB_CRC32
#define TENON_ZLIB_CRC32
namespace tenon::backend::cpu {

inline uint32_t zlib_crc32(uint32_t before, const std::byte* bytes, std::size_t n) {
  while (n > 0) {
    const std::size_t part = std::min<std::size_t>(n, 1U << 30);  // zlib counts in 32 bits
    before = static_cast<uint32_t>(crc32(before, reinterpret_cast<const Bytef*>(bytes), static_cast<uInt>(part)));
    bytes += part;
    n -= part;
  }
  return before;
}

}  // namespace tenon::backend::cpu
#endif

HWY_BEFORE_NAMESPACE();
namespace tenon::backend::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// A message is a polynomial over two elements, its checksum the remainder by CRC-32's. 16 bytes that stand D bits
// before others may be added to these after multiplication by x^D mod that polynomial, which keeps the remainder: so 64
// bytes at a time are folded onto the next 64, in the end all onto 16, and those are summed up as any bytes are. The
// constants are x^(D+64) and x^D, bits reversed as the format has them. Source: V. Gopal et al., "Fast CRC Computation
// for Generic Polynomials Using PCLMULQDQ Instruction", Intel, 2009.
uint32_t Crc32(uint32_t before, const std::byte* bytes, std::size_t n) {
#if HWY_TARGET == HWY_SCALAR || HWY_TARGET == HWY_EMU128 || HWY_TARGET == HWY_SSE2 || HWY_TARGET == HWY_SSSE3
  return zlib_crc32(before, bytes, n);  // no such instruction
#else
  constexpr std::size_t block = 16, lanes = 4;
  if (n < 2 * lanes * block) return zlib_crc32(before, bytes, n);
  const hn::FixedTag<uint64_t, 2> d;
  using V = hn::Vec<decltype(d)>;
  const auto load = [&](std::size_t i)
                        HWY_ATTR { return hn::LoadU(d, reinterpret_cast<const uint64_t*>(bytes + i * block)); };
  const auto fold = [](V x, V by, V onto)
                        HWY_ATTR { return hn::Xor(hn::Xor(hn::CLMulLower(x, by), hn::CLMulUpper(x, by)), onto); };
  const auto pair = [&](uint64_t low, uint64_t high) HWY_ATTR {
    const uint64_t both[] = {low, high};
    return hn::LoadU(d, both);
  };

  const V by_512 = pair(0x154442BD4, 0x1C6E41596), by_128 = pair(0x1751997D0, 0x0CCAA009E);
  V x0 = hn::Xor(load(0), pair(~before, 0)), x1 = load(1), x2 = load(2), x3 = load(3);
  std::size_t i = lanes;
  for (; (i + lanes) * block <= n; i += lanes) {
    x0 = fold(x0, by_512, load(i));
    x1 = fold(x1, by_512, load(i + 1));
    x2 = fold(x2, by_512, load(i + 2));
    x3 = fold(x3, by_512, load(i + 3));
  }
  V x = fold(fold(fold(x0, by_128, x1), by_128, x2), by_128, x3);
  for (; (i + 1) * block <= n; ++i) x = fold(x, by_128, load(i));
  std::byte rest[block];
  hn::StoreU(x, d, reinterpret_cast<uint64_t*>(rest));
  const uint32_t from_nothing = ~uint32_t{0};  // zlib begins with the complement, here with zero
  return zlib_crc32(zlib_crc32(from_nothing, rest, block), bytes + i * block, n - i * block);
#endif
}

}  // namespace tenon::backend::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tenon::backend::cpu {

HWY_EXPORT(Crc32);

uint32_t vector_crc32(uint32_t before, const std::byte* bytes, std::size_t n) {
  return HWY_DYNAMIC_DISPATCH(Crc32)(before, bytes, n);
}

}  // namespace tenon::backend::cpu
#endif
