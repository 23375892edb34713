#pragma once
// What the commands write, and how it looks.
#include <cstdint>
#include <exception>
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace tenon::tool {

enum class Paint { bold = 1, dim = 2, red = 31, green = 32, yellow = 33 };

/// Text for standard output, written all at once. A reader that has gone away (a closed pipe) is no error.
class Output {
 public:
  explicit Output(std::string_view color);  ///< "auto": on a terminal, unless NO_COLOR is set
  template <class... A>
  void line(fmt::format_string<A...> format, A&&... arguments) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<A>(arguments)...);
    text_ += '\n';
  }
  std::string paint(Paint paint, std::string_view text) const;
  void write() const;
  /// How wide a terminal is that is written to; 0 where there is none.
  std::size_t columns() const;

 private:
  bool color_;
  std::string text_;
};

/// "tenon: what went wrong" on standard error.
void report(const std::exception& error);

/// A text out of a file as it can be shown on a terminal: what would steer it is written as \x1b.
std::string printable(std::string_view text, bool keep_lines = false);
/// How many places a text takes, near enough: its code points.
std::size_t width(std::string_view text);
/// The text, or as much of its begin, or of its end, as fits into so many places, with … for the rest.
std::string begin_of(std::string_view text, std::size_t places);
std::string end_of(std::string_view text, std::size_t places);
/// The text, padded to so many places.
std::string padded(std::string text, std::size_t places);
std::string size_text(uint64_t bytes);  ///< 472 MB
std::string count_text(uint64_t n);     ///< 1,234,567
/// "1 tensor", "2 tensors", "2 entries".
std::string counted(uint64_t n, std::string_view one, std::string_view many);

}  // namespace tenon::tool
