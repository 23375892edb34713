#include "backend/cpu/gemm/bf16.h"

#include <algorithm>
#include <atomic>

#include "backend/cpu/gemm/scratch.h"
#include "backend/cpu/instruction_set.h"

#if defined(__x86_64__) && defined(__linux__)
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace tenon::backend::cpu {
namespace {

#define TENON_AVX512_BF16 __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512bf16")))
#define TENON_AMX_BF16 __attribute__((target("amx-tile,amx-bf16")))

constexpr int64_t side = bf16_cut;  // a part of the result that is computed at a time: side × side
constexpr int64_t step = 32;        // numbers along k in one row of AMX's tiles: k is made up with zeros to a multiple
constexpr int64_t depth = 1024;     // of k at a time, so that a panel stays in the first cache
constexpr int64_t most_m = 1024, most_n = 512;

/// Sums of a strip of up to `side` rows, each along k, with a panel of b: (k/2, side, 2), k a multiple of `step`. Added
/// to c (rows, side), or written.
using Strip = void (*)(int64_t k, const BFloat16* a, int64_t a_row, int64_t rows, const BFloat16* b, float* c,
                       int64_t c_row, bool first);

template <int R>
TENON_AVX512_BF16 void dot_rows_of(int64_t k, const BFloat16* a, int64_t a_row, const BFloat16* b, float* c,
                                   int64_t c_row, bool first) {
  __m512 sums[R][2];
#pragma GCC unroll 8
  for (int r = 0; r < R; ++r) {
    sums[r][0] = first ? _mm512_setzero_ps() : _mm512_loadu_ps(c + r * c_row);
    sums[r][1] = first ? _mm512_setzero_ps() : _mm512_loadu_ps(c + r * c_row + 16);
  }
  for (int64_t l = 0; l < k; l += 2) {
    const auto left = (__m512bh)_mm512_loadu_si512(b + l * side),
               right = (__m512bh)_mm512_loadu_si512(b + l * side + step);
#pragma GCC unroll 8
    for (int r = 0; r < R; ++r) {
      int pair;
      __builtin_memcpy(&pair, a + r * a_row + l, sizeof pair);
      const auto x = (__m512bh)_mm512_set1_epi32(pair);
      sums[r][0] = _mm512_dpbf16_ps(sums[r][0], x, left);
      sums[r][1] = _mm512_dpbf16_ps(sums[r][1], x, right);
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < R; ++r) {
    _mm512_storeu_ps(c + r * c_row, sums[r][0]);
    _mm512_storeu_ps(c + r * c_row + 16, sums[r][1]);
  }
}

void dot_strip(int64_t k, const BFloat16* a, int64_t a_row, int64_t rows, const BFloat16* b, float* c, int64_t c_row,
               bool first) {
  int64_t r = 0;
  const auto some = [&](auto f, int64_t n) {
    for (; r + n <= rows; r += n) f(k, a + r * a_row, a_row, b, c + r * c_row, c_row, first);
  };
  some(dot_rows_of<8>, 8);
  some(dot_rows_of<4>, 4);
  some(dot_rows_of<1>, 1);
}

/// g++ does not know that AMX's loads read memory: what was written before must be there.
inline void see_memory(const void* p) { __asm__ volatile("" : : "r"(p) : "memory"); }

/// AMX's tiles for strips of so many rows: 0 … 3 are sums, 4 and 5 rows of a, 6 and 7 of b's panel.
TENON_AMX_BF16 void configure_tiles(int64_t rows) {
  struct alignas(64) Configuration {
    uint8_t palette = 1, start_row = 0, reserved[14] = {};
    uint16_t bytes[16] = {};
    uint8_t rows[16] = {};
  } c;
  for (int i = 0; i < 8; ++i) {
    c.bytes[i] = 64;
    c.rows[i] = 16;
  }
  const auto upper = static_cast<uint8_t>(std::min<int64_t>(rows, 16)),
             lower = static_cast<uint8_t>(std::max<int64_t>(rows - 16, 1));
  c.rows[0] = c.rows[1] = c.rows[4] = upper;
  c.rows[2] = c.rows[3] = c.rows[5] = lower;
  see_memory(&c);
  _tile_loadconfig(&c);
}

TENON_AMX_BF16 void amx_strip(int64_t k, const BFloat16* a, int64_t a_row, int64_t rows, const BFloat16* b, float* c,
                              int64_t c_row, bool first) {
  see_memory(a);
  const bool two = rows > 16;
  const int64_t c_bytes = c_row * 4, a_bytes = a_row * 2, b_bytes = side * 4;
  if (first) {
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
  } else {
    _tile_loadd(0, c, c_bytes);
    _tile_loadd(1, c + 16, c_bytes);
    if (two) {
      _tile_loadd(2, c + 16 * c_row, c_bytes);
      _tile_loadd(3, c + 16 * c_row + 16, c_bytes);
    }
  }
  for (int64_t l = 0; l < k; l += step) {
    _tile_loadd(6, b + l * side, b_bytes);
    _tile_loadd(7, b + l * side + step, b_bytes);
    _tile_loadd(4, a + l, a_bytes);
    _tile_dpbf16ps(0, 4, 6);
    _tile_dpbf16ps(1, 4, 7);
    if (two) {
      _tile_loadd(5, a + 16 * a_row + l, a_bytes);
      _tile_dpbf16ps(2, 5, 6);
      _tile_dpbf16ps(3, 5, 7);
    }
  }
  _tile_stored(0, c, c_bytes);
  _tile_stored(1, c + 16, c_bytes);
  if (two) {
    _tile_stored(2, c + 16 * c_row, c_bytes);
    _tile_stored(3, c + 16 * c_row + 16, c_bytes);
  }
}

TENON_AMX_BF16 void release_tiles() { _tile_release(); }

/// Eight rows of eight numbers, transposed.
TENON_AVX512_BF16 void transpose_block(BFloat16* to, int64_t to_row, const BFloat16* from, int64_t from_row) {
  __m128i x[8], y[8];
#pragma GCC unroll 8
  for (int i = 0; i < 8; ++i) x[i] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + i * from_row));
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i) {
    y[2 * i] = _mm_unpacklo_epi16(x[i], x[i + 4]);
    y[2 * i + 1] = _mm_unpackhi_epi16(x[i], x[i + 4]);
  }
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i) {
    x[2 * i] = _mm_unpacklo_epi16(y[i], y[i + 4]);
    x[2 * i + 1] = _mm_unpackhi_epi16(y[i], y[i + 4]);
  }
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + 2 * i * to_row), _mm_unpacklo_epi16(x[i], x[i + 4]));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + (2 * i + 1) * to_row), _mm_unpackhi_epi16(x[i], x[i + 4]));
  }
}

