#pragma once
// A tag for each word of a sentence, by an LSTM in both directions.
#include <tenon/tenon.h>

namespace models {

using tenon::Tensor;
namespace nn = tenon::nn;

/// Numbers of words (B, T), of sentences of `lengths` (B) words, padded with anything → scores (B, the longest, tags).
/// The scores behind a sentence's end mean nothing.
struct LSTMTagger : nn::Module<LSTMTagger> {
  nn::Embedding embedding;
  nn::LSTM lstm;
  nn::Linear tags;

  LSTMTagger(int64_t words, int64_t tags_, int64_t embedding_dim, int64_t hidden)
      : embedding(words, embedding_dim),
        lstm(embedding_dim, hidden, {.batch_first = true, .bidirectional = true}),
        tags(2 * hidden, tags_) {}

  Tensor forward(const Tensor& x, const Tensor& lengths) {
    const auto packed =
        nn::utils::rnn::pack_padded_sequence(embedding(x), lengths, {.batch_first = true, .enforce_sorted = false});
    return tags(nn::utils::rnn::pad_packed_sequence(lstm(packed).output, {.batch_first = true}).output);
  }

  TENON_MODULE(LSTMTagger, embedding, lstm, tags)
};

}  // namespace models
