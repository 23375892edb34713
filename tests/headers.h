#pragma once
// The public headers as text, and the libraries as nm sees them.
#include <cctype>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <regex>
#include <string>
#include <vector>

namespace tenon::test {

/// Without comments, texts and lines of the preprocessor.
inline std::string bare(const std::string& text) {
  std::string out;
  bool line_begins = true;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto to_end_of_line = [&] {
      while (i < text.size() && (text[i] != '\n' || text[i - 1] == '\\')) ++i;
    };
    if (text.compare(i, 2, "//") == 0 || (line_begins && text[i] == '#')) to_end_of_line();
    if (text.compare(i, 2, "/*") == 0) i = text.find("*/", i) + 2;
    if (text[i] == '"')
      for (++i; text[i] != '"'; ++i) i += text[i] == '\\';
    if (text[i] == '\n') line_begins = true;
    else if (text[i] != ' ') line_begins = false;
    out += text[i] == '"' ? ' ' : text[i];
  }
  return out;
}

/// A file with the parts (.inc) that it includes in its place.
inline std::string whole_text(const std::filesystem::path& file) {
  static const std::regex part(R"re(#include <(.*\.inc)>)re");
  std::string text, line;
  for (std::ifstream lines(file); std::getline(lines, line); text += '\n') {
    std::smatch found;
    const bool is_part = std::regex_match(line, found, part);
    text += is_part ? whole_text(std::filesystem::path(TENON_INCLUDE_DIR) / found[1].str()) : line;
  }
  return text;
}

/// The name of the function that `text` declares, calls or is the signature of: what stands before its parameters.
inline std::string function_name(const std::string& text) {
  std::smatch found;
  static const std::regex an_operator(R"re((?:[\w:]*::)?operator\s*(?:\(\)|[^\w\s(]+|\s[^(]+)(?=\s*\())re");
  if (std::regex_search(text, found, an_operator)) return std::regex_replace(found.str(), std::regex(R"re(\s+)re"), "");
  int angles = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    angles += (text[i] == '<') - (text[i] == '>');
    if (text[i] != '(' || angles != 0) continue;
    std::size_t end = i;
    while (end > 0 && std::isspace(static_cast<unsigned char>(text[end - 1]))) --end;
    std::size_t begin = end;
    while (begin > 0 &&
           (std::isalnum(static_cast<unsigned char>(text[begin - 1])) || std::strchr("_~:", text[begin - 1])))
      --begin;
    return text.substr(begin, end - begin);
  }
  return {};
}

/// Every file below `folder` whose name ends so, but for what this build does without.
inline std::vector<std::filesystem::path> files_in(const std::filesystem::path& folder, const char* extension) {
  std::vector<std::filesystem::path> all;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (const std::string name = entry.path().generic_string();
        entry.path().extension() == extension && (*TENON_LEFT_OUT == 0 || name.find(TENON_LEFT_OUT) == name.npos))
      all.push_back(entry.path());
  return all;
}

struct Symbol {
  char kind;  ///< nm's letter: T is a function that no header defines
  std::string text;
};

/// What `nm --demangle` and these options say of the libraries.
inline std::vector<Symbol> symbols(const std::string& options) {
  std::vector<Symbol> all;
  FILE* const nm = popen(("nm --demangle --defined-only " + options + " " TENON_LIBRARIES).c_str(), "r");
  std::string line;
  for (int c = 0; nm && (c = std::fgetc(nm)) != EOF;) {
    if (c != '\n') {
      line += static_cast<char>(c);
      continue;
    }
    static const std::regex form(R"re([0-9a-f]+ (\w) (.*))re"), abi(R"re(\[abi:\w+\])re");
    if (std::smatch found; std::regex_match(line, found, form))
      all.push_back({found.str(1)[0], std::regex_replace(found.str(2), abi, "")});
    line.clear();
  }
  if (nm) pclose(nm);
  return all;
}

}  // namespace tenon::test
