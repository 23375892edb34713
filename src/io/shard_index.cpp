#include "io/shard_index.h"

#include <set>

#include <fmt/format.h>

#include <tenon/value.h>

#include <nlohmann/json.hpp>

namespace tenon::io {
namespace {

using nlohmann::json;

constexpr uint64_t longest = 100'000'000;  // bytes, as of a safetensors header
constexpr int deepest = 64;                // levels, in what is passed over

/// {"metadata": …, "weight_map": {"name": "file", …}}, taken apart as it is read.
class Parser final : public nlohmann::json_sax<json> {
 public:
  explicit Parser(const Source& source) : source_(source) {}
  std::vector<std::pair<std::string, std::string>> shards;
  bool has_map = false;

  bool start_object(std::size_t) override {
    if (in_map()) wrong();
    if (++depth_ > deepest) source_.damaged("is nested too deeply");
    return true;
  }
  bool end_object() override {
    --depth_;
    return true;
  }
  bool start_array(std::size_t n) override { return other() && start_object(n); }
  bool end_array() override { return end_object(); }
  bool key(std::string& name) override {
    if (depth_ == 1) {
      if (name == "weight_map" && has_map) source_.damaged("has its weight_map twice");
      map_is_next_ = name == "weight_map";
      has_map = has_map || map_is_next_;
    } else if (in_map()) {
      if (!names_.insert(name).second) source_.damaged(fmt::format("names {} twice", Key(name).quoted()));
      name_ = std::move(name);
    }
    return true;
  }
  bool string(std::string& text) override {
    if (!in_map()) return other();
    if (text.empty() || text == "." || text == ".." || text.find('/') != text.npos || text.find('\0') != text.npos)
      source_.damaged(fmt::format("names {} as the file of {}, which is not the name of one beside it",
                                  Key(text).quoted(), Key(name_).quoted()));
    shards.emplace_back(std::move(name_), std::move(text));
    return true;
  }
  bool null() override { return other(); }
  bool boolean(bool) override { return other(); }
  bool number_integer(int64_t) override { return other(); }
  bool number_unsigned(uint64_t) override { return other(); }
  bool number_float(double, const std::string&) override { return other(); }
  bool binary(json::binary_t&) override { return other(); }
  bool parse_error(std::size_t at, const std::string&, const json::exception&) override {
    source_.damaged(fmt::format("begins as JSON, which it is not any more at byte {}", at));
  }

 private:
  bool in_map() const { return depth_ == 2 && map_is_next_; }
  bool other() const {
    if (in_map() || (depth_ == 1 && map_is_next_)) wrong();
    return true;
  }
  [[noreturn]] void wrong() const { source_.damaged("its weight_map is not one of names and files"); }

  const Source& source_;
  int depth_ = 0;
  bool map_is_next_ = false;
  std::string name_;
  std::set<std::string> names_;
};

}  // namespace

std::vector<std::pair<std::string, std::string>> read_shard_index(SeekableSource& source) {
  if (source.size() > longest) source.damaged(fmt::format("is JSON of more than {} bytes", longest));
  std::string text(static_cast<std::size_t>(source.size()), '\0');
  source.read(text.data(), text.size());
  if (text.find('\0') != text.npos) source.damaged("begins as JSON, which has no zeros in it");
  Parser parser(source);
  json::sax_parse(text, &parser);
  if (!parser.has_map)
    source.damaged("is JSON, but not the index of a checkpoint in several files: it has no weight_map");
  return std::move(parser.shards);
}

}  // namespace tenon::io
