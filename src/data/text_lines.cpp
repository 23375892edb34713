#include <tenon/data/text_lines.h>

#include <cstring>
#include <vector>

#include <tenon/error.h>

#include "io/mapped_file.h"
#include "io/named_errors.h"

namespace tenon::data {
namespace {

constexpr const char* operation = "TextLines";

}  // namespace

struct TextLines::Contents {
  io::MappedFile file;
  std::string_view text = file.text();
  std::vector<std::size_t> begins;  ///< of each line, and of one more behind the last

  explicit Contents(const std::filesystem::path& path) : file(operation, path) {
    std::size_t at = 0;
    while (at < text.size()) {
      begins.push_back(at);
      const void* const end = std::memchr(text.data() + at, '\n', text.size() - at);
      at = end ? static_cast<std::size_t>(static_cast<const char*>(end) - text.data()) + 1 : text.size();
    }
    begins.push_back(at);
  }
};

TextLines::TextLines(const std::filesystem::path& file)
    : contents_(
          io::with_named_errors(operation, file.string(), [&] { return std::make_shared<const Contents>(file); })) {}

int64_t TextLines::size() const { return static_cast<int64_t>(contents_->begins.size()) - 1; }

std::string_view TextLines::line(int64_t index) const {
  if (index < 0 || index >= size()) fail(operation, "expected an index from 0 to {}, got {}", size() - 1, index);
  const auto i = static_cast<std::size_t>(index);
  std::string_view line = contents_->text.substr(contents_->begins[i], contents_->begins[i + 1] - contents_->begins[i]);
  if (!line.ends_with('\n')) return line;
  line.remove_suffix(line.ends_with("\r\n") ? 2 : 1);
  return line;
}

}  // namespace tenon::data
