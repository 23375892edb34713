#include "io/form.h"

#include <algorithm>
#include <array>
#include <span>

#include <tenon/value.h>

#include "io/safetensors.h"
#include "io/zip_format.h"

namespace tenon::io {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t looked_at = 512;  // bytes: a tar archive says what it is behind 257

struct Other {
  std::string_view begin, what;
};
constexpr std::array others{
    Other{"<!DOCTYPE"sv, "is a web page: what was downloaded is an error or a page to log in, not the file"},
    Other{"<!doctype"sv, "is a web page: what was downloaded is an error or a page to log in, not the file"},
    Other{"<html"sv, "is a web page: what was downloaded is an error or a page to log in, not the file"},
    Other{"\x1F\x8B"sv, "is compressed by gzip: unpack it first (gunzip; tar -xzf for an archive)"},
    Other{"\xFD"
          "7zXZ"sv,
          "is compressed by xz: unpack it first (unxz; tar -xJf for an archive)"},
    Other{"BZh"sv, "is compressed by bzip2: unpack it first (bunzip2; tar -xjf for an archive)"},
    Other{"\x28\xB5\x2F\xFD"sv, "is compressed by zstd: unpack it first (unzstd)"},
    Other{"7z\xBC\xAF\x27\x1C"sv, "is a 7z archive: unpack it first"},
    Other{"\x89HDF\r\n"sv, "is an HDF5 file, as Keras writes it: load it in Python and save its arrays by numpy.savez"},
    Other{"GGUF"sv, "is a GGUF file, as llama.cpp reads it: take the safetensors file that it was made of"},
};

/// A safetensors file's length of its header, where it can be one.
bool holds_its_header(std::span<const std::byte> begin, uint64_t size) {
  return begins_as_safetensors(begin) && zip::get<uint64_t>(begin, 0) <= size - 8;
}
/// Behind the protocol's number stands an instruction, and none has a number below that of a mark.
bool begins_as_pickle(std::string_view text) {
  return text.starts_with('\x80') && (text.size() < 3 || static_cast<unsigned char>(text[2]) >= '(');
}

[[noreturn]] void refuse(const Source& file, std::string_view text) {
  if (text.empty()) file.damaged("is empty");
  for (const Other& other : others)
    if (text.starts_with(other.begin)) file.damaged(other.what);
  if (text.starts_with("version https://git-lfs")) {
    const auto size = text.find("\nsize ");
    const std::string_view rest = size == text.npos ? std::string_view() : text.substr(size + 6);
    const std::string_view bytes = rest.substr(0, rest.find('\n'));
    file.damaged(fmt::format("is a pointer of Git LFS and not the file itself{}: fetch that with 'git lfs pull'",
                             bytes.empty() ? "" : fmt::format(", which has {} bytes", bytes)));
  }
  if (text.size() > 262 && text.substr(257, 5) == "ustar")
    file.damaged(
        "is a tar archive: unpack it first; one that PyTorch before 0.2 saved, load and save with PyTorch 1.x");
  if (std::all_of(text.begin(), text.end(), [](char c) { return c == '\0'; }))
    file.damaged("begins with nothing but zeros: it was not copied or downloaded to its end");
  constexpr std::string_view what = "is not a checkpoint: neither what torch.save writes, nor safetensors, nor NumPy's";
  const bool is_text = std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 && c != '\n' && c != '\r' && c != '\t';
  });
  if (!is_text) file.damaged(what);
  file.damaged(fmt::format("{}; it is text that begins with {}", what, Value(text.substr(0, 40)).to_string()));
}

}  // namespace

bool begins_as_archive(std::span<const std::byte> begin) {
  const std::string_view text(reinterpret_cast<const char*>(begin.data()), begin.size());
  // No archive has a brace where its first entry says how it is compressed.
  return (text.starts_with("PK\x03\x04") || text.starts_with("PK\x05\x06")) && (text.size() < 9 || text[8] != '{');
}

Form form_of(SeekableSource& file) {
  std::array<std::byte, looked_at> bytes{};
  const std::span<std::byte> begin =
      std::span(bytes).first(static_cast<std::size_t>(std::min<uint64_t>(file.size(), bytes.size())));
  file.seek(0);
  file.read(begin.data(), begin.size());
  file.seek(0);
  const std::string_view text(reinterpret_cast<const char*>(begin.data()), begin.size());
  if (begins_as_archive(begin)) return Form::zip;
  // The length of a safetensors header begins as anything may, a pickle too, which has no brace where its header does.
  if (holds_its_header(begin, file.size())) return Form::safetensors;
  if (text.starts_with("\x93NUMPY")) return Form::npy;
  if (begins_as_pickle(text)) return Form::pickle;
  if (begins_as_safetensors(begin)) return Form::safetensors;  // one that was cut
  if (text.starts_with('\x80')) return Form::pickle;
  if (const auto first = text.find_first_not_of(" \t\r\n"); first != text.npos && text[first] == '{')
    return Form::index;
  refuse(file, text);
}

}  // namespace tenon::io
