// What a build without CUDA answers.
#include <gtest/gtest.h>
#include <tenon/creation.h>
#include <tenon/cuda.h>

#include "tensor/check.h"

namespace tenon::cuda_test {
namespace {

using test::error_of;

TEST(Cuda, WithoutItThereAreNoDevicesAndNoStates) {
  EXPECT_EQ(cuda::device_count(), 0);
  EXPECT_FALSE(cuda::is_available());
  EXPECT_TRUE(cuda::get_rng_state_all().empty());
  cuda::set_rng_state_all(Value(cuda::get_rng_state_all()));
  EXPECT_EQ(error_of([&] { cuda::set_rng_state_all(std::vector{zeros({16}, {.dtype = uint8})}); }),
            "[set_rng_state_all] expected a state for each of 0 CUDA devices, got 1");
}

}  // namespace
}  // namespace tenon::cuda_test
