#include <tenon/data/byte_pair_tokenizer.h>

#include <algorithm>
#include <queue>
#include <stdexcept>

#include <tenon/error.h>

#include "data/tokens/rules.h"
#include "io/mapped_file.h"
#include "io/named_errors.h"

namespace tenon::data {
namespace {

constexpr const char* operation = "BytePairTokenizer";
constexpr std::size_t longest_file = 200'000'000;  // bytes

/// What f makes of a file's text; its errors get the file's name.
template <class F>
void read(const std::filesystem::path& file, F f) {
  io::with_named_errors(operation, file.string(), [&] {
    const io::MappedFile mapped(operation, file);
    if (mapped.text().size() > longest_file) fail(operation, "{}: is larger than any tokenizer", file.string());
    try {
      f(std::string(mapped.text()));
    } catch (const std::invalid_argument& e) {
      fail(operation, "{}: {}", file.string(), e.what());
    }
  });
}

}  // namespace

void BytePairTokenizer::Rules::encode_word(std::string_view word, std::vector<int64_t>& to) const {
  if (ignore_merges)
    if (const auto whole = ids.find(std::string(word)); whole != ids.end()) return to.push_back(whole->second);
  // A chain of tokens; the pair that joins first is at the top of the queue. What has been joined stays in the queue,
  // and is known by that its tokens are others now.
  struct Link {
    int64_t id;
    std::size_t before, behind;
  };
  struct Pair {
    int64_t rank;
    std::size_t at;
    int64_t left, right;
    bool operator<(const Pair& other) const { return std::tie(rank, at) > std::tie(other.rank, other.at); }
  };
  constexpr std::size_t none = static_cast<std::size_t>(-1);
  constexpr int64_t gone = -1;
  std::vector<Link> chain;
  chain.reserve(word.size());
  for (std::size_t i = 0; i < word.size(); ++i) {
    const auto token = ids.find(std::string(word.substr(i, 1)));
    if (token == ids.end()) fail(operation, "there is no token for byte 0x{:02x}", static_cast<unsigned char>(word[i]));
    chain.push_back({token->second, i - 1, i + 1 < word.size() ? i + 1 : none});
  }
  std::priority_queue<Pair> queue;
  const auto offer = [&](std::size_t at) {
    if (at == none || chain[at].behind == none) return;
    const int64_t left = chain[at].id, right = chain[chain[at].behind].id;
    if (const auto m = merges.find(pair(left, right)); m != merges.end()) queue.push({m->second.rank, at, left, right});
  };
  for (std::size_t i = 0; i < chain.size(); ++i) offer(i);
  while (!queue.empty()) {
    const Pair top = queue.top();
    queue.pop();
    Link& left = chain[top.at];
    if (left.id != top.left || left.behind == none || chain[left.behind].id != top.right) continue;
    Link& right = chain[left.behind];
    left.id = merges.at(pair(top.left, top.right)).joined;
    right.id = gone;
    left.behind = right.behind;
    if (left.behind != none) chain[left.behind].before = top.at;
    offer(left.before);
    offer(top.at);
  }
  for (const Link& link : chain)
    if (link.id != gone) to.push_back(link.id);
}

void BytePairTokenizer::Rules::encode_plain(std::string_view text, std::vector<int64_t>& to) const {
  if (text.empty()) return;
  std::string with_space;
  if (add_prefix_space && text.front() != ' ') text = with_space = ' ' + std::string(text);
  std::vector<std::string_view> words{text};
  for (const Cut& cut : cuts) {
    std::vector<std::string_view> smaller;
    for (const std::string_view word : words)
      cut.pattern.cut(word, [&](std::string_view part, bool match) {
        if (match || cut.keeps_gaps) smaller.push_back(part);
      });
    words = std::move(smaller);
  }
  for (const std::string_view word : words) encode_word(word, to);
}

void BytePairTokenizer::Rules::encode(std::string_view text, std::vector<int64_t>& to) const {
  std::string firsts;
  for (const AddedToken& token : added) firsts += token.text.front();
  std::size_t done = 0;
  for (std::size_t at = 0; !firsts.empty() && (at = text.find_first_of(firsts, at)) != text.npos;) {
    const auto found = std::find_if(added.begin(), added.end(), [&](const AddedToken& token) {
      return text.substr(at, token.text.size()) == token.text;
    });
    if (found == added.end()) {
      ++at;
      continue;
    }
    encode_plain(text.substr(done, at - done), to);
    to.push_back(found->id);
    done = at += found->text.size();
  }
  encode_plain(text.substr(done), to);
}

BytePairTokenizer::BytePairTokenizer(std::shared_ptr<const Rules> rules) : rules_(std::move(rules)) {}

BytePairTokenizer BytePairTokenizer::from_files(const std::filesystem::path& vocab,
                                                const std::filesystem::path& merges) {
  auto rules = std::make_shared<Rules>();
  read(vocab, [&](const std::string& text) { rules->read_vocab(text); });
  read(merges, [&](const std::string& text) { rules->read_merges(text); });
  rules->cuts.push_back({Pattern(gpt2_words), true});
  if (const auto end = rules->ids.find("<|endoftext|>"); end != rules->ids.end()) {
    rules->added.push_back({end->second, end->first});
    rules->special.insert(end->second);
  }
  return BytePairTokenizer(std::move(rules));
}

BytePairTokenizer BytePairTokenizer::from_file(const std::filesystem::path& tokenizer) {
  auto rules = std::make_shared<Rules>();
  read(tokenizer, [&](const std::string& text) { rules->read_tokenizer(text); });
  return BytePairTokenizer(std::move(rules));
}

BytePairTokenizer BytePairTokenizer::from_str(const std::string& json) {
  auto rules = std::make_shared<Rules>();
  try {
    rules->read_tokenizer(json);
  } catch (const std::invalid_argument& e) {
    fail(operation, "it {}", e.what());
  }
  return BytePairTokenizer(std::move(rules));
}

std::vector<int64_t> BytePairTokenizer::encode(std::string_view text, bool add_special_tokens) const {
  std::vector<int64_t> tokens;
  if (add_special_tokens) tokens = rules_->before;
  rules_->encode(text, tokens);
  if (add_special_tokens) tokens.insert(tokens.end(), rules_->after.begin(), rules_->after.end());
  return tokens;
}

std::string BytePairTokenizer::decode(const std::vector<int64_t>& tokens, bool skip_special_tokens) const {
  std::string text;
  for (const int64_t id : tokens)
    if (!skip_special_tokens || !rules_->special.contains(id)) text += id_to_token(id);
  return text;
}

int64_t BytePairTokenizer::vocab_size() const { return static_cast<int64_t>(rules_->tokens.size()); }

std::optional<int64_t> BytePairTokenizer::token_to_id(std::string_view token) const {
  for (const AddedToken& one : rules_->added)
    if (one.text == token) return one.id;
  const auto found = rules_->ids.find(std::string(token));
  return found == rules_->ids.end() ? std::nullopt : std::optional(found->second);
}

std::string BytePairTokenizer::id_to_token(int64_t id) const {
  const auto found = rules_->tokens.find(id);
  if (found == rules_->tokens.end())
    fail(operation, "{} is not the number of a token: there are {}", id, rules_->tokens.size());
  return found->second;
}

}  // namespace tenon::data
