#pragma once
// Numbers of a training as a table.
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#pragma GCC visibility push(default)

namespace tenon::training {

/// A file of comma-separated values, a row at a time: `log.write({{"epoch", 3}, {"loss", 0.25}})`. The first row says
/// what the columns are. Each row is on its way to the disk when write() returns. Where a file is gone on with
/// (`append`), it must have the same columns.
class CsvLog {
 public:
  explicit CsvLog(const std::filesystem::path& file, bool append = false);
  /// An error for other columns than the first row's, or where the disk is full: what was written stays.
  void write(const std::vector<std::pair<std::string, double>>& row);

 private:
  struct Close {
    void operator()(std::FILE* f) const { std::fclose(f); }
  };
  std::string name_;
  std::unique_ptr<std::FILE, Close> file_;
  std::vector<std::string> columns_;
};

}  // namespace tenon::training

#pragma GCC visibility pop
