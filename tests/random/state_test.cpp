#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include <tenon/tenon.h>

namespace state_test {
using namespace tenon;

namespace {

using StateBytes = std::vector<uint8_t>;

StateBytes bytes(const Generator& generator) { return generator.get_state().to_vector<uint8_t>(); }

template <class T>
Tensor with(const Tensor& state, std::size_t offset, T value) {
  const Tensor changed = state.clone();
  std::memcpy(changed.data<uint8_t>() + offset, &value, sizeof value);
  return changed;
}

// Refused, and nothing has changed.
void expect_refused(const Tensor& state, std::string_view words) {
  Generator generator(3);
  generator.next_normal();
  const StateBytes before = bytes(generator);
  try {
    generator.set_state(state);
    ADD_FAILURE() << "the state was taken";
  } catch (const Error& e) {
    EXPECT_EQ(e.operation(), "Generator::set_state");
    EXPECT_NE(std::string(e.what()).find(words), std::string::npos) << e.what();
  }
  EXPECT_EQ(bytes(generator), before);
}

}  // namespace

TEST(GeneratorState, IsTakenFromACheckpointToo) {
  manual_seed(1);
  const Dict checkpoint{{"rng_state", random::get_state()}};
  const Tensor next = rand({3});
  random::set_state(checkpoint["rng_state"]);
  EXPECT_TRUE(rand({3}).equal(next));
}

TEST(GeneratorState, HasTheFormThatPyTorchGivesIt) {
  const Tensor state = Generator(0).get_state();
  EXPECT_EQ(state.dtype(), uint8);
  EXPECT_EQ(state.shape(), Shape({5056}));
}

TEST(GeneratorState, BringsTheStreamBackToWhereItWas) {
  for (const int drawn : {0, 1, 2, 623, 624, 625, 1248, 2001}) {
    Generator generator(9);
    for (int i = 0; i < drawn; ++i) generator.next32();
    const Tensor state = generator.get_state();
    const StateBytes saved = state.to_vector<uint8_t>();
    const auto expected = randn({700}, {}, &generator).to_vector<float>();

    Generator other(1);
    other.set_state(state);
    EXPECT_EQ(bytes(other), saved) << drawn;
    EXPECT_EQ(other.initial_seed(), 9U);
    EXPECT_EQ(randn({700}, {}, &other).to_vector<float>(), expected) << drawn;
    EXPECT_EQ(bytes(other), bytes(generator)) << drawn;
  }
}

TEST(GeneratorState, HoldsTheKeptNormal) {
  Generator generator(9);
  generator.next_normal();
  const Tensor state = generator.get_state();
  const double kept = generator.next_normal();
  EXPECT_NE(bytes(generator), state.to_vector<uint8_t>());
  Generator other(1);
  other.set_state(state);
  EXPECT_EQ(other.next_normal(), kept);

  Generator without(9);  // and a state without one takes it away
  other.set_state(state);
  other.set_state(without.get_state());
  EXPECT_EQ(other.next_normal(), without.next_normal());
}

TEST(GeneratorState, HoldsAnotherProgramsKeptNormalOfSinglePrecision) {
  const Tensor state = with(with(Generator(0).get_state(), 5048, 1.5F), 5052, uint8_t{1});
  Generator generator(1);
  generator.set_state(state);
  EXPECT_EQ(bytes(generator), state.to_vector<uint8_t>());
}

TEST(GeneratorState, IsACopy) {
  Generator generator(2);
  const Tensor state = generator.get_state();
  const StateBytes before = state.to_vector<uint8_t>();
  generator.next32();
  EXPECT_EQ(state.to_vector<uint8_t>(), before);
}

TEST(GeneratorState, OfTheDefaultGeneratorIsSetAndGot) {
  manual_seed(5);
  const Tensor state = random::get_state();
  const auto first = rand({4}).to_vector<float>();
  random::set_state(state);
  EXPECT_EQ(rand({4}).to_vector<float>(), first);
}

TEST(GeneratorState, MayLieApartInMemory) {
  Generator generator(8);
  const Tensor apart = zeros({5056, 2}, {.dtype = uint8}).select(1, 1);
  apart.copy_(generator.get_state());
  Generator other(1);
  other.set_state(apart);
  EXPECT_EQ(bytes(other), bytes(generator));
}

TEST(GeneratorState, OfAnotherFormIsRefused) {
  expect_refused(Tensor(), "undefined");
  expect_refused(zeros({5056}), "float32");
  expect_refused(zeros({5055}, {.dtype = uint8}), "(5055");
  expect_refused(zeros({5057}, {.dtype = uint8}), "(5057");
  expect_refused(zeros({0}, {.dtype = uint8}), "(0");
  expect_refused(zeros({2, 2528}, {.dtype = uint8}), "(2, 2528)");
  expect_refused(empty({5056}, {.dtype = uint8, .device = kMeta}), "meta");
}

TEST(GeneratorState, ThatIsDamagedIsRefused) {
  Generator generator(0);
  generator.next_normal();
  const Tensor good = generator.get_state();
  expect_refused(zeros({5056}, {.dtype = uint8}), "never seeded");
  expect_refused(with(good, 12, int32_t{2}), "never seeded");
  expect_refused(with(good, 8, int32_t{0}), "left");
  expect_refused(with(good, 8, int32_t{-1}), "left");
  expect_refused(with(good, 8, int32_t{625}), "left");
  expect_refused(with(good, 8, int32_t{600}), "left");  // more than there are from the next word on
  expect_refused(with(good, 16, uint64_t{625}), "word 625");
  expect_refused(with(with(good, 8, int32_t{1}), 16, ~uint64_t{0}), "word");
  expect_refused(with(good, 24 + 8 * 623, uint64_t{1} << 32), "32-bit");
  expect_refused(with(good, 5024, std::numeric_limits<double>::quiet_NaN()), "kept normal");
  expect_refused(with(with(good, 5048, INFINITY), 5052, uint8_t{1}), "single precision");
}
}  // namespace state_test
