#pragma once
// What a file tells a BytePairTokenizer.
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <tenon/data/byte_pair_tokenizer.h>

#include <nlohmann/json_fwd.hpp>

#include "data/tokens/pattern.h"

namespace tenon::data {

/// A step in which text is cut into words.
struct Cut {
  Pattern pattern;
  bool keeps_gaps;  ///< what lies between the matches is a word, too
};

struct AddedToken {
  int64_t id;
  std::string text;
};

class BytePairTokenizer::Rules {
 public:
  /// Two tokens that are joined: which one they make, and how early.
  struct Merge {
    int64_t rank, joined;
  };

  std::unordered_map<int64_t, std::string> tokens;  ///< bytes of each, the added ones too
  std::unordered_map<std::string, int64_t> ids;     ///< by their bytes, without the added ones
  std::unordered_map<uint64_t, Merge> merges;       ///< by pair()
  std::vector<AddedToken> added;                    ///< the longest first
  std::unordered_set<int64_t> special;              ///< of the added ones, those that decode() may leave out
  std::vector<Cut> cuts;
  bool add_prefix_space = false;
  bool ignore_merges = false;          ///< a word that is a token is this token
  std::vector<int64_t> before, after;  ///< around every text

  static uint64_t pair(int64_t left, int64_t right) {
    return static_cast<uint64_t>(left) << 32 | static_cast<uint64_t>(right);
  }

  /// The tokens of a word, appended.
  void encode_word(std::string_view word, std::vector<int64_t>& to) const;
  /// Those of a text without added tokens in it.
  void encode_plain(std::string_view text, std::vector<int64_t>& to) const;
  void encode(std::string_view text, std::vector<int64_t>& to) const;

  /// What comes of GPT-2's files, and of a tokenizer.json, by their texts. Errors are std::invalid_argument, that the
  /// caller gives the file's name.
  void read_vocab(const std::string& json_text);
  void read_merges(const std::string& lines);
  void read_tokenizer(const std::string& json_text);

 private:
  void take_vocab(const nlohmann::json& vocab);
};

/// The expression that cuts words for GPT-2.
inline constexpr const char* gpt2_words =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

}  // namespace tenon::data
