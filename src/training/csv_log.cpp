#include <tenon/training/csv_log.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include <fmt/format.h>

#include <tenon/error.h>

namespace tenon::training {
namespace {

/// A field as RFC 4180 has it.
std::string quoted(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string field = "\"";
  for (const char c : text) {
    if (c == '"') field += '"';
    field += c;
  }
  return field + '"';
}

std::string header_of(const std::vector<std::string>& columns) {
  std::string line;
  for (const std::string& column : columns) line += (line.empty() ? "" : ",") + quoted(column);
  return line;
}

}  // namespace

CsvLog::CsvLog(const std::filesystem::path& file, bool append) : name_(file.string()) {
  file_.reset(std::fopen(name_.c_str(), append ? "a" : "w"));
  if (!file_) fail("CsvLog", "{} cannot be written: {}", name_, std::strerror(errno));
}

void CsvLog::write(const std::vector<std::pair<std::string, double>>& row) {
  std::vector<std::string> columns;
  std::string line;
  for (const auto& [column, value] : row) {
    line += fmt::format("{}{}", columns.empty() ? "" : ",", value);
    columns.push_back(column);
  }
  if (columns_.empty()) {
    std::string there;
    std::getline(std::ifstream(name_) >> std::ws, there);
    if (there.empty()) line.insert(0, header_of(columns) + "\n");
    else if (there != header_of(columns))
      fail("CsvLog", "{} has the columns {}, and not {}", name_, there, header_of(columns));
    columns_ = columns;
  } else if (columns != columns_) {
    fail("CsvLog", "expected the columns {}, got {}", header_of(columns_), header_of(columns));
  }
  line += '\n';
  if (std::fwrite(line.data(), 1, line.size(), file_.get()) != line.size() || std::fflush(file_.get()) != 0)
    fail("CsvLog", "{} cannot be written: {}", name_, std::strerror(errno));
}

}  // namespace tenon::training
