#pragma once
// The texts of pickle's oldest protocol, which writes everything in ASCII.
#include <optional>
#include <string>
#include <string_view>

namespace tenon::io {

/// What a Python string literal in quotes says; nothing where it is none.
std::optional<std::string> unescaped_string(std::string_view literal);
/// Python's raw-unicode-escape (\uXXXX and \UXXXXXXXX, else Latin-1) as UTF-8; nothing where an escape is cut short.
std::optional<std::string> unescaped_unicode(std::string_view text);
/// A decimal integer in two's complement, the lowest byte first; nothing where it is none.
std::optional<std::string> integer_bytes(std::string_view decimal);

/// UTF-8 as Latin-1, as pickles of protocol 2 spell bytes; nothing where a letter is beyond it, or the text is not
/// UTF-8.
std::optional<std::string> latin1_from_utf8(std::string_view text);
std::string utf8_from_latin1(std::string_view bytes);
/// Whether it is UTF-8 as Python writes it: surrogates by themselves are let through.
bool is_utf8(std::string_view text);

}  // namespace tenon::io
