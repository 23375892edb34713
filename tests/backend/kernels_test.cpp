// What becomes of a kernel that a processor lacks.
#include "backend/kernels.h"

#include <gtest/gtest.h>

#include <tenon/tenon.h>

#include "backend/index.h"
#include "backend/matmul.h"
#include "backend/memory.h"
#include "backend/softmax.h"
#include "tensor/check.h"

namespace tenon::kernels_test {
namespace {

using test::error_of;

// A processor that was not finished.
constexpr SoftmaxKernels pretend{};
constexpr MatmulKernels without_products{};
constexpr IndexKernels without_indices{};
constexpr MemoryKernels without_memory{};

TEST(Kernels, OneThatIsMissingIsAnErrorThatNamesItAndTheDevice) {
  const Tensor x = ones({2, 3});
  EXPECT_EQ(test::error_of([&] { pretend.log_sum_exp(zeros({2}), x); }),
            "[log_sum_exp] there is no kernel for cpu yet; compute on the CPU, where x.to(\"cpu\") brings a tensor");
  EXPECT_EQ(test::error_of([&] { without_products.matmul({.out = x, .a = x, .b = x, .bias = {}}); }).substr(0, 9),
            "[matmul] ");
}

TEST(Kernels, ForMemoryTheDeviceIsNamedThatIsAskedForIt) {
  EXPECT_EQ(test::error_of([] { without_memory.allocate(kCUDA, 8); }).substr(0, 41),
            "[allocate] there is no kernel for cuda:0 ");
  EXPECT_EQ(test::error_of([] { without_memory.copy_across("cuda:2", nullptr, "cuda:1", nullptr, 8); }).substr(0, 44),
            "[copy_across] there is no kernel for cuda:2 ");
  EXPECT_EQ(without_memory.allocate(kMeta, 8), nullptr);
}

TEST(Kernels, TheMetaDeviceNeedsNone) {
  const Tensor x = ones({2, 3}, {.device = kMeta});
  pretend.log_sum_exp(empty({2}, {.device = kMeta}), x);
  EXPECT_EQ(without_indices.count_true(x), 0);
  EXPECT_FALSE(without_indices.range_outside(x, 3).has_value());
}

TEST(Kernels, TheDeviceIsThatOfTheFirstTensorThatIsDefined) {
  EXPECT_NO_THROW(pretend.softmax({}, ones({2}, {.device = kMeta}), 1, 2, 1, false));
  EXPECT_EQ(error_of([&] { pretend.softmax({}, ones({2}), 1, 2, 1, false); }),
            "[softmax] there is no kernel for cpu yet; compute on the CPU, where x.to(\"cpu\") brings a tensor");
}

}  // namespace
}  // namespace tenon::kernels_test
