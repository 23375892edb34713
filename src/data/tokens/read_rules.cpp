// Tokenizers' files: JSON and lists of merges.
#include <algorithm>
#include <array>
#include <sstream>
#include <stdexcept>

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "data/tokens/rules.h"

namespace tenon::data {
namespace {

using nlohmann::json;

[[noreturn]] void refuse(const std::string& what) { throw std::invalid_argument(what); }

/// JSON, and what of it is not as expected, as std::invalid_argument.
template <class F>
void parsed(const std::string& text, F f) {
  try {
    f(json::parse(text));
  } catch (const json::parse_error& e) {
    refuse(fmt::format("is not JSON at byte {}", e.byte));
  } catch (const json::exception&) {
    refuse("is JSON, but not as a tokenizer has it");
  }
}

/// GPT-2's letters for bytes: the printable ones of Latin-1 are themselves, the others are counted from U+0100 on.
const std::unordered_map<uint32_t, char>& bytes_of_letters() {
  static const std::unordered_map<uint32_t, char> all = [] {
    std::unordered_map<uint32_t, char> map;
    uint32_t next = 256;
    for (uint32_t b = 0; b < 256; ++b) {
      const bool printable = (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174;
      map[printable ? b : next++] = static_cast<char>(b);
    }
    return map;
  }();
  return all;
}

/// A token's bytes of its letters; nothing where another letter is among them.
std::optional<std::string> bytes_of(const std::string& letters) {
  std::string bytes;
  for (std::size_t i = 0; i < letters.size();) {
    const auto lead = static_cast<unsigned char>(letters[i]);
    uint32_t letter = lead;
    std::size_t length = 1;
    if (lead >= 0xC0 && lead < 0xE0 && i + 1 < letters.size()) {
      letter = (lead & 0x1FU) << 6 | (static_cast<unsigned char>(letters[i + 1]) & 0x3FU);
      length = 2;
    } else if (lead >= 0x80) {
      return {};
    }
    const auto byte = bytes_of_letters().find(letter);
    if (byte == bytes_of_letters().end()) return {};
    bytes += byte->second;
    i += length;
  }
  return bytes;
}

int64_t id_of(const json& number) {
  if (!number.is_number_integer()) refuse("has a token whose number is none");
  const int64_t id = number.get<int64_t>();
  if (id < 0 || id > 0x7FFFFFFF) refuse(fmt::format("has {} as a token's number", id));
  return id;
}

}  // namespace

void BytePairTokenizer::Rules::take_vocab(const json& vocab) {
  if (!vocab.is_object() || vocab.empty()) refuse("has no vocabulary: tokens and their numbers");
  for (const auto& [letters, number] : vocab.items()) {
    const int64_t id = id_of(number);
    // What is not written in GPT-2's letters is a token that no word has.
    const std::string bytes = bytes_of(letters).value_or(letters);
    if (!tokens.emplace(id, bytes).second) refuse(fmt::format("has two tokens of number {}", id));
    if (!ids.emplace(bytes, id).second) refuse(fmt::format("has a token twice: {}", json(letters).dump()));
  }
}

void BytePairTokenizer::Rules::read_vocab(const std::string& json_text) {
  parsed(json_text, [&](const json& vocab) { take_vocab(vocab); });
}

void BytePairTokenizer::Rules::read_merges(const std::string& lines) {
  std::istringstream in(lines);
  int64_t rank = 0;
  for (std::string line; std::getline(in, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.empty() || line.starts_with("#version")) continue;
    const std::size_t space = line.find(' ');
    const auto token = [&](const std::string& letters) {
      const auto found = ids.find(bytes_of(letters).value_or(letters));
      if (found == ids.end())
        refuse(fmt::format("joins {}, of which a part or the whole is no token", json(line).dump()));
      return found;
    };
    if (space == line.npos || space == 0 || space + 1 == line.size() || line.find(' ', space + 1) != line.npos)
      refuse(fmt::format("has a line that is not two tokens: {}",
                         json(line).dump(-1, ' ', false, json::error_handler_t::replace)));
    const auto left = token(line.substr(0, space)), right = token(line.substr(space + 1));
    const int64_t joined = token(line.substr(0, space) + line.substr(space + 1))->second;
    merges.emplace(pair(left->second, right->second), Merge{rank++, joined});  // a second one counts for nothing
  }
}

namespace {

std::string type_of(const json& part) { return part.is_object() ? part.value("type", "") : ""; }

/// The steps of a part that may be one or a sequence of them.
std::vector<json> steps_of(const json& part, const char* name) {
  if (part.is_null()) return {};
  return type_of(part) == "Sequence" ? part.at(name).get<std::vector<json>>() : std::vector{part};
}

Cut cut_of(const json& split) {
  const json& pattern = split.at("pattern");
  const std::string behavior = split.value("behavior", "");
  const bool invert = split.value("invert", false);
  if (!(behavior == "Isolated" && !invert) && !(behavior == "Removed" && invert))
    refuse(fmt::format("cuts words in a way that is not known here: {}{}", behavior, invert ? ", inverted" : ""));
  std::string expression;
  if (pattern.contains("Regex")) {
    expression = pattern.at("Regex").get<std::string>();
  } else {
    for (const char c : pattern.at("String").get<std::string>())
      expression += fmt::format("\\x{{{:x}}}", static_cast<unsigned char>(c));
  }
  try {
    return {Pattern(expression), behavior == "Isolated"};
  } catch (const std::invalid_argument& e) {
    refuse(fmt::format("cuts words by an expression that is wrong: {}", e.what()));
  }
}

}  // namespace

void BytePairTokenizer::Rules::read_tokenizer(const std::string& json_text) {
  parsed(json_text, [&](const json& file) {
    if (!file.is_object() || !file.contains("model")) refuse("is JSON, but not a tokenizer: it has no model");
    const json& model = file.at("model");
    if (const std::string type = model.value("type", "BPE"); type != "BPE")
      refuse(fmt::format("has a model of type {}, expected BPE", type));
    const auto set = [&](const char* name) {
      return model.contains(name) && !model.at(name).is_null() && model.at(name) != json("") &&
             model.at(name) != json(false) && model.at(name) != json(0.0);
    };
    for (const char* other : {"continuing_subword_prefix", "end_of_word_suffix", "byte_fallback", "dropout"})
      if (set(other)) refuse(fmt::format("has a model with {}, which is not one of bytes", other));
    if (file.contains("normalizer") && !file.at("normalizer").is_null())
      refuse(fmt::format("changes text before it is cut (normalizer {}), which is not known here",
                         type_of(file.at("normalizer"))));
    take_vocab(model.at("vocab"));
    std::string lines;
    for (const json& merge : model.at("merges"))
      lines += (merge.is_string() ? merge.get<std::string>()
                                  : merge.at(0).get<std::string>() + ' ' + merge.at(1).get<std::string>()) +
               '\n';
    read_merges(lines);
    ignore_merges = model.value("ignore_merges", false);

    bool of_bytes = false;
    for (const json& step : steps_of(file.value("pre_tokenizer", json()), "pretokenizers")) {
      const std::string type = type_of(step);
      if (type == "Split") {
        cuts.push_back(cut_of(step));
      } else if (type == "ByteLevel") {
        of_bytes = true;
        add_prefix_space = step.value("add_prefix_space", true);
        if (step.value("use_regex", true)) cuts.push_back({Pattern(gpt2_words), true});
      } else {
        refuse(fmt::format("cuts words in a way that is not known here: {}", type));
      }
    }
    if (!of_bytes) refuse("has a model of letters, expected one of bytes (ByteLevel)");

    for (const json& token : file.value("added_tokens", json::array())) {
      AddedToken one{id_of(token.at("id")), token.at("content").get<std::string>()};
      for (const char* other : {"single_word", "lstrip", "rstrip"})
        if (token.value(other, false))
          refuse(fmt::format("has an added token with {}, which is not known here: {}", other, json(one.text).dump()));
      if (one.text.empty()) refuse("has an added token without text");
      if (const auto [at, fresh] = tokens.emplace(one.id, one.text); !fresh && at->second != one.text)
        refuse(fmt::format("has two tokens of number {}", one.id));
      if (token.value("special", false)) special.insert(one.id);
      added.push_back(std::move(one));
    }
    std::stable_sort(added.begin(), added.end(),
                     [](const AddedToken& a, const AddedToken& b) { return a.text.size() > b.text.size(); });

    for (const json& step : steps_of(file.value("post_processor", json()), "processors")) {
      const std::string type = type_of(step);
      if (type == "RobertaProcessing" || type == "BertProcessing") {
        before.push_back(id_of(step.at("cls").at(1)));
        after.push_back(id_of(step.at("sep").at(1)));
      } else if (type == "TemplateProcessing") {
        std::vector<int64_t>* side = &before;
        for (const json& piece : step.at("single")) {
          if (piece.contains("Sequence")) {
            side = &after;
            continue;
          }
          const std::string name = piece.at("SpecialToken").at("id").get<std::string>();
          for (const json& id : step.at("special_tokens").at(name).at("ids")) side->push_back(id_of(id));
        }
      } else if (type != "ByteLevel") {
        refuse(fmt::format("puts tokens around a text in a way that is not known here: {}", type));
      }
    }
    for (const auto* side : {&before, &after})
      for (const int64_t id : *side)
        if (!tokens.contains(id)) refuse(fmt::format("puts {} around a text, which is not the number of a token", id));
  });
}

}  // namespace tenon::data
