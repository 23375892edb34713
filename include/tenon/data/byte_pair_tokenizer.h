#pragma once
// Text as numbers of tokens, as language models read it.
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#pragma GCC visibility push(default)

namespace tenon::data {

/// Byte-pair encoding of bytes, as GPT-2, RoBERTa, Llama 3 and others have it: text is cut into words, a word's bytes
/// into tokens, and of neighbouring tokens the pair that was most frequent in training is joined first.
///
/// Any bytes are encoded, also such as are no UTF-8, and decode() gives them back. An object may be used by several
/// threads at once; copies share what was read. Source: Sennrich et al. 2016, "Neural machine translation of rare words
/// with subword units"; the byte-level models of Hugging Face's tokenizers.
class BytePairTokenizer {
 public:
  /// GPT-2's two files, vocab.json and merges.txt. An error that names the file for one that is missing, damaged, or
  /// whose merges make what is no token.
  static BytePairTokenizer from_files(const std::filesystem::path& vocab, const std::filesystem::path& merges);
  /// Hugging Face's tokenizer.json, if its model is of this kind; an error says what else it has.
  static BytePairTokenizer from_file(const std::filesystem::path& tokenizer);
  /// The same of such a file's text.
  static BytePairTokenizer from_str(const std::string& json);

  /// Numbers of the tokens of a text. Special tokens that stand in it, "<|endoftext|>", are found; those that the file
  /// puts around every text are there unless `add_special_tokens` is false.
  std::vector<int64_t> encode(std::string_view text, bool add_special_tokens = true) const;
  /// The bytes of tokens. An error for a number that is no token.
  std::string decode(const std::vector<int64_t>& tokens, bool skip_special_tokens = true) const;

  /// How many tokens there are, the added ones too.
  int64_t vocab_size() const;
  /// By a token's bytes (" the"), or an added token's text.
  std::optional<int64_t> token_to_id(std::string_view token) const;
  /// A token's bytes; an error for a number that is no token.
  std::string id_to_token(int64_t id) const;

 private:
  class Rules;
  explicit BytePairTokenizer(std::shared_ptr<const Rules> rules);
  std::shared_ptr<const Rules> rules_;
};

}  // namespace tenon::data

#pragma GCC visibility pop
