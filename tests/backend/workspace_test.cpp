#include "backend/cpu/workspace.h"

#include "tensor/check.h"
#include "tensor/sanitizer.h"

namespace tenon::backend::cpu::workspace_test {
namespace {

TEST(Workspace, WhereThereIsNoMemoryTheErrorIsTheLibrarys) {
  if (test::sanitized) GTEST_SKIP() << "a sanitizer ends the program where so much is asked for";
  EXPECT_EQ(test::error_of([] { Workspace<double> room(std::size_t{1} << 50); }),
            "[Tensor] there is not enough memory for 1125899906842624 elements of 8 bytes to compute with");
}

}  // namespace
}  // namespace tenon::backend::cpu::workspace_test
