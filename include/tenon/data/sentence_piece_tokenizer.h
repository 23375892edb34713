#pragma once
// Models of SentencePiece, by its own library: a program that includes this file (data.h does not) needs Debian's
// libsentencepiece-dev, or what `pkg-config sentencepiece` finds, and links with it.
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sentencepiece_processor.h>

#include <tenon/error.h>

#pragma GCC visibility push(default)

namespace tenon::data {

struct SentencePieceOptions {
  bool add_bos = false;  ///< the model's token for the beginning before each text
  bool add_eos = false;  ///< and that for the end behind it
};

/// Text as numbers of pieces, by a model file of SentencePiece (`tokenizer.model` of Llama 2, T5, ALBERT and others):
/// byte pairs or unigrams. An object may be used by several threads at once; copies share the model. Source: Kudo and
/// Richardson 2018, "SentencePiece: a simple and language independent subword tokenizer".
class SentencePieceTokenizer {
 public:
  /// An error that names the file where it is missing or no model.
  static SentencePieceTokenizer from_file(const std::filesystem::path& model,
                                          const SentencePieceOptions& options = {}) {
    auto processor = std::make_shared<sentencepiece::SentencePieceProcessor>();
    check(processor->Load(model.string()), model.string());
    return {std::move(processor), options};
  }
  /// The same of such a file's bytes.
  static SentencePieceTokenizer from_bytes(std::string_view model, const SentencePieceOptions& options = {}) {
    auto processor = std::make_shared<sentencepiece::SentencePieceProcessor>();
    check(processor->LoadFromSerializedProto({model.data(), model.size()}), "the model");
    return {std::move(processor), options};
  }

  /// Bytes that are no UTF-8 become pieces of U+FFFD, or of bytes where the model has those.
  std::vector<int64_t> encode(std::string_view text) const {
    std::vector<int> pieces;
    check(processor_->Encode({text.data(), text.size()}, &pieces), "a text");
    std::vector<int64_t> tokens;
    if (options_.add_bos) tokens.push_back(special(processor_->bos_id(), "beginning"));
    tokens.insert(tokens.end(), pieces.begin(), pieces.end());
    if (options_.add_eos) tokens.push_back(special(processor_->eos_id(), "end"));
    return tokens;
  }
  /// The text of tokens, without those of its beginning and end. An error for a number that is no token.
  std::string decode(const std::vector<int64_t>& tokens) const {
    std::vector<int> pieces;
    for (const int64_t token : tokens) pieces.push_back(checked(token));
    std::string text;
    check(processor_->Decode(pieces, &text), "tokens");
    return text;
  }

  int64_t vocab_size() const { return processor_->GetPieceSize(); }
  /// A piece's number ("▁the"); nothing where the model lacks it.
  std::optional<int64_t> token_to_id(std::string_view piece) const {
    const int id = processor_->PieceToId({piece.data(), piece.size()});
    if (processor_->IsUnknown(id) && processor_->IdToPiece(id) != piece) return std::nullopt;
    return id;
  }
  std::string id_to_token(int64_t id) const { return processor_->IdToPiece(checked(id)); }

 private:
  SentencePieceTokenizer(std::shared_ptr<const sentencepiece::SentencePieceProcessor> processor,
                         const SentencePieceOptions& options)
      : processor_(std::move(processor)), options_(options) {}

  static void check(const sentencepiece::util::Status& status, const std::string& what) {
    if (!status.ok()) fail("SentencePieceTokenizer", "{}: {}", what, status.ToString());
  }
  static int64_t special(int id, const char* what) {
    if (id < 0) fail("SentencePieceTokenizer", "the model has no token for the {} of a text", what);
    return id;
  }
  int checked(int64_t id) const {
    if (id < 0 || id >= vocab_size())
      fail("SentencePieceTokenizer", "expected a token between 0 and {}, got {}", vocab_size() - 1, id);
    return static_cast<int>(id);
  }

  std::shared_ptr<const sentencepiece::SentencePieceProcessor> processor_;
  SentencePieceOptions options_;
};

}  // namespace tenon::data

#pragma GCC visibility pop
