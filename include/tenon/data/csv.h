#pragma once
// Tables in text files.
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tenon/tensor.h>

#pragma GCC visibility push(default)

namespace tenon::data {

/// What a column holds: numbers; text; or names of kinds, which become numbers.
enum class CsvType : uint8_t { float32, int64, text, category };

struct CsvOptions {
  bool header = true;  ///< the first record has the columns' names; without, they are "0", "1", …
  char separator = ',';
  CsvType type = CsvType::float32;            ///< of all columns but these
  std::map<std::string, CsvType> types = {};  ///< by their names
  std::vector<std::string> columns = {};      ///< those that are read; none named: all
  std::vector<std::string> missing = {"",    "NA",   "N/A", "NaN",
                                      "nan", "NULL", "null"};  ///< stands where nothing is known
  std::optional<int64_t> missing_int64 = {};  ///< its number in an int64 column; without, it is an error there
};

/// A file of records, a line each, of fields with commas between, read into memory; RFC 4180: fields may stand in
/// quotes, then have separators, line ends, and quotes doubled in them. Lines end with "\n" or "\r\n", empty ones count
/// for nothing. An error names file, line and column. What is missing is NaN in a float32 column, −1 in a category;
/// text stays as it is.
///
/// Its columns make a dataset: `TensorDataset(table.stack({"height", "weight"}), table.column("kind"))`.
class CsvTable {
 public:
  explicit CsvTable(const std::filesystem::path& file, const CsvOptions& options = {});
  static CsvTable from_str(std::string_view text, const CsvOptions& options = {});

  int64_t size() const;                             ///< records
  const std::vector<std::string>& columns() const;  ///< names, in the file's order
  /// A column of numbers: float32 (n), int64 (n); of a category int64 (n).
  const Tensor& column(const std::string& name) const;
  /// Columns of numbers side by side, float32 (n, columns); none named: all of them.
  Tensor stack(const std::vector<std::string>& names = {}) const;
  /// A column of text.
  const std::vector<std::string>& text(const std::string& name) const;
  /// What a category's numbers mean: its names, sorted.
  const std::vector<std::string>& categories(const std::string& name) const;

 private:
  struct Contents;
  explicit CsvTable(std::shared_ptr<const Contents> contents);
  std::shared_ptr<const Contents> contents_;
};

}  // namespace tenon::data

#pragma GCC visibility pop