/// A strip of rows, each along k, made up with zeros to `padded` numbers.
void pack_rows(BFloat16* to, int64_t padded, const MatrixView& a, int64_t rows, int64_t k) {
  const auto* from = static_cast<const BFloat16*>(a.data);
  if (a.column == 1) {
    for (int64_t i = 0; i < rows; ++i) std::copy_n(from + i * a.row, k, to + i * padded);
  } else {
    const int64_t whole_rows = a.row == 1 ? rows / 8 * 8 : 0, whole = k / 8 * 8;
    for (int64_t l = 0; l < whole; l += 8)
      for (int64_t i = 0; i < whole_rows; i += 8)
        transpose_block(to + i * padded + l, padded, from + i + l * a.column, a.column);
    for (int64_t i = 0; i < rows; ++i)
      for (int64_t l = i < whole_rows ? whole : 0; l < k; ++l) to[i * padded + l] = from[i * a.row + l * a.column];
  }
  for (int64_t i = 0; i < rows && k < padded; ++i) std::fill_n(to + i * padded + k, padded - k, BFloat16());
}

/// A panel of up to `side` columns of b, made up with zeros: pairs along k, (padded/2, side, 2).
TENON_AVX512_BF16 void pack_panel(BFloat16* to, int64_t padded, const MatrixView& b, int64_t columns, int64_t k) {
  const auto* from = static_cast<const BFloat16*>(b.data);
  if (columns < side || k < padded) std::fill_n(to, padded * side, BFloat16());
  if (b.column == 1 && columns == side) {  // two rows of b interleaved
    const __m512i low = _mm512_set_epi16(47, 15, 46, 14, 45, 13, 44, 12, 43, 11, 42, 10, 41, 9, 40, 8, 39, 7, 38, 6, 37,
                                         5, 36, 4, 35, 3, 34, 2, 33, 1, 32, 0);
    const __m512i high = _mm512_add_epi16(low, _mm512_set1_epi16(16));
    for (int64_t l = 0; l < k; l += 2) {
      const __m512i even = _mm512_loadu_si512(from + l * b.row);
      const __m512i odd = l + 1 < k ? _mm512_loadu_si512(from + (l + 1) * b.row) : _mm512_setzero_si512();
      _mm512_storeu_si512(to + l * side, _mm512_permutex2var_epi16(even, low, odd));
      _mm512_storeu_si512(to + l * side + step, _mm512_permutex2var_epi16(even, high, odd));
    }
    return;
  }
  if (b.row == 1) {  // pairs lie together: blocks of four pairs of four columns, transposed
    int64_t whole = k / 8 * 8, j = 0;
    for (; j + 4 <= columns; j += 4)
      for (int64_t l = 0; l < whole; l += 8) {
        const auto row = [&](int64_t i) TENON_AVX512_BF16 {
          return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + (j + i) * b.column + l));
        };
        const __m128i x0 = row(0), x1 = row(1), x2 = row(2), x3 = row(3);
        const __m128i a = _mm_unpacklo_epi32(x0, x1), c = _mm_unpacklo_epi32(x2, x3), d = _mm_unpackhi_epi32(x0, x1),
                      e = _mm_unpackhi_epi32(x2, x3);
        auto* out = reinterpret_cast<__m128i*>(to + l * side + 2 * j);
        constexpr int64_t next = side / 4;  // from a row of pairs to the next, in blocks of 16 bytes
        _mm_storeu_si128(out, _mm_unpacklo_epi64(a, c));
        _mm_storeu_si128(out + next, _mm_unpackhi_epi64(a, c));
        _mm_storeu_si128(out + 2 * next, _mm_unpacklo_epi64(d, e));
        _mm_storeu_si128(out + 3 * next, _mm_unpackhi_epi64(d, e));
      }
    for (int64_t i = 0; i < columns; ++i)
      for (int64_t l = i < j ? whole : 0; l < k; ++l) to[l / 2 * 2 * side + 2 * i + l % 2] = from[i * b.column + l];
    return;
  }
  for (int64_t l = 0; l < k; ++l)
    for (int64_t i = 0; i < columns; ++i) to[l / 2 * 2 * side + 2 * i + l % 2] = from[l * b.row + i * b.column];
}

