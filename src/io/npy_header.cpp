#include "io/npy_header.h"

#include <array>
#include <bit>
#include <optional>

#include <fmt/format.h>

namespace tenon::io {
namespace {

constexpr std::string_view magic = "\x93NUMPY";
constexpr std::size_t most_header = 1 << 16;  // NumPy itself stops at 10,000
constexpr std::size_t most_dims = 64;         // NumPy's own limit
constexpr std::size_t alignment = 64;

struct Name {
  std::string_view numpy;
  DType dtype;
};
constexpr std::array<Name, 14> names{{{"b1", boolean},
                                      {"u1", uint8},
                                      {"i1", int8},
                                      {"i2", int16},
                                      {"i4", int32},
                                      {"i8", int64},
                                      {"f2", float16},
                                      {"f4", float32},
                                      {"f8", float64},
                                      {"u2", uint16},
                                      {"u4", uint32},
                                      {"u8", uint64},
                                      {"c8", complex64},
                                      {"c16", complex128}}};

/// The dictionary, letter by letter: three keys, each once, in any order.
class Parser {
 public:
  Parser(Source& source, std::string_view text) : source_(source), rest_(text) {}

  NpyHeader header() {
    std::optional<std::string> descr;
    std::optional<bool> fortran_order;
    std::optional<Shape> shape;
    expect('{');
    while (!next_is('}')) {
      const std::string key = text();
      expect(':');
      if (key == "descr" && !descr) descr = type();
      else if (key == "fortran_order" && !fortran_order) fortran_order = truth();
      else if (key == "shape" && !shape) shape = sizes();
      else wrong();
      if (!next_is(',')) {
        if (!next_is('}')) wrong();
        break;
      }
    }
    skip();
    if (!rest_.empty() || !descr || !fortran_order || !shape) wrong();
    NpyHeader h = header_of_type(source_, *descr);
    h.fortran_order = *fortran_order;
    h.shape = *shape;
    return h;
  }

 private:
  [[noreturn]] void wrong() const { source_.damaged("its header is damaged"); }
  void skip() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\n\r"), rest_.size())); }
  bool next_is(char c) {
    skip();
    if (rest_.empty() || rest_[0] != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char c) {
    if (!next_is(c)) wrong();
  }
  std::string text() {
    const char quote = next_is('\'') ? '\'' : next_is('"') ? '"' : '\0';
    const std::size_t end = quote ? rest_.find(quote) : rest_.npos;
    if (end == rest_.npos || rest_.substr(0, end).find('\\') != rest_.npos) wrong();
    std::string s(rest_.substr(0, end));
    rest_.remove_prefix(end + 1);
    return s;
  }
  std::string type() {
    skip();
    if (rest_.starts_with('[') || rest_.starts_with('('))
      source_.damaged("an array of records (a structured type) is not a tensor: save its fields one by one");
    return text();
  }
  bool truth() {
    skip();
    for (const std::string_view word : {"True", "False"})
      if (rest_.starts_with(word)) {
        rest_.remove_prefix(word.size());
        return word == "True";
      }
    wrong();
  }
  Shape sizes() {
    Shape s;
    expect('(');
    while (!next_is(')')) {
      s.push_back(number());
      if (s.size() > most_dims) source_.damaged(fmt::format("it has more than {} dimensions", most_dims));
      if (!next_is(',')) {
        if (s.size() == 1) wrong();  // (3) is a number, not a tuple
        expect(')');
        break;
      }
    }
    return s;
  }
  int64_t number() {
    skip();
    int64_t n = 0;
    std::size_t digits = 0;
    for (; digits < rest_.size() && rest_[digits] >= '0' && rest_[digits] <= '9'; ++digits)
      if (__builtin_mul_overflow(n, int64_t{10}, &n) || __builtin_add_overflow(n, int64_t{rest_[digits] - '0'}, &n))
        source_.damaged("its shape has a number that is too large");
    if (digits == 0) wrong();
    rest_.remove_prefix(digits);
    if (rest_.starts_with('L')) rest_.remove_prefix(1);  // as Python 2 wrote it
    return n;
  }

  Source& source_;
  std::string_view rest_;
};

}  // namespace

NpyHeader header_of_type(const Source& source, std::string_view descr) {
  const bool ordered = !descr.empty() && std::string_view("<>|=").find(descr[0]) != std::string_view::npos;
  const std::string_view plain = descr.substr(ordered ? 1 : 0);
  for (const Name& name : names)
    if (name.numpy == plain) {
      constexpr bool little = std::endian::native == std::endian::little;
      const bool swapped = ordered && descr[0] == (little ? '>' : '<');
      return {name.dtype, swapped && item_size(part_type(name.dtype)) > 1, false, {}};
    }
  const char kind = plain.empty() ? '\0' : plain[0];
  if (kind == 'O')
    source.damaged("an array of Python objects can only be read by executing what is in it, which is never done");
  if (kind == 'U' || kind == 'S' || kind == 'a') source.damaged("an array of text is not a tensor");
  if (kind == 'M' || kind == 'm') source.damaged("an array of dates or times is not a tensor: save it as int64");
  source.damaged(fmt::format("there is no tensor of NumPy's type \"{}\"", descr.substr(0, 32)));
}

NpyHeader read_npy_header(Source& source) {
  std::array<char, 8> begin;
  if (source.left() < begin.size()) source.damaged("is not a .npy file");
  source.read(begin.data(), begin.size());
  if (std::string_view(begin.data(), magic.size()) != magic) source.damaged("is not a .npy file");
  const int version = static_cast<unsigned char>(begin[6]);
  if (version < 1 || version > 3)
    source.damaged(fmt::format("has version {} of the format, expected 1, 2 or 3", version));
  std::array<unsigned char, 4> length{};
  source.read(length.data(), version == 1 ? 2 : 4);
  const std::size_t n = length[0] | static_cast<std::size_t>(length[1]) << 8 |
                        static_cast<std::size_t>(length[2]) << 16 | static_cast<std::size_t>(length[3]) << 24;
  if (n > most_header || n > source.left()) source.damaged("its header is longer than a header can be");
  std::string text(n, '\0');
  source.read(text.data(), n);
  return Parser(source, text).header();
}

std::string npy_header(std::string_view operation, DType dtype, const Shape& shape) {
  std::string_view numpy;
  for (const Name& name : names)
    if (name.dtype == dtype) numpy = name.numpy;
  if (numpy.empty())
    fail(operation, "NumPy has no type for {}: convert with to({}) first", dtype,
         is_complex(dtype) ? complex64 : float32);
  constexpr char native = std::endian::native == std::endian::little ? '<' : '>';
  std::string s = fmt::format("{{'descr': '{}{}', 'fortran_order': False, 'shape': {}, }}",
                              item_size(dtype) == 1 ? '|' : native, numpy, shape.to_string());
  constexpr std::size_t before = magic.size() + 2 + 2;
  s.append(alignment - 1 - (before + s.size()) % alignment, ' ');
  s += '\n';
  std::string whole(magic);
  for (const std::size_t byte : {std::size_t{1}, std::size_t{0}, s.size() & 0xFF, s.size() >> 8})
    whole += static_cast<char>(byte);
  return whole + s;
}

}  // namespace tenon::io
