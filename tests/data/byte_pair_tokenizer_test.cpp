// Byte-pair tokenizers: small ones that Hugging Face's library made, and what it makes of texts with them (tokens.py).
#include <tenon/data/byte_pair_tokenizer.h>

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "io/files.h"
#include "tensor/check.h"
#include "tensor/recorded.h"
#include "tests_folder.h"

namespace tenon::data::byte_pair_tokenizer_test {
namespace {

using test::error_of;

const std::filesystem::path folder = std::filesystem::path(test::tests_folder()) / "data/tokens";

BytePairTokenizer gpt2() { return BytePairTokenizer::from_files(folder / "vocab.json", folder / "merges.txt"); }

TEST(BytePairTokenizer, TokensAreHuggingFaces) {
  const nlohmann::json all = test::recorded("data/tokens/answers.json");
  for (const auto& [name, answers] : all.items()) {
    const BytePairTokenizer tokenizer = BytePairTokenizer::from_file(folder / (name + ".json"));
    for (const auto& a : answers) {
      const std::string text = a["text"];
      EXPECT_EQ(tokenizer.encode(text), a["tokens"].get<std::vector<int64_t>>()) << name << ": " << text;
      EXPECT_EQ(tokenizer.encode(text, false), a["plain"].get<std::vector<int64_t>>()) << name << ": " << text;
      EXPECT_EQ(tokenizer.decode(a["tokens"].get<std::vector<int64_t>>()), a["decoded"].get<std::string>()) << name;
    }
  }
}

TEST(BytePairTokenizer, TheFilesOfGPT2AreTheSameTokenizer) {
  const BytePairTokenizer tokenizer = gpt2();
  const auto answers = test::recorded("data/tokens/answers.json");
  for (const auto& a : answers["gpt2"])
    EXPECT_EQ(tokenizer.encode(a["text"].get<std::string>()), a["tokens"].get<std::vector<int64_t>>());
}

TEST(BytePairTokenizer, AnyBytesComeBack) {
  const BytePairTokenizer tokenizer = gpt2();
  std::string every;
  for (int i = 0; i < 256; ++i) every += static_cast<char>(i);
  for (const std::string& text :
       {every, std::string("\xff\xfe broken \xc3("), std::string("cut off \xe5\xad"),
        std::string("\xed\xa0\x80 surrogate"), std::string("\0a\0", 3), std::string("läuft 学习 😀")})
    EXPECT_EQ(tokenizer.decode(tokenizer.encode(text)), text);
}

TEST(BytePairTokenizer, AWordOfAMillionBytesIsJoinedAndComesBack) {
  const BytePairTokenizer tokenizer = gpt2();
  const std::string text(1 << 20, 'a');
  EXPECT_EQ(tokenizer.decode(tokenizer.encode(text)), text);
}

TEST(BytePairTokenizer, TokensHaveNumbersAndBytes) {
  const BytePairTokenizer tokenizer = gpt2();
  EXPECT_EQ(tokenizer.vocab_size(), 480);
  EXPECT_EQ(tokenizer.token_to_id("<|endoftext|>"), 0);
  EXPECT_EQ(tokenizer.id_to_token(0), "<|endoftext|>");
  EXPECT_EQ(tokenizer.id_to_token(tokenizer.token_to_id(" the").value()), " the");
  EXPECT_FALSE(tokenizer.token_to_id("no such token"));
  EXPECT_EQ(tokenizer.decode({0, tokenizer.token_to_id("a").value(), 0}), "a");
  EXPECT_EQ(tokenizer.decode({0, tokenizer.token_to_id("a").value()}, false), "<|endoftext|>a");
  EXPECT_EQ(error_of([&] { tokenizer.decode({480}); }),
            "[BytePairTokenizer] 480 is not the number of a token: there are 480");
}

std::string refusal(const std::string& text) {
  const std::string error = error_of([&] { BytePairTokenizer::from_str(text); }), ahead = "[BytePairTokenizer] it ";
  return error.starts_with(ahead) ? error.substr(ahead.size()) : error;
}

TEST(BytePairTokenizer, OtherFilesAreRefusedByWhatTheyHave) {
  EXPECT_EQ(refusal("{"), "is not JSON at byte 2");
  EXPECT_EQ(refusal("[1]"), "is JSON, but not a tokenizer: it has no model");
  EXPECT_EQ(refusal(R"({"model": {"type": "WordPiece"}})"), "has a model of type WordPiece, expected BPE");
  EXPECT_EQ(refusal(R"({"model": {"type": "BPE", "byte_fallback": true}})"),
            "has a model with byte_fallback, which is not one of bytes");
  EXPECT_EQ(refusal(R"({"model": {"vocab": {"a": 0}, "merges": []}})"),
            "has a model of letters, expected one of bytes (ByteLevel)");
  EXPECT_EQ(refusal(R"({"normalizer": {"type": "NFC"}, "model": {}})"),
            "changes text before it is cut (normalizer NFC), which is not known here");
  EXPECT_EQ(refusal(R"({"model": {"vocab": {"a": 0, "b": 0}, "merges": []}})"), "has two tokens of number 0");
  EXPECT_EQ(refusal(R"({"model": {"vocab": {"a": -1}, "merges": []}})"), "has -1 as a token's number");
  EXPECT_EQ(refusal(R"({"model": {"vocab": {"a": "x"}, "merges": []}})"), "has a token whose number is none");
  EXPECT_EQ(refusal(R"({"model": {"vocab": {"a": 0}, "merges": ["a b"]}})"),
            R"(joins "a b", of which a part or the whole is no token)");
  EXPECT_EQ(refusal(R"({"model": {"vocab": {"a": 0}, "merges": [3]}})"), "is JSON, but not as a tokenizer has it");
  EXPECT_EQ(refusal(R"({"model": {"vocab": {"a": 0}, "merges": []},
                       "pre_tokenizer": {"type": "Split", "pattern": {"Regex": "("}, "behavior": "Isolated"}})"),
            "cuts words by an expression that is wrong: missing closing parenthesis (at byte 1)");
  EXPECT_EQ(refusal(std::string(100000, '[')), "is not JSON at byte 100001");
  EXPECT_NE(error_of([] { BytePairTokenizer::from_file(folder / "none.json"); }).find("none.json"), std::string::npos);
}

TEST(BytePairTokenizer, AByteWithoutATokenIsAnError) {
  const test::Folder here;
  std::ofstream(here("vocab.json")) << R"({"a": 0, "b": 1, "ab": 2})";
  std::ofstream(here("merges.txt")) << "#version: 0.2\na b\n";
  const BytePairTokenizer tokenizer = BytePairTokenizer::from_files(here("vocab.json"), here("merges.txt"));
  EXPECT_EQ(tokenizer.encode("aabb"), (std::vector<int64_t>{0, 2, 1}));
  EXPECT_EQ(error_of([&] { tokenizer.encode("abc"); }), "[BytePairTokenizer] there is no token for byte 0x63");
}

}  // namespace
}  // namespace tenon::data::byte_pair_tokenizer_test
