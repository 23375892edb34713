// What a build without CUDA answers.
#include <gtest/gtest.h>
#include <tenon/creation.h>
#include <tenon/cuda.h>

namespace tenon {
namespace {

TEST(Cuda, WithoutItThereAreNoDevicesAndNoStates) {
  EXPECT_EQ(cuda::device_count(), 0);
  EXPECT_FALSE(cuda::is_available());
  EXPECT_TRUE(cuda::get_rng_state_all().empty());
  cuda::set_rng_state_all(Value(cuda::get_rng_state_all()));
  EXPECT_THROW(cuda::set_rng_state_all(std::vector{zeros({16}, {.dtype = uint8})}), Error);
}

}  // namespace
}  // namespace tenon
