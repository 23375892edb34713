// The memory of tensors, headers and nodes.
#include "tensor/allocator.h"

#include <malloc.h>

#include <cstdint>
#include <cstring>
#include <new>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <tenon/ops.h>

#include "tensor/check.h"
#include "tensor/sanitizer.h"

namespace tenon::host::allocator_test {
namespace {

using test::error_of;

/// Bytes that the process has from malloc.
std::size_t held() {
  const struct mallinfo2 m = mallinfo2();
  return m.uordblks + m.hblkhd;
}
constexpr std::size_t mebi = std::size_t{1} << 20;

TEST(Allocator, UnderAddressSanitizerNewMemoryIsNaN) {
  if (!test::address_sanitized) GTEST_SKIP() << "memory is what it was before";
  for (const DType t : {float16, bfloat16, float32, float64})
    EXPECT_TRUE(empty({100}, {.dtype = t}).isnan().all().item<bool>()) << t;
}

TEST(Allocator, BlocksAreAlignedAndDoNotOverlap) {
  std::vector<std::pair<unsigned char*, std::size_t>> blocks;
  for (const std::size_t n :
       {0, 1, 63, 64, 65, 128, 1023, 1024, 1025, 1280, 1281, 4096, 5000, 65536, 1048575, 1048576, 1048577, 5000000})
    for (int k = 0; k < 3; ++k) {
      auto* p = static_cast<unsigned char*>(allocate(n));
      ASSERT_EQ(reinterpret_cast<uintptr_t>(p) % 64, 0U) << n;
      std::memset(p, static_cast<int>(blocks.size()), n);
      blocks.emplace_back(p, n);
    }
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const auto [p, n] = blocks[i];
    if (n > 0) {
      EXPECT_EQ(p[0], i);
      EXPECT_EQ(p[n - 1], i);
    }
    deallocate(p, n);
  }
}

TEST(Allocator, AFreedBlockServesTheNextOfItsSize) {
  if (test::sanitized) GTEST_SKIP() << "blocks are not kept under a sanitizer";
  for (const std::size_t n : {std::size_t{100}, std::size_t{3000}, 2 * mebi, 40 * mebi}) {
    void* p = allocate(n);
    deallocate(p, n);
    void* q = allocate(n - 1);  // the same class
    EXPECT_EQ(p, q) << n;
    deallocate(q, n - 1);
  }
}

TEST(Allocator, ATensorInALoopKeepsItsPlace) {
  if (test::sanitized) GTEST_SKIP() << "blocks are not kept under a sanitizer";
  const void* where = tenon::empty({1000}).raw_data();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(tenon::empty({1000}).raw_data(), where);
}

TEST(AllocatorThreads, ABlockFreedElsewhereCanBeUsedThere) {
  for (const std::size_t n : {std::size_t{200}, std::size_t{70000}, 3 * mebi}) {
    void* p = allocate(n);
    std::memset(p, 1, n);
    std::thread([&] {
      static_cast<char*>(p)[n - 1] = 2;
      deallocate(p, n);
      void* q = allocate(n);
      std::memset(q, 3, n);
      deallocate(q, n);
    }).join();
  }
}

TEST(AllocatorThreads, WhatAnEndedThreadKeptIsUsedByOthers) {
  if (test::sanitized) GTEST_SKIP() << "blocks are not kept under a sanitizer";
  void* theirs = nullptr;
  std::thread([&] {
    theirs = allocate(777);
    deallocate(theirs, 777);
  }).join();
  std::vector<void*> mine;
  bool found = false;
  for (int i = 0; i < 1000 && !found; ++i) {
    mine.push_back(allocate(777));
    found = mine.back() == theirs;
  }
  EXPECT_TRUE(found);
  for (void* p : mine) deallocate(p, 777);
}

TEST(AllocatorThreads, TensorsOutliveTheThreadThatMadeThemAndDieOnAny) {
  std::vector<Tensor> made(8);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < made.size(); ++i)
    threads.emplace_back([&, i] { made[i] = full({1000 * static_cast<int64_t>(i + 1)}, static_cast<int>(i)); });
  for (std::thread& t : threads) t.join();
  threads.clear();
  for (std::size_t i = 0; i < made.size(); ++i)
    threads.emplace_back([x = std::exchange(made[i], {}), i] { EXPECT_EQ(x[999].item<int>(), static_cast<int>(i)); });
  for (std::thread& t : threads) t.join();
}

