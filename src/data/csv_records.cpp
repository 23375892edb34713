#include "data/csv_records.h"

#include <algorithm>

namespace tenon::data {

CsvRecords::CsvRecords(std::string name, std::string_view text, char separator)
    : name_(std::move(name)), text_(text), separator_(separator) {
  if (separator == '"' || separator == '\n' || separator == '\r')
    fail("CsvTable", "expected a separator other than quotes and line ends");
  if (text_.starts_with("\xef\xbb\xbf")) at_ = 3;  // a mark that some programs put before UTF-8
}

bool CsvRecords::take_line_end() {
  if (text_.substr(at_, 2) == "\r\n") ++at_;
  else if (text_.substr(at_, 1) != "\n") return false;
  ++at_;
  ++line_;
  return true;
}

bool CsvRecords::next(std::vector<std::string>& fields) {
  while (take_line_end()) {
  }
  if (at_ == text_.size()) return false;
  record_line_ = line_;
  fields.clear();
  while (true) {
    fields.push_back(text_.substr(at_, 1) == "\"" ? quoted_field() : field());
    if (at_ == text_.size() || take_line_end()) return true;
    ++at_;  // the separator
  }
}

std::string CsvRecords::field() {
  std::size_t end = std::min(text_.find_first_of(std::string{separator_, '\n'}, at_), text_.size());
  if (end < text_.size() && text_[end] == '\n' && end > at_ && text_[end - 1] == '\r') --end;
  std::string field(text_.substr(at_, end - at_));
  at_ = end;
  return field;
}

std::string CsvRecords::quoted_field() {
  const int64_t begin = line_;
  std::string field;
  while (true) {
    const std::size_t end = text_.find('"', ++at_);
    if (end == text_.npos) wrong_at(begin, "the quotes that begin here do not end");
    const std::string_view part = text_.substr(at_, end - at_);
    field += part;
    line_ += std::count(part.begin(), part.end(), '\n');
    at_ = end + 1;
    if (text_.substr(at_, 1) != "\"") break;
    field += '"';
  }
  const std::string_view behind = text_.substr(at_, 2);
  if (!behind.empty() && behind[0] != separator_ && behind[0] != '\n' && behind != "\r\n")
    wrong_at(line_, fmt::format("expected a separator behind the quotes, found {}", shown(behind.substr(0, 1))));
  return field;
}

std::string shown(std::string_view text) {
  constexpr std::size_t most = 40;
  std::string out(text.substr(0, most));
  for (char& c : out)
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = '?';
  return "\"" + out + (text.size() > most ? "…\"" : "\"");
}

}  // namespace tenon::data
