#pragma once
// The lines of a text file, by their numbers.
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#pragma GCC visibility push(default)

namespace tenon::data {

/// Items are lines, without their ends: "\n", or "\r\n"; the last one needs none. Of each line its place is kept
/// (8 bytes), and the file's bytes once, or only mapped where there are more than 16 MiB of them: such a file must not
/// be written into while it is used. Copies share it, threads may read at once. An error that names the file where it
/// cannot be read.
class TextLines {
 public:
  explicit TextLines(const std::filesystem::path& file);

  int64_t size() const;
  std::string get(int64_t index) const { return std::string(line(index)); }
  /// The same in the file's own memory; it lives as long as this object or a copy of it.
  std::string_view line(int64_t index) const;

 private:
  struct Contents;
  std::shared_ptr<const Contents> contents_;
};

}  // namespace tenon::data

#pragma GCC visibility pop