TEST(AllocatorThreads, ManyThreadsTakeAndGiveBackAtOnce) {
  std::vector<std::thread> threads;
  for (unsigned seed = 0; seed < 4; ++seed)
    threads.emplace_back([seed] {
      std::vector<std::pair<unsigned char*, std::size_t>> blocks;
      unsigned s = seed;
      for (int i = 0; i < 2000; ++i) {
        s = s * 1664525 + 1013904223;
        if (blocks.size() < 20 || s >> 31) {
          const std::size_t n = (s >> 8) % 3000 + ((s >> 20) % 97 == 0 ? 2 * mebi : 0);
          auto* p = static_cast<unsigned char*>(allocate(n + 1));
          p[0] = p[n] = static_cast<unsigned char>(seed);
          blocks.emplace_back(p, n + 1);
        } else {
          const auto [p, n] = blocks.back();
          blocks.pop_back();
          ASSERT_EQ(p[0], seed);
          ASSERT_EQ(p[n - 1], seed);
          deallocate(p, n);
        }
      }
      for (const auto& [p, n] : blocks) deallocate(p, n);
    });
  for (std::thread& t : threads) t.join();
}

TEST(Allocator, NeverHoldsMuchMoreThanWasOnceInUse) {
  if (test::sanitized) GTEST_SKIP() << "blocks are not kept under a sanitizer";
  release_cached();
  const std::size_t before = held();
  // One size after the other, 100 MiB of each in use at a time: kept blocks of a size gone by must make room.
  for (std::size_t n = 2 * mebi; n < 12 * mebi; n += mebi) {
    std::vector<void*> blocks;
    for (std::size_t total = 0; total + n <= 100 * mebi; total += n) blocks.push_back(allocate(n));
    EXPECT_LE(held() - before, 230 * mebi) << n;  // 100 in use, a quarter for size classes, 64 of slack, and rounding
    for (void* p : blocks) deallocate(p, n);
  }
  release_cached();
  EXPECT_LE(held() - before, mebi);
}

TEST(Allocator, APowerOfTwoAndAHeaderTakeNoMoreThanThat) {
  if (test::sanitized) GTEST_SKIP() << "blocks come from the sanitizer";
  release_cached();
  constexpr std::size_t header = 64, to_a_huge_page = 2 * mebi;
  for (const std::size_t n : {std::size_t{4096}, std::size_t{65536}, mebi, 16 * mebi}) {
    const std::size_t before = held();
    void* p = allocate(n + header);
    EXPECT_LE(held() - before, n + n / 16 + (n > mebi ? to_a_huge_page : 0)) << n;
    deallocate(p, n + header);
    release_cached();
  }
}

TEST(Allocator, WhatCannotBeHadIsAnErrorAndLeavesTheBoundInPlace) {
  if (test::sanitized) GTEST_SKIP() << "a sanitizer ends the program instead";
  release_cached();
  const std::size_t before = held();
  for (const int log : {48, 50, 60, 61}) {
    const std::size_t n = std::size_t{1} << log;
    EXPECT_EQ(error_of([&] { allocate(n); }), fmt::format("[Tensor] there is not enough memory for {} bytes more", n));
  }
  for (std::size_t n = 20 * mebi; n < 200 * mebi; n += 20 * mebi) deallocate(allocate(n), n);
  EXPECT_LE(held() - before, 320 * mebi);  // not the sum of all, 900 MiB
  release_cached();
}

}  // namespace
}  // namespace tenon::host::allocator_test
