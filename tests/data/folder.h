#pragma once
// What the tests of datasets share.
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "io/files.h"

namespace tenon::test {

/// A test with a folder of made-up files.
class FolderTest : public testing::Test {
 protected:
  const std::filesystem::path& folder() const { return folder_.path(); }
  /// Makes the folders on the way, too.
  std::filesystem::path write(const std::filesystem::path& name, std::string_view bytes) const {
    const std::filesystem::path file = folder() / name;
    std::filesystem::create_directories(file.parent_path());
    write_file(file.string(), std::string(bytes));
    return file;
  }

 private:
  Folder folder_;
};

/// What pairs of hexadecimal digits say.
inline std::string bytes_of_digits(std::string_view digits) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
    bytes += static_cast<char>(std::stoi(std::string(digits.substr(i, 2)), nullptr, 16));
  return bytes;
}

inline std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace tenon::test
