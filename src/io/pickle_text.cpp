#include "io/pickle_text.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <vector>

namespace tenon::io {
namespace {

void append_utf8(std::string& out, uint32_t c) {
  const auto tail = [&](int shift) { out += static_cast<char>(0x80 | ((c >> shift) & 0x3F)); };
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | (c >> 6));
    tail(0);
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | (c >> 12));
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xF0 | (c >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

/// The hexadecimal number at the front of `text`, of exactly that many digits.
std::optional<uint32_t> hexadecimal(std::string_view text, std::size_t digits) {
  uint32_t value = 0;
  if (text.size() < digits) return {};
  const auto [end, error] = std::from_chars(text.data(), text.data() + digits, value, 16);
  if (error != std::errc() || end != text.data() + digits) return {};
  return value;
}

}  // namespace

std::optional<std::string> unescaped_string(std::string_view literal) {
  while (!literal.empty() && (literal.back() == '\r' || literal.back() == ' ')) literal.remove_suffix(1);
  if (literal.size() < 2 || literal.front() != literal.back() || (literal.front() != '\'' && literal.front() != '"'))
    return {};
  literal = literal.substr(1, literal.size() - 2);
  std::string out;
  for (std::size_t i = 0; i < literal.size(); ++i) {
    if (literal[i] != '\\') {
      out += literal[i];
      continue;
    }
    if (++i == literal.size()) return {};
    constexpr std::string_view letters = "\\'\"abfnrtv", meanings = "\\'\"\a\b\f\n\r\t\v";
    if (const auto known = letters.find(literal[i]); known != letters.npos) {
      out += meanings[known];
    } else if (literal[i] == 'x') {
      const auto code = hexadecimal(literal.substr(i + 1), 2);
      if (!code) return {};
      out += static_cast<char>(*code);
      i += 2;
    } else {
      (out += '\\') += literal[i];
    }
  }
  return out;
}

std::optional<std::string> unescaped_unicode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char next = text[i] == '\\' && i + 1 < text.size() ? text[i + 1] : '\0';
    if (next != 'u' && next != 'U') {
      append_utf8(out, static_cast<unsigned char>(text[i]));
      continue;
    }
    const std::size_t digits = next == 'u' ? 4 : 8;
    const auto code = hexadecimal(text.substr(i + 2), digits);
    if (!code || *code > 0x10FFFF) return {};
    append_utf8(out, *code);
    i += 1 + digits;
  }
  return out;
}

std::optional<std::string> integer_bytes(std::string_view decimal) {
  const bool negative = decimal.starts_with('-');
  if (negative) decimal.remove_prefix(1);
  if (decimal.empty()) return {};
  constexpr std::size_t at_once = 9;  // digits that 32 bits hold
  std::vector<uint32_t> words;        // lowest first
  for (std::size_t i = 0; i < decimal.size();) {
    uint64_t carry = 0, scale = 1;
    for (const std::size_t end = std::min(decimal.size(), i + at_once); i < end; ++i) {
      if (decimal[i] < '0' || decimal[i] > '9') return {};
      carry = carry * 10 + static_cast<uint64_t>(decimal[i] - '0');
      scale *= 10;
    }
    for (uint32_t& w : words) {
      carry += w * scale;
      w = static_cast<uint32_t>(carry);
      carry >>= 32;
    }
    if (carry) words.push_back(static_cast<uint32_t>(carry));
  }
  words.push_back(0);  // room for the sign
  if (negative) {
    uint64_t carry = 1;
    for (uint32_t& w : words) {
      carry += static_cast<uint32_t>(~w);
      w = static_cast<uint32_t>(carry);
      carry >>= 32;
    }
  }
  std::string bytes;
  for (const uint32_t w : words)
    for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(w >> shift);
  return bytes;
}

std::optional<std::string> latin1_from_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x80) {
      out += text[i];
    } else if ((c == 0xC2 || c == 0xC3) && i + 1 < text.size() &&
               (static_cast<unsigned char>(text[i + 1]) & 0xC0) == 0x80) {
      out += static_cast<char>(((c & 3) << 6) | (static_cast<unsigned char>(text[++i]) & 0x3F));
    } else {
      return {};
    }
  }
  return out;
}

std::string utf8_from_latin1(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  for (const char c : bytes) append_utf8(out, static_cast<unsigned char>(c));
  return out;
}

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto c = static_cast<unsigned char>(text[i]);
    const std::size_t n = c < 0x80                ? 1
                          : c >= 0xC2 && c < 0xE0 ? 2
                          : c >= 0xE0 && c < 0xF0 ? 3
                          : c >= 0xF0 && c < 0xF5 ? 4
                                                  : 0;
    if (n == 0 || n > text.size() - i) return false;
    for (std::size_t k = 1; k < n; ++k)
      if ((static_cast<unsigned char>(text[i + k]) & 0xC0) != 0x80) return false;
    const auto second = n > 1 ? static_cast<unsigned char>(text[i + 1]) : 0;
    if ((c == 0xE0 && second < 0xA0) || (c == 0xF0 && second < 0x90) || (c == 0xF4 && second > 0x8F)) return false;
    i += n;
  }
  return true;
}

}  // namespace tenon::io
