// Sequences of several lengths: padded, packed, and back. Expected numbers are PyTorch 2.15's.
#include <tenon/nn/packed_sequence.h>

#include "autograd/gradcheck.h"

namespace tenon::nn::packed_sequence_test {
namespace {

using namespace utils::rnn;
using test::error_of;
using Lengths = std::vector<int64_t>;

Tensor counted(const Shape& shape) { return arange(0, shape.numel()).to(float32).reshape(shape); }
Lengths values(const Tensor& x) { return x.to(int64).to_vector<int64_t>(); }

TEST(PackedSequence, GoesStepByStepThroughTheSequencesThatAreLeft) {
  // pack_padded_sequence(torch.arange(24.).reshape(4, 3, 2), [4, 2, 1]) and the same with batch_first
  const PackedSequence packed = pack_padded_sequence(counted({4, 3, 2}), Lengths{4, 2, 1});
  EXPECT_EQ(values(packed.data), (Lengths{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 18, 19}));
  EXPECT_EQ(packed.data.shape(), (Shape{7, 2}));
  EXPECT_EQ(values(packed.batch_sizes), (Lengths{3, 2, 1, 1}));
  EXPECT_FALSE(packed.sorted_indices.defined());
  const PackedSequence other = pack_padded_sequence(counted({2, 3, 1}), tensor({3, 1}), {.batch_first = true});
  EXPECT_EQ(values(other.data), (Lengths{0, 3, 1, 2}));
}

TEST(PackedSequence, SortsByLengthAndKnowsTheWayBack) {
  // pack_padded_sequence(torch.arange(12.).reshape(3, 4, 1), [1, 3, 2, 3], enforce_sorted=False)
  const PackedSequence packed =
      pack_padded_sequence(counted({3, 4, 1}), Lengths{1, 3, 2, 3}, {.enforce_sorted = false});
  EXPECT_EQ(values(packed.sorted_indices), (Lengths{1, 3, 2, 0}));
  EXPECT_EQ(values(packed.unsorted_indices), (Lengths{3, 0, 2, 1}));
  EXPECT_EQ(values(packed.data), (Lengths{1, 3, 2, 0, 5, 7, 6, 9, 11}));
  const auto [padded, lengths] = pad_packed_sequence(packed, {.padding_value = -1, .total_length = 4});
  EXPECT_EQ(values(padded), (Lengths{0, 1, 2, 3, -1, 5, 6, 7, -1, 9, -1, 11, -1, -1, -1, -1}));
  EXPECT_EQ(padded.shape(), (Shape{4, 4, 1}));
  EXPECT_EQ(values(lengths), (Lengths{1, 3, 2, 3}));
  const auto [first, again] = pad_packed_sequence(packed, {.batch_first = true});
  EXPECT_EQ(first.shape(), (Shape{4, 3, 1}));
  EXPECT_EQ(values(first), (Lengths{0, 0, 0, 1, 5, 9, 2, 6, 0, 3, 7, 11}));
}

TEST(PackedSequence, PadsOnEitherSide) {
  const std::vector<Tensor> sequences{counted({1, 2}), counted({3, 2})};
  EXPECT_EQ(values(pad_sequence(sequences)), (Lengths{0, 1, 0, 1, 0, 0, 2, 3, 0, 0, 4, 5}));
  const Tensor left =
      pad_sequence(sequences, {.batch_first = true, .padding_value = 9, .padding_side = PaddingSide::left});
  EXPECT_EQ(left.shape(), (Shape{2, 3, 2}));
  EXPECT_EQ(values(left), (Lengths{9, 9, 9, 9, 0, 1, 0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(pad_sequence({tensor({1, 2}), tensor({3})}).dtype(), int64);
}

TEST(PackedSequence, GivesTheSequencesAgain) {
  const std::vector<Tensor> sequences{counted({1, 2}), counted({3, 2}), counted({2, 2})};
  const auto again = unpack_sequence(pack_sequence(sequences, false));
  ASSERT_EQ(again.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_TRUE(test::identical(again[i], sequences[i]));
  const auto unpadded = unpad_sequence(pad_sequence(sequences), tensor({1, 3, 2}));
  for (std::size_t i = 0; i < 3; ++i) EXPECT_TRUE(test::identical(unpadded[i], sequences[i]));
}

TEST(PackedSequence, HasBothDerivatives) {
  test::gradchecks(
      [](const std::vector<Tensor>& x) {
        const PackedSequence packed = pack_padded_sequence(x[0], Lengths{1, 3}, {.enforce_sorted = false});
        return pad_packed_sequence(
                   {packed.data * packed.data, packed.batch_sizes, packed.sorted_indices, packed.unsorted_indices})
            .output;
      },
      {test::leaf({3, 2, 2})});
  test::gradchecks(
      [](const std::vector<Tensor>& x) {
        return pad_sequence({x[0] * x[0], x[1]});
      },
      {test::leaf({1, 2}, 1), test::leaf({2, 2}, 2)});
}

TEST(PackedSequence, ConvertsItsDataAndMovesItsIndices) {
  const PackedSequence packed = pack_sequence({counted({1, 2}), counted({3, 2})}, false);
  EXPECT_EQ(packed.to(float64).data.dtype(), float64);
  EXPECT_EQ(packed.to(float64).sorted_indices.dtype(), int64);
  const PackedSequence meta = packed.to(kMeta);
  EXPECT_EQ(meta.data.device(), kMeta);
  EXPECT_EQ(meta.unsorted_indices.device(), kMeta);
  EXPECT_EQ(meta.batch_sizes.device(), kCPU);
}

TEST(PackedSequence, RefusesWhatCannotBePacked) {
  const Tensor x = counted({4, 3, 2});
  EXPECT_EQ(error_of([&] {
              pack_padded_sequence(x, Lengths{4, 3});
            }),
            "[pack_padded_sequence] expected a length for each of 3 sequences, got 2");
  EXPECT_EQ(error_of([&] {
              pack_padded_sequence(x, Lengths{4, 3, 0});
            }),
            "[pack_padded_sequence] expected lengths from 1 to 4, got 0");
  EXPECT_EQ(error_of([&] {
              pack_padded_sequence(x, Lengths{5, 3, 1});
            }),
            "[pack_padded_sequence] expected lengths from 1 to 4, got 5");
  EXPECT_EQ(error_of([&] {
              pack_padded_sequence(x, Lengths{3, 4, 1});
            }),
            "[pack_padded_sequence] expected the longest sequence first, and so on, got lengths [3, 4, 1]; "
            "enforce_sorted = false sorts them");
  EXPECT_EQ(error_of([&] {
              pack_padded_sequence(x, tensor({0.5, 1.0, 2.0}));
            }),
            "[pack_padded_sequence] expected lengths of one dimension, of integers, got float32 of shape (3,)");
  EXPECT_EQ(error_of([&] {
              pack_padded_sequence(empty({4, 0, 2}), Lengths{});
            }),
            "[pack_padded_sequence] expected sequences of shape (T, N, *), not empty, got (4, 0, 2)");
  EXPECT_EQ(error_of([&] {
              pad_packed_sequence(pack_padded_sequence(x, Lengths{4, 3, 1}), {.total_length = 3});
            }),
            "[pad_packed_sequence] expected a total_length of at least the longest sequence's, which is 4, got 3");
  EXPECT_EQ(error_of([] { pad_sequence({}); }), "[pad_sequence] expected one sequence or more, got none");
  EXPECT_EQ(error_of([] {
              pad_sequence({ones({2, 3}), ones({3, 4})});
            }),
            "[pad_sequence] expected sequences that differ in their first size only, got (2, 3) and (3, 4)");
  EXPECT_EQ(error_of([] { pad_sequence({tensor(1.0)}); }),
            "[pad_sequence] expected sequences of one dimension or more, got a single number");
  EXPECT_EQ(error_of([&] {
              unpad_sequence(x, tensor({2, 4}), true);
            }),
            "[unpad_sequence] expected a length for each of 4 sequences, got 2");
}

}  // namespace
}  // namespace tenon::nn::packed_sequence_test
