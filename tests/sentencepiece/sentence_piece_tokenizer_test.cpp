// SentencePiece's models. Answers are of its own Python package (pieces.py).
#include <tenon/data/sentence_piece_tokenizer.h>

#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests_folder.h"

namespace tenon::sentence_piece_tokenizer_test {
namespace {

using data::SentencePieceTokenizer;

const std::filesystem::path folder = std::filesystem::path(test::tests_folder()) / "sentencepiece";

std::string error_of(auto f) {
  try {
    f();
  } catch (const Error& e) {
    return e.what();
  }
  return {};
}

TEST(SentencePieceTokenizer, GivesThePiecesAndTextsOfItsOwnPackage) {
  const auto answers = nlohmann::json::parse(std::ifstream(folder / "answers.json"));
  for (const auto& [name, model] : answers.items()) {
    const auto tokenizer = SentencePieceTokenizer::from_file(folder / (name + ".model"));
    EXPECT_EQ(tokenizer.vocab_size(), model["vocab_size"].get<int64_t>());
    for (const auto& answer : model["texts"]) {
      const auto tokens = tokenizer.encode(answer["text"].get<std::string>());
      EXPECT_EQ(tokens, answer["tokens"].get<std::vector<int64_t>>()) << name << ": " << answer["text"];
      EXPECT_EQ(tokenizer.decode(tokens), answer["decoded"].get<std::string>()) << name;
    }
    EXPECT_EQ(tokenizer.token_to_id("▁the"), model["the"].get<int64_t>());
    EXPECT_EQ(tokenizer.id_to_token(model["the"].get<int64_t>()), "▁the");
    EXPECT_EQ(tokenizer.token_to_id("no such piece"), std::nullopt);
  }
}

TEST(SentencePieceTokenizer, PutsBeginningAndEndAroundATextWhenTold) {
  const auto plain = SentencePieceTokenizer::from_file(folder / "bpe.model"),
             around = SentencePieceTokenizer::from_file(folder / "bpe.model", {.add_bos = true, .add_eos = true});
  std::vector<int64_t> expected = plain.encode("the loss");
  expected.insert(expected.begin(), *plain.token_to_id("<s>"));
  expected.push_back(*plain.token_to_id("</s>"));
  EXPECT_EQ(around.encode("the loss"), expected);
  EXPECT_EQ(around.decode(expected), "the loss");
}

TEST(SentencePieceTokenizer, TakesAnyBytes) {
  const auto tokenizer = SentencePieceTokenizer::from_file(folder / "bpe.model");
  for (int first = 0; first < 256; ++first) {
    const std::string text{static_cast<char>(first), 'a', '\xff', '\0', '\xe2'};
    EXPECT_NO_THROW(tokenizer.decode(tokenizer.encode(text)));
  }
}

TEST(SentencePieceTokenizer, SaysWhatIsNoModelAndNoToken) {
  EXPECT_NE(error_of([] { SentencePieceTokenizer::from_file(folder / "none.model"); }).find("none.model"),
            std::string::npos);
  EXPECT_NE(error_of([] { SentencePieceTokenizer::from_file(folder / "answers.json"); }).find("answers.json"),
            std::string::npos);
  EXPECT_NE(error_of([] { SentencePieceTokenizer::from_bytes("no model"); }), "");
  const auto tokenizer = SentencePieceTokenizer::from_file(folder / "unigram.model");
  EXPECT_EQ(error_of([&] {
              tokenizer.decode({1, 130});
            }),
            "[SentencePieceTokenizer] expected a token between 0 and 129, got 130");
}

}  // namespace
}  // namespace tenon::sentence_piece_tokenizer_test
