#include <gtest/gtest.h>

#include <random>

#include <tenon/tenon.h>

namespace generator_test {
using namespace tenon;

// The standard library's twister is seeded in the same way: an independent witness.
TEST(Generator, GivesTheOutputsOfTheMersenneTwister) {
  Generator generator(5489);
  std::mt19937 witness(5489);
  for (int i = 0; i < 2000; ++i) ASSERT_EQ(generator.next32(), witness()) << i;
}

TEST(Generator, GivesTheSameOutputsSinglyAndByTheBlock) {
  Generator singly(7), by_block(7);
  for (const std::size_t n : {1U, 623U, 2U, 0U, 624U, 625U, 5000U, 3U}) {
    std::vector<uint32_t> block(n);
    by_block.next32(block);
    for (std::size_t i = 0; i < n; ++i) ASSERT_EQ(block[i], singly.next32()) << i << " of " << n;
  }
  EXPECT_EQ(by_block.next64(), singly.next64());
}

TEST(Generator, MakesA64BitNumberOfTwoOutputsTheFirstTheHighWord) {
  Generator words(3), pairs(3);
  for (int i = 0; i < 400; ++i) {
    const uint64_t high = words.next32(), low = words.next32();
    ASSERT_EQ(pairs.next64(), high << 32 | low);
  }
}

TEST(Generator, IsSeededByTheLow32BitsAndRemembersAll64) {
  Generator a(5), b(uint64_t{5} + (uint64_t{9} << 32));
  EXPECT_EQ(a.next64(), b.next64());
  EXPECT_EQ(a.initial_seed(), 5U);
  EXPECT_EQ(b.initial_seed(), uint64_t{5} + (uint64_t{9} << 32));
  EXPECT_EQ(Generator().initial_seed(), Generator::default_seed);
}

TEST(Generator, StartsAnewWhenSeededAgain) {
  Generator generator(1);
  const uint64_t first = generator.next64();
  generator.next_normal();  // one is kept now
  EXPECT_EQ(generator.manual_seed(1).next64(), first);
  Generator fresh(1);
  fresh.next64();
  EXPECT_EQ(generator.next_normal(), fresh.next_normal());
}

TEST(Generator, KeepsTheSecondNormalOfAPairForTheNextCall) {
  Generator generator(11);
  generator.next_normal();
  Generator copy = generator;
  const double second = generator.next_normal();
  copy.next32();  // the pair has been drawn: what else is drawn does not change its second half
  EXPECT_EQ(copy.next_normal(), second);
}

TEST(Generator, KeepsANormalAcrossTensors) {
  Generator a(4), b(4);
  const auto one = randn({3}, {.dtype = float64}, &a).to_vector<double>();
  const auto other = randn({1}, {.dtype = float64}, &a).to_vector<double>();
  const auto together = randn({4}, {.dtype = float64}, &b).to_vector<double>();
  EXPECT_EQ(together, (std::vector<double>{one[0], one[1], one[2], other[0]}));
}

TEST(Generator, OfOnesOwnLeavesTheDefaultOneUntouched) {
  manual_seed(0);
  const Tensor before = random::get_state();
  Generator own(0);
  rand({100}, {}, &own);
  randn({5}, {}, &own);
  randint(0, 9, {4}, {}, &own);
  randperm(10, &own);
  const Tensor x = zeros({20});
  uniform_(x, 0, 1, &own);
  normal_(x, 0, 1, &own);
  random_(x, &own);
  bernoulli_(x, 0.5, &own);
  EXPECT_EQ(random::get_state().to_vector<uint8_t>(), before.to_vector<uint8_t>());
}

TEST(Generator, SeededAlikeGivesAlikeTensors) {
  Generator a(21), b(21);
  EXPECT_EQ(rand({50}, {}, &a).to_vector<float>(), rand({50}, {}, &b).to_vector<float>());
  EXPECT_NE(rand({50}, {}, &a).to_vector<float>(), rand({50}, {}, &a).to_vector<float>());
}
}  // namespace generator_test
