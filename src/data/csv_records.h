#pragma once
// Records and fields of a CSV file.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tenon/error.h>

namespace tenon::data {

/// Reads one record after the other. Source: RFC 4180.
class CsvRecords {
 public:
  /// `name` stands in errors. The text must live on.
  CsvRecords(std::string name, std::string_view text, char separator);

  /// The next record's fields; empty lines are passed over. False at the end.
  bool next(std::vector<std::string>& fields);
  int64_t line() const { return record_line_; }  ///< where that record begins, from 1
  /// An error at that line.
  [[noreturn]] void wrong(std::string_view what) const { wrong_at(record_line_, what); }

 private:
  std::string field();
  std::string quoted_field();
  bool take_line_end();
  [[noreturn]] void wrong_at(int64_t line, std::string_view what) const {
    fail("CsvTable", "{}:{}: {}", name_, line, what);
  }

  std::string name_;
  std::string_view text_;
  char separator_;
  std::size_t at_ = 0;
  int64_t line_ = 1, record_line_ = 1;
};

/// Its beginning in quotes, fit to be shown.
std::string shown(std::string_view text);

}  // namespace tenon::data
