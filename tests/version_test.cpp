#include <string>

#include <gtest/gtest.h>
#include <tenon/version.h>

namespace version_test {
namespace {

TEST(Version, IsTheSameOfHeadersAndLibrary) {
  EXPECT_EQ(tenon::version(), std::to_string(TENON_VERSION_MAJOR) + "." + std::to_string(TENON_VERSION_MINOR) + "." +
                                  std::to_string(TENON_VERSION_PATCH));
  EXPECT_EQ(TENON_VERSION % 100, TENON_VERSION_PATCH);
#if TENON_VERSION < 100
  FAIL() << "the preprocessor compares it";
#endif
}

}  // namespace
}  // namespace version_test
