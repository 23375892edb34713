// TENON_SIMD and what it does, each time in a process of its own: it is read when the library is loaded.
#include "backend/cpu/instruction_set.h"

#include <sys/wait.h>

#include <cstdio>
#include <string>
#include <vector>

#include <tenon/device.h>

#include "backend/cpu/lapack.h"
#include "tensor/check.h"

namespace tenon::instruction_set_test {
namespace {

using backend::cpu::InstructionSet;

struct Outcome {
  int code;
  std::string output;
};
/// The program `capability` with these variables set.
Outcome capability(const std::string& variables) {
  // nothing that this process was started with
  const std::string command = "env -u TENON_SIMD -u OPENBLAS_CORETYPE " + variables + " '" TENON_CAPABILITY "' 2>&1";
  Outcome run{-1, ""};
  std::FILE* const pipe = ::popen(command.c_str(), "r");
  if (!pipe) return run;
  char part[256];
  while (std::fgets(part, sizeof part, pipe)) run.output += part;
  run.code = WEXITSTATUS(::pclose(pipe));
  return run;
}
std::string core_of(const Outcome& run) { return run.output.substr(run.output.find(' ') + 1); }

const std::vector<std::string> names{"scalar", "sse4", "avx2", "avx512", "avx512_bf16", "amx"},
    capabilities{"SCALAR", "SSE4", "AVX2", "AVX512", "AVX512", "AVX512"};

TEST(InstructionSet, AnUnknownNameIsAnErrorWheneverTheBackendIsUsed) {
  const std::string error = "[TENON_SIMD] expected scalar, sse4, avx2, avx512, avx512_bf16 or amx, got 'avx3'\n";
  const Outcome run = capability("TENON_SIMD=avx3");
  EXPECT_EQ(run.code, 1);
  if (backend::cpu::processor_instruction_set()) {
    EXPECT_EQ(run.output, error + error + error);
  }
  EXPECT_EQ(capability("TENON_SIMD=AVX2").code, 1);
}

TEST(InstructionSet, AnEmptyNameLimitsNothing) { EXPECT_EQ(capability("TENON_SIMD=").output, capability("").output); }

TEST(InstructionSet, WhatTheProcessorHasIsUsedUpToTheLimitAndWhatItLacksIsAnError) {
  const auto best = backend::cpu::processor_instruction_set();
  if (!best) GTEST_SKIP() << "TENON_SIMD is x86-64's";
  for (std::size_t i = 0; i < names.size(); ++i) {
    const Outcome run = capability("TENON_SIMD=" + names[i]);
    if (i <= static_cast<std::size_t>(*best)) {
      EXPECT_EQ(run.code, 0) << run.output;
      EXPECT_EQ(run.output.substr(0, run.output.find(' ')), capabilities[i]);
    } else {
      EXPECT_EQ(run.code, 1);
      EXPECT_EQ(run.output.find("[TENON_SIMD] this processor has no " + names[i] + ": the best it has is " +
                                names[static_cast<std::size_t>(*best)] + "\n"),
                0U)
          << run.output;
    }
  }
}

TEST(InstructionSet, WithoutALimitTheBestOfTheProcessorIsUsed) {
  const auto best = backend::cpu::processor_instruction_set();
  if (!best) GTEST_SKIP() << "the names are x86-64's";
  const Outcome run = capability("");
  EXPECT_EQ(run.output.substr(0, run.output.find(' ')), capabilities[static_cast<std::size_t>(*best)]);
}

TEST(InstructionSet, OpenBlasHasTheSameLimitUnlessTheUserSaysOtherwise) {
  const auto best = backend::cpu::processor_instruction_set();
  if (!best || *best < InstructionSet::avx2) GTEST_SKIP() << "this processor lacks avx2";
  EXPECT_EQ(core_of(capability("TENON_SIMD=scalar")), "Nehalem\n");  // older kernels are not sound
  EXPECT_EQ(core_of(capability("TENON_SIMD=sse4")), "Nehalem\n");
  EXPECT_EQ(core_of(capability("TENON_SIMD=avx2")), "Haswell\n");
  EXPECT_EQ(core_of(capability("TENON_SIMD=avx2 OPENBLAS_CORETYPE=Nehalem")), "Nehalem\n");
}

TEST(InstructionSet, OpenBlasDoesNotTakeAProcessorWithAvx2ForOneOf2004) {
  const auto best = backend::cpu::processor_instruction_set();
  if (!best || *best < InstructionSet::avx2) GTEST_SKIP() << "this processor lacks avx2";
  EXPECT_NE(core_of(capability("")), "Prescott\n");
  EXPECT_EQ(core_of(capability("OPENBLAS_CORETYPE=Prescott")), "Prescott\n");  // the user's word counts
}

TEST(InstructionSet, AMissingOpenBlasIsAnErrorThatNamesThePackage) {
  const std::vector<const char*> missing{"/nowhere/libopenblas.so.0", "libopenblas-of-nobody.so.0"};
  const std::string error = test::error_of([&] { backend::cpu::open_openblas(missing); });
  for (const char* part :
       {"[linalg]", "/nowhere/libopenblas.so.0", "libopenblas-of-nobody.so.0", "libopenblas0-openmp"})
    EXPECT_NE(error.find(part), std::string::npos) << error;
}

}  // namespace
}  // namespace tenon::instruction_set_test
