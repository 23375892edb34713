#pragma once
// What the tests of files share.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "tests_folder.h"

namespace tenon::test {

/// A folder of its own for a test, which goes with it.
class Folder {
 public:
  Folder() {
    std::string pattern = std::filesystem::temp_directory_path() / "tenon-test-XXXXXX";
    if (!::mkdtemp(pattern.data())) throw std::runtime_error("there is no folder to write to");
    path_ = pattern;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string operator()(const std::string& name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }
  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(path_), {}));
  }

 private:
  std::filesystem::path path_;
};

inline std::string read_file(const std::string& name) {
  std::ifstream file(name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void write_file(const std::string& name, const std::string& bytes) {
  std::ofstream(name, std::ios::binary) << bytes;
}

inline bool has(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

/// A file of tests/io/data.
inline std::string data(const std::string& name) { return test::tests_folder() + "/io/data/" + name; }
/// One that PyTorch or NumPy wrote and that is no plain checkpoint.
inline std::string foreign(const std::string& name) { return data("foreign/" + name); }

inline std::span<const std::byte> bytes_of(std::string_view s) { return std::as_bytes(std::span(s.data(), s.size())); }

}  // namespace tenon::test
