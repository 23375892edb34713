#pragma once
// Text to learn from: fortune cookies, by default, which Debian's package fortunes brings.
#include <fstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "support/options.h"

namespace support {

struct TextSettings : Settings {
  std::vector<std::string> text;
  TextSettings() {
    for (const char* name : {"computers", "science", "literature", "wisdom"})
      text.push_back(std::string("/usr/share/games/fortunes/") + name);
  }
};

inline void add_settings(CLI::App& app, TextSettings& s) {
  add_settings(app, static_cast<Settings&>(s));
  app.add_option("--text", s.text, "Files of text to learn from (these: apt-get install fortunes)");
}

/// Files of texts that are parted by lines of "%".
inline std::vector<std::string> read_texts(const std::vector<std::string>& files) {
  std::vector<std::string> texts;
  for (const std::string& file : files) {
    std::ifstream in(file);
    std::string text;
    for (std::string line; std::getline(in, line);) {
      if (line != "%") text += line + "\n";
      if ((line == "%" || in.peek() == EOF) && !text.empty()) texts.push_back(std::exchange(text, {}));
    }
    if (!in.eof())
      throw std::runtime_error(fmt::format("{} cannot be read: apt-get install fortunes, or --text FILE", file));
  }
  return texts;
}

/// The characters of a text (bytes, that is), numbered in the order in which they first come up.
class Characters {
 public:
  int64_t size() const { return static_cast<int64_t>(characters_.size()); }
  char operator[](int64_t number) const { return characters_.at(static_cast<std::size_t>(number)); }
  int64_t number(char c) {
    int64_t& known = numbers_.at(static_cast<unsigned char>(c));
    if (known < 0) {
      known = size();
      characters_ += c;
    }
    return known;
  }

 private:
  std::string characters_;
  std::vector<int64_t> numbers_ = std::vector<int64_t>(256, -1);
};

}  // namespace support