/// A part of the result, rounded.
TENON_AVX512_BF16 void finish(BFloat16* __restrict to, int64_t out_row, const float* __restrict c, int64_t c_row,
                              int64_t rows, int64_t columns, const float* __restrict bias) {
  for (int64_t i = 0; i < rows; ++i, to += out_row, c += c_row) {
    if (bias)
      for (int64_t j = 0; j < columns; ++j) to[j] = BFloat16(c[j] + bias[j]);
    else
      for (int64_t j = 0; j < columns; ++j) to[j] = BFloat16(c[j]);
  }
}

/// Linux gives AMX's tiles to a process that asks for them.
bool may_use_tiles() {
  constexpr long request_permission = 0x1023, tile_data = 18;  // ARCH_REQ_XCOMP_PERM
  enum class Given : uint8_t { unknown, no, yes };
  static constinit std::atomic<Given> given{Given::unknown};  // a second request is granted as the first was
  if (given == Given::unknown) {
    const bool yes = may_use(InstructionSet::amx) && syscall(SYS_arch_prctl, request_permission, tile_data) == 0;
    given = yes ? Given::yes : Given::no;
  }
  return given == Given::yes;
}

}  // namespace

bool has_bf16_products() { return may_use(InstructionSet::avx512_bf16); }

void gemm_block_bf16(const Gemm& g) {
  const bool amx = may_use_tiles();
  const Strip strip = amx ? amx_strip : dot_strip;
  const auto up = [](int64_t n, int64_t to) { return (n + to - 1) / to * to; };
  const bool parts = g.k > depth;
  const int64_t rows_at_once = std::min(g.m, most_m), columns_at_once = parts ? std::min(g.n, most_n) : g.n;
  const int64_t deep = std::min(up(g.k, step), depth), sums_row = up(columns_at_once, side);
  const bool direct = g.a.column == 1 && g.k % step == 0;
  const Scratch<BFloat16> a_rows(direct ? 0 : rows_at_once * deep), panel(deep * side);
  const Scratch<float> sums(parts ? rows_at_once * sums_row : 0), bias(g.bias.data ? g.n : 0);
  alignas(64) float tile[side * side];
  for (int64_t j = 0; g.bias.data && j < g.n; ++j)
    bias.get()[j] = static_cast<float>(static_cast<const BFloat16*>(g.bias.data)[j * g.bias.column]);
  const auto at = [](const MatrixView& x, int64_t row, int64_t column) {
    return MatrixView{static_cast<BFloat16*>(x.data) + row * x.row + column * x.column, x.row, x.column};
  };
  int64_t configured = 0;
  for (int64_t i0 = 0; i0 < g.m; i0 += rows_at_once)
    for (int64_t j0 = 0; j0 < g.n; j0 += columns_at_once) {
      const int64_t m = std::min(rows_at_once, g.m - i0), n = std::min(columns_at_once, g.n - j0);
      for (int64_t l0 = 0; l0 < g.k; l0 += depth) {
        const int64_t k = std::min(depth, g.k - l0), padded = up(k, step);
        const bool first = l0 == 0, last = l0 + k == g.k;
        const MatrixView lying = at(g.a, i0, l0);
        if (!direct) pack_rows(a_rows.get(), padded, lying, m, k);
        const BFloat16* a = direct ? static_cast<const BFloat16*>(lying.data) : a_rows.get();
        const int64_t a_row = direct ? g.a.row : padded;
        for (int64_t j = 0; j < n; j += side) {
          const int64_t columns = std::min(side, n - j);
          pack_panel(panel.get(), padded, at(g.b, l0, j0 + j), columns, k);
          for (int64_t i = 0; i < m; i += side) {
            const int64_t rows = std::min(side, m - i);
            if (amx && configured != rows) configure_tiles(configured = rows);
            float* c = parts ? sums.get() + i * sums_row + j : tile;
            const int64_t c_row = parts ? sums_row : side;
            strip(padded, a + i * a_row, a_row, rows, panel.get(), c, c_row, first);
            if (last)
              finish(static_cast<BFloat16*>(at(g.out, i0 + i, j0 + j).data), g.out.row, c, c_row, rows, columns,
                     bias.get() ? bias.get() + j0 + j : nullptr);
          }
        }
      }
    }
  if (amx) release_tiles();
}

}  // namespace tenon::backend::cpu

#else
namespace tenon::backend::cpu {

bool has_bf16_products() { return false; }
void gemm_block_bf16(const Gemm&) {}

}  // namespace tenon::backend::cpu
#endif
