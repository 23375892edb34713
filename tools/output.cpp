#include "output.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include <tenon/error.h>

namespace tenon::tool {
namespace {

bool wants_color(std::string_view choice) {
  if (choice != "auto") return choice == "always";
  const char *const no_color = std::getenv("NO_COLOR"), *const terminal = std::getenv("TERM");
  return (!no_color || *no_color == '\0') && (!terminal || std::string_view(terminal) != "dumb") &&
         ::isatty(STDOUT_FILENO) == 1;
}

/// How many bytes of UTF-8 begin here; 0 where none do.
std::size_t sequence(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::size_t n = byte(0) < 0x80   ? 1
                        : byte(0) < 0xC2 ? 0
                        : byte(0) < 0xE0 ? 2
                        : byte(0) < 0xF0 ? 3
                        : byte(0) < 0xF5 ? 4
                                         : 0;
  if (n > text.size()) return 0;
  for (std::size_t i = 1; i < n; ++i)
    if ((byte(i) & 0xC0) != 0x80) return 0;
  return n;
}

}  // namespace

Output::Output(std::string_view color) : color_(wants_color(color)) {}

std::string Output::paint(Paint paint, std::string_view text) const {
  return color_ ? fmt::format("\x1b[{}m{}\x1b[0m", static_cast<int>(paint), text) : std::string(text);
}

void Output::write() const {
  const bool written = std::fwrite(text_.data(), 1, text_.size(), stdout) == text_.size() && std::fflush(stdout) == 0;
  if (!written && errno != EPIPE) throw std::runtime_error(fmt::format("standard output: {}", std::strerror(errno)));
}

std::size_t Output::columns() const {
  winsize size{};
  return ::isatty(STDOUT_FILENO) == 1 && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

void report(const std::exception& error) {
  std::string_view text = error.what();
  // The operation in brackets is for programmers.
  if (const auto* e = dynamic_cast<const Error*>(&error))
    text.remove_prefix(std::min(text.size(), e->operation().size() + 3));
  const std::string line = "tenon: " + printable(text, true) + "\n";
  std::fwrite(line.data(), 1, line.size(), stderr);
}

std::string printable(std::string_view text, bool keep_lines) {
  std::string out;
  while (!text.empty()) {
    const std::size_t n = sequence(text);
    const auto first = static_cast<unsigned char>(text[0]);
    const bool line = keep_lines && first == '\n';
    const bool steers = n == 0 || (n == 1 && (first < 0x20 || first == 0x7F)) ||
                        (n == 2 && first == 0xC2 && static_cast<unsigned char>(text[1]) < 0xA0);
    const std::string_view part = text.substr(0, std::max<std::size_t>(n, 1));
    if (!steers || line) out += part;
    else
      for (const char c : part) out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    text.remove_prefix(part.size());
  }
  return out;
}

std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

namespace {

/// Where the n-th code point begins.
std::size_t place_of(std::string_view text, std::size_t n) {
  std::size_t at = 0;
  for (; at < text.size(); ++at)
    if ((static_cast<unsigned char>(text[at]) & 0xC0) != 0x80 && n-- == 0) break;
  return at;
}

}  // namespace

std::string begin_of(std::string_view text, std::size_t places) {
  if (width(text) <= places) return std::string(text);
  return places == 0 ? "" : std::string(text.substr(0, place_of(text, places - 1))) + "…";
}
std::string end_of(std::string_view text, std::size_t places) {
  const std::size_t n = width(text);
  if (n <= places) return std::string(text);
  return places == 0 ? "" : "…" + std::string(text.substr(place_of(text, n - places + 1)));
}

std::string padded(std::string text, std::size_t places) {
  text.resize(text.size() + std::max(places, width(text)) - width(text), ' ');
  return text;
}

std::string size_text(uint64_t bytes) {
  constexpr std::array units{"B", "kB", "MB", "GB", "TB", "PB", "EB"};
  double n = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; n >= 999.5; ++unit) n /= 1000;
  return unit == 0 ? fmt::format("{} B", bytes)
                   : fmt::format("{:.{}f} {}", n,
                                 n < 9.995   ? 2
                                 : n < 99.95 ? 1
                                             : 0,
                                 units[unit]);
}

std::string count_text(uint64_t n) {
  std::string text = std::to_string(n);
  for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, ",");
  return text;
}

std::string counted(uint64_t n, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count_text(n), n == 1 ? one : many);
}

}  // namespace tenon::tool
