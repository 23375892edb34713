// Loads OpenBLAS, and sees to it that it picks good kernels. It reads the environment variable OPENBLAS_CORETYPE when
// it is loaded and at no other time; that is why it is not linked.
#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>

#include <tenon/error.h>

#include "backend/cpu/instruction_set.h"
#include "backend/cpu/lapack.h"
#include "base/fork.h"

namespace tenon::backend::cpu {
namespace {

constexpr const char* soname = "libopenblas.so.0";
constexpr const char* variable = "OPENBLAS_CORETYPE";
// Where several are installed, the one for OpenMP, which the build has found, goes first.
#ifdef TENON_OPENBLAS
constexpr std::array names{TENON_OPENBLAS, soname};
#else
constexpr std::array names{soname};
#endif

template <class F>
F symbol(void* library, const std::string& name) {
  void* const found = dlsym(library, name.c_str());
  if (!found) fail("linalg", "OpenBLAS has no {}; Debian's package libopenblas0-openmp has it", name);
  return reinterpret_cast<F>(found);
}

using Release = std::array<int, 3>;

struct Choice {
  Release release{};
  std::string_view core;
};
Choice choice_of(void* library) {
  Choice result;
  const char* const config = symbol<const char* (*)()>(library, "openblas_get_config")();  // "OpenBLAS 0.3.21 NO_…"
  std::sscanf(config, "OpenBLAS %d.%d.%d", &result.release[0], &result.release[1], &result.release[2]);
  result.core = symbol<const char* (*)()>(library, "openblas_get_corename")();
  return result;
}

/// The kernels for the best processor that has no more than this; Nehalem's are the oldest that are sound (below).
const char* core_for(InstructionSet set) {
  switch (set) {
    case InstructionSet::scalar:
    case InstructionSet::sse4: return "Nehalem";
    case InstructionSet::avx2: return "Haswell";
    default: return "SkylakeX";
  }
}

// What OpenBLAS is known to choose wrongly, of the routines that are called here.
// - The kernels for AVX-512 before 0.3.21 give wrong results, by release in one routine or another, or only as some
//   compilers made them: OpenMathLib/OpenBLAS issues 1955, 2029, 2168, 2187, 2986, 3454, 3494, 3505; numpy/numpy issues
//   22502 and 24903 (0.3.20, Cooper Lake and Sapphire Rapids).
// - The kernels for processors before Nehalem (seen in 0.3.21 and 0.3.29; of the kind of issue 746): ssymv reads a part
//   of OpenBLAS's own memory that it has not written, so that once a NaN has been there, eigenvalues of small float32
//   matrices are NaN or do not converge. Before 0.3.25 such kernels are chosen for every processor of Intel's that is
//   younger than the release (issue 4267): for Emerald Rapids by 0.3.21.
// Sound in 0.3.21 and 0.3.29, by residuals: Nehalem's, Haswell's, Zen's, SkylakeX's and Cooperlake's. Not avoided here:
// 0.3.22 is wrong in LU on every processor (issue 3976), 0.3.34 may crash on Zen 4 and 5 when older kernels are asked
// for (issue 6021).
const char* better_core(const Choice& choice) {
  constexpr Release good_avx512{0, 3, 21};
  const auto processor = processor_instruction_set();
  if (!processor || *processor == InstructionSet::scalar) return nullptr;  // another architecture; nothing better
  const bool avx512 = choice.core == "SkylakeX" || choice.core == "Cooperlake" || choice.core == "SapphireRapids";
  constexpr std::array<std::string_view, 10> before_nehalem{
      "Prescott", "Core2", "Penryn", "Dunnington", "Opteron", "Opteron_SSE3", "Barcelona", "Atom", "Nano", "Bobcat"};
  const bool oldest = std::find(before_nehalem.begin(), before_nehalem.end(), choice.core) != before_nehalem.end();
  const bool limited = choice.release < good_avx512;
  if (avx512 && limited) return core_for(InstructionSet::avx2);
  if (oldest) return core_for(limited ? std::min(*processor, InstructionSet::avx2) : *processor);
  return nullptr;
}

/// With the variable set for as long as it is read. (Another thread that reads the environment at this moment would be
/// out of luck; so this is done only where there is a reason.)
void* open_as(const char* core) {
  setenv(variable, core, 1);
  void* library = nullptr;
  try {
    library = open_openblas(names);
  } catch (...) {
    unsetenv(variable);
    throw;
  }
  unsetenv(variable);
  return library;
}

void* open() {
  // Of a library that the process has already there must not be a second copy: the two would call each other's
  // functions.
  if (void* const present = dlopen(soname, RTLD_NOW | RTLD_NOLOAD)) return present;
  if (std::getenv(variable)) return open_openblas(names);
  const auto limit = instruction_set_limit(), processor = processor_instruction_set();
  if (limit && *limit < InstructionSet::avx512 && *processor != InstructionSet::scalar)
    return open_as(core_for(*limit));
  // Which release it is shows only now; one that has done nothing yet can be closed and opened anew.
  void* const library = open_openblas(names);
  const char* const better = better_core(choice_of(library));
  if (!better) return library;
  dlclose(library);
  return open_as(better);
}

std::mutex loading;
[[maybe_unused]] const bool is_held = hold_across_forks(ProcessLock::lapack, loading);

/// The library, under the lock.
void* library() {
  static constinit void* opened = nullptr;
  if (opened) return opened;
  void* const result = open();
  // A build with threads of its own would be many times as many threads as there are processors; here every matrix is
  // one thread's.
  constexpr int own_threads = 1;
  if (symbol<int (*)()>(result, "openblas_get_parallel")() == own_threads)
    symbol<void (*)(int)>(result, "openblas_set_num_threads")(1);
  return opened = result;
}

template <class T>
Lapack<T> load(char type) {
  void* const from = library();
  Lapack<T> result{};
  const auto find = [&]<class F>(F& function, const char* name) {
    function = symbol<F>(from, type + std::string(name));
  };
  find(result.getrf, "getrf_");
  find(result.getrs, "getrs_");
  find(result.potrf, "potrf_");
  find(result.geqrf, "geqrf_");
  find(result.orgqr, "orgqr_");
  find(result.gesdd, "gesdd_");
  find(result.syevd, "syevd_");
  find(result.gelsy, "gelsy_");
  find(result.trsm, "trsm_");
  return result;
}

template <class T>
const Lapack<T>& loaded(char type) {
  static constinit std::atomic<const Lapack<T>*> table{nullptr};
  if (const Lapack<T>* const there = table.load(std::memory_order_acquire)) return *there;
  const std::lock_guard lock(loading);
  if (!table) table = new Lapack<T>(load<T>(type));
  return *table;
}

}  // namespace

void* open_openblas(std::span<const char* const> candidates) {
  std::string why;
  for (const char* name : candidates) {
    if (void* const opened = dlopen(name, RTLD_NOW | RTLD_LOCAL)) return opened;
    why += (why.empty() ? "" : "; ") + std::string(dlerror());
  }
  fail("linalg", "this needs OpenBLAS, and it cannot be loaded ({}): install Debian's package libopenblas0-openmp",
       why);
}

template <>
const Lapack<float>& lapack() {
  return loaded<float>('s');
}
template <>
const Lapack<double>& lapack() {
  return loaded<double>('d');
}

std::string_view openblas_core() {
  const std::lock_guard lock(loading);
  return choice_of(library()).core;
}

}  // namespace tenon::backend::cpu
