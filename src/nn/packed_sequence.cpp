#include <tenon/nn/packed_sequence.h>

#include <algorithm>

#include <tenon/nn/functional/padding.h>
#include <tenon/ops.h>

namespace tenon::nn::utils::rnn {
namespace {

/// Indices on the device of what they choose from.
Tensor indices(const std::vector<int64_t>& values, const Device& device) { return tensor(values).to(device); }

/// Where each element goes: place[order[i]] = i.
std::vector<int64_t> inverse(const std::vector<int64_t>& order) {
  std::vector<int64_t> place(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) place[static_cast<std::size_t>(order[i])] = static_cast<int64_t>(i);
  return place;
}

std::vector<int64_t> lengths_of(const char* operation, const Tensor& lengths) {
  if (lengths.dim() != 1 || is_floating_point(lengths.dtype()) || lengths.dtype() == boolean)
    fail(operation, "expected lengths of one dimension, of integers, got {} of shape {}", lengths.dtype(),
         lengths.shape().to_string());
  return lengths.to(int64).to_vector<int64_t>();
}

/// x without its first two dimensions' order: (rows, *).
Tensor as_rows(const Tensor& x) {
  Shape shape = x.shape();
  shape.erase(0);
  shape[0] *= x.size(0);
  return x.reshape(shape);
}

/// A row of x's last sizes, for what is padded.
Tensor padding_row(const Tensor& x, double value) {
  Shape shape = x.shape();
  shape[0] = 1;
  return full(shape, value, {.dtype = x.dtype(), .device = x.device()});
}

void check_sequences(const char* operation, const std::vector<Tensor>& sequences) {
  if (sequences.empty()) fail(operation, "expected one sequence or more, got none");
  for (const Tensor& sequence : sequences)
    if (sequence.dim() == 0) fail(operation, "expected sequences of one dimension or more, got a single number");
}

}  // namespace

PackedSequence PackedSequence::to(DType dtype) const {
  return {data.to(dtype), batch_sizes, sorted_indices, unsorted_indices};
}

PackedSequence PackedSequence::to(const Device& device) const {
  const auto moved = [&](const Tensor& x) { return x.defined() ? x.to(device) : x; };
  return {data.to(device), batch_sizes, moved(sorted_indices), moved(unsorted_indices)};
}

PackedSequence pack_padded_sequence(const Tensor& input, const Tensor& lengths, const PackOptions& options) {
  return pack_padded_sequence(input, lengths_of("pack_padded_sequence", lengths), options);
}

PackedSequence pack_padded_sequence(const Tensor& input, const std::vector<int64_t>& lengths,
                                    const PackOptions& options) {
  constexpr auto name = "pack_padded_sequence";
  if (input.dim() < 2 || input.numel() == 0)
    fail(name, "expected sequences of shape {}, not empty, got {}", options.batch_first ? "(N, T, *)" : "(T, N, *)",
         input.shape().to_string());
  const int64_t batch = input.size(options.batch_first ? 0 : 1), steps = input.size(options.batch_first ? 1 : 0);
  if (static_cast<int64_t>(lengths.size()) != batch)
    fail(name, "expected a length for each of {} sequences, got {}", batch, lengths.size());
  for (const int64_t length : lengths)
    if (length < 1 || length > steps) fail(name, "expected lengths from 1 to {}, got {}", steps, length);
  std::vector<int64_t> order(lengths.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<int64_t>(i);
  const auto length = [&](int64_t i) { return lengths[static_cast<std::size_t>(i)]; };
  const auto longer = [&](int64_t a, int64_t b) { return length(a) > length(b); };
  if (!options.enforce_sorted) {
    std::stable_sort(order.begin(), order.end(), longer);
  } else if (!std::is_sorted(order.begin(), order.end(), longer)) {
    fail(name, "expected the longest sequence first, and so on, got lengths {}; enforce_sorted = false sorts them",
         Shape(lengths).to_string('[', ']'));
  }
  std::vector<int64_t> rows, batch_sizes;
  for (int64_t t = 0; t < length(order[0]); ++t) {
    int64_t n = 0;
    for (; n < batch && length(order[static_cast<std::size_t>(n)]) > t; ++n) {
      const int64_t which = order[static_cast<std::size_t>(n)];
      rows.push_back(options.batch_first ? which * steps + t : t * batch + which);
    }
    batch_sizes.push_back(n);
  }
  PackedSequence packed{as_rows(input).index_select(0, indices(rows, input.device())), tensor(batch_sizes)};
  if (options.enforce_sorted) return packed;
  packed.sorted_indices = indices(order, input.device());
  packed.unsorted_indices = indices(inverse(order), input.device());
  return packed;
}

PaddedSequence pad_packed_sequence(const PackedSequence& sequence, const PadPackedOptions& options) {
  constexpr auto name = "pad_packed_sequence";
  const std::vector<int64_t> sizes = lengths_of(name, sequence.batch_sizes);
  const auto longest = static_cast<int64_t>(sizes.size());
  const int64_t steps = options.total_length.value_or(longest);
  if (longest == 0) fail(name, "expected batch_sizes of one step or more");
  if (steps < longest)
    fail(name, "expected a total_length of at least the longest sequence's, which is {}, got {}", longest, steps);
  const int64_t batch = sizes[0], none = sequence.data.size(0);
  std::vector<int64_t> place(static_cast<std::size_t>(batch)), lengths(static_cast<std::size_t>(batch));
  for (std::size_t i = 0; i < place.size(); ++i) place[i] = static_cast<int64_t>(i);
  if (sequence.unsorted_indices.defined()) place = lengths_of(name, sequence.unsorted_indices);
  std::vector<int64_t> rows;
  for (int64_t t = 0, first = 0; t < steps; ++t) {
    const int64_t n = t < longest ? sizes[static_cast<std::size_t>(t)] : 0;
    for (std::size_t i = 0; i < place.size(); ++i) {
      rows.push_back(place[i] < n ? first + place[i] : none);
      if (place[i] < n) lengths[i] = t + 1;
    }
    first += n;
  }
  const Tensor padded = cat({sequence.data, padding_row(sequence.data, options.padding_value)})
                            .index_select(0, indices(rows, sequence.data.device()));
  Shape shape{steps, batch};
  for (std::size_t d = 1; d < sequence.data.shape().size(); ++d) shape.push_back(sequence.data.shape()[d]);
  const Tensor output = padded.reshape(shape);
  return {options.batch_first ? output.transpose(0, 1) : output, tensor(lengths)};
}

Tensor pad_sequence(const std::vector<Tensor>& sequences, const PadOptions& options) {
  check_sequences("pad_sequence", sequences);
  int64_t longest = 0;
  for (const Tensor& sequence : sequences) {
    const Shape &first = sequences[0].shape(), &shape = sequence.shape();
    if (!std::equal(first.begin() + 1, first.end(), shape.begin() + 1, shape.end()))
      fail("pad_sequence", "expected sequences that differ in their first size only, got {} and {}", first.to_string(),
           shape.to_string());
    longest = std::max(longest, sequence.size(0));
  }
  std::vector<Tensor> padded;
  for (const Tensor& sequence : sequences) {
    Shape margins(2 * sequence.shape().size(), 0);  // the last dimension's first
    margins[margins.size() - (options.padding_side == PaddingSide::left ? 2 : 1)] = longest - sequence.size(0);
    padded.push_back(functional::pad(sequence, margins, functional::PaddingMode::constant, options.padding_value));
  }
  return stack(padded, options.batch_first ? 0 : 1);
}

std::vector<Tensor> unpad_sequence(const Tensor& padded_sequences, const Tensor& lengths, bool batch_first) {
  constexpr auto name = "unpad_sequence";
  if (padded_sequences.dim() < 2)
    fail(name, "expected sequences of shape {}, got {}", batch_first ? "(N, T, *)" : "(T, N, *)",
         padded_sequences.shape().to_string());
  const Tensor by_sequence = batch_first ? padded_sequences : padded_sequences.transpose(0, 1);
  const std::vector<int64_t> all = lengths_of(name, lengths);
  if (static_cast<int64_t>(all.size()) != by_sequence.size(0))
    fail(name, "expected a length for each of {} sequences, got {}", by_sequence.size(0), all.size());
  std::vector<Tensor> sequences;
  for (std::size_t i = 0; i < all.size(); ++i)
    sequences.push_back(
        by_sequence[static_cast<int64_t>(i)].narrow(0, 0, std::clamp<int64_t>(all[i], 0, by_sequence.size(1))).clone());
  return sequences;
}

PackedSequence pack_sequence(const std::vector<Tensor>& sequences, bool enforce_sorted) {
  check_sequences("pack_sequence", sequences);
  std::vector<int64_t> lengths;
  for (const Tensor& sequence : sequences) lengths.push_back(sequence.size(0));
  return pack_padded_sequence(pad_sequence(sequences), lengths, {.enforce_sorted = enforce_sorted});
}

std::vector<Tensor> unpack_sequence(const PackedSequence& sequence) {
  const PaddedSequence padded = pad_packed_sequence(sequence, {.batch_first = true});
  return unpad_sequence(padded.output, padded.lengths, true);
}

}  // namespace tenon::nn::utils::rnn
