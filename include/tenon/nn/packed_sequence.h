#pragma once
// Sequences of several lengths in one tensor: padded, or packed step by step. Source: torch.nn.utils.rnn.
#include <cstdint>
#include <optional>
#include <vector>

#include <tenon/tensor_list.h>

#pragma GCC visibility push(default)

namespace tenon::nn::utils::rnn {

/// Sequences, the longest first, step by step: the first rows of all of them, then the second rows of those that have
/// one, and so on. Made by pack_sequence() and pack_padded_sequence(). Source: torch.nn.utils.rnn.PackedSequence.
struct PackedSequence {
  Tensor data;                   ///< (sum of all lengths, *)
  Tensor batch_sizes;            ///< (longest length) int64 on the CPU: how many sequences have a row of that step
  Tensor sorted_indices = {};    ///< (sequences) int64: which one of those given each is; undefined: in their order
  Tensor unsorted_indices = {};  ///< where each of those given is

  /// batch_sizes stays on the CPU.
  PackedSequence to(DType dtype) const;
  PackedSequence to(const Device& device) const;
};

struct PackOptions {
  bool batch_first = false;    ///< (N, T, *) instead of (T, N, *)
  bool enforce_sorted = true;  ///< an error unless the longest sequence comes first; false: they are sorted
};
/// Packs padded sequences: (T, N, *), and their lengths (N), each from 1 to T. Source:
/// torch.nn.utils.rnn.pack_padded_sequence.
PackedSequence pack_padded_sequence(const Tensor& input, const Tensor& lengths, const PackOptions& options = {});
PackedSequence pack_padded_sequence(const Tensor& input, const std::vector<int64_t>& lengths,
                                    const PackOptions& options = {});

struct PadPackedOptions {
  bool batch_first = false;  ///< (N, T, *) instead of (T, N, *)
  double padding_value = 0;
  std::optional<int64_t> total_length = {};  ///< T; default: the longest sequence's length
};
struct PaddedSequence {
  Tensor output;   ///< (T, N, *), the sequences in the order in which they were given
  Tensor lengths;  ///< (N) int64 on the CPU
};
/// The inverse of pack_padded_sequence(). Source: torch.nn.utils.rnn.pad_packed_sequence.
PaddedSequence pad_packed_sequence(const PackedSequence& sequence, const PadPackedOptions& options = {});

enum class PaddingSide : uint8_t { right, left };
struct PadOptions {
  bool batch_first = false;  ///< (N, T, *) instead of (T, N, *)
  double padding_value = 0;
  PaddingSide padding_side = PaddingSide::right;
};
/// Sequences (length, *), padded to the longest length T and put side by side: (T, N, *). An error for none. Source:
/// torch.nn.utils.rnn.pad_sequence.
Tensor pad_sequence(const std::vector<Tensor>& sequences, const PadOptions& options = {});
/// The sequences of padded ones (T, N, *), or (N, T, *): the first lengths(n) rows of each. Source:
/// torch.nn.utils.rnn.unpad_sequence.
std::vector<Tensor> unpad_sequence(const Tensor& padded_sequences, const Tensor& lengths, bool batch_first = false);

/// Packs sequences (length, *), the longest first unless enforce_sorted is false. Source:
/// torch.nn.utils.rnn.pack_sequence.
PackedSequence pack_sequence(const std::vector<Tensor>& sequences, bool enforce_sorted = true);
/// The sequences again, in the order in which they were given. Source: torch.nn.utils.rnn.unpack_sequence.
std::vector<Tensor> unpack_sequence(const PackedSequence& sequence);

}  // namespace tenon::nn::utils::rnn

#pragma GCC visibility pop
