#include <zlib.h>

#include <algorithm>

#include "io/zip.h"
#include "io/zip_format.h"

namespace tenon::io {
namespace {

constexpr uint16_t version = 45;             // the first with zip64
constexpr uint32_t date_and_time = 0x00210000;  // 1 January 1980: the same data gives the same file
constexpr uint16_t padding_id = 0x4246;      // an extra field of zeros

std::span<const std::byte> bytes_of(const std::string& s) { return std::as_bytes(std::span(s)); }

/// Feeds pieces to f in parts that zlib can count.
template <class F>
void for_parts(std::span<const std::span<const std::byte>> pieces, F f) {
  for (std::span<const std::byte> piece : pieces)
    while (!piece.empty()) {
      const auto part = piece.first(std::min<std::size_t>(piece.size(), 1U << 30));
      f(part);
      piece = piece.subspan(part.size());
    }
}

/// What stands before an entry's bytes. Sizes are always given in 64 bits, so that the place that they take does not depend on them.
zip::Bytes local_header(const ZipEntry& e, uint64_t begin, uint64_t alignment) {
  constexpr std::size_t sizes = 20, padding_header = 4;
  const uint64_t unpadded = begin + zip::local_size + e.name.size() + sizes;
  const uint64_t padding = alignment > 1 ? padding_header + (alignment - (unpadded + padding_header) % alignment) % alignment : 0;
  zip::Bytes h;
  h.put(zip::local_signature).put(version).put(zip::utf8_flag).put(e.deflated ? zip::deflated : zip::stored).put(date_and_time).put(e.crc);
  h.put(zip::in_extra).put(zip::in_extra).put(static_cast<uint16_t>(e.name.size())).put(static_cast<uint16_t>(sizes + padding));
  h.put_all(bytes_of(e.name)).put(zip::extra64).put(uint16_t{16}).put(e.size).put(e.compressed);
  if (padding > 0) h.put(padding_id).put(static_cast<uint16_t>(padding - padding_header)).put_all(std::vector<std::byte>(static_cast<std::size_t>(padding - padding_header)));
  return h;
}

uint64_t deflate_into(FileSink& file, std::span<const std::span<const std::byte>> pieces) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK) fail(file.operation(), "there is not enough memory to compress");
  const std::unique_ptr<z_stream, int (*)(z_stream*)> end(&stream, deflateEnd);
  std::vector<std::byte> buffer(1 << 15);
  const uint64_t begin = file.size();
  const auto run = [&](int flush) {
    do {
      stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
      stream.avail_out = static_cast<uInt>(buffer.size());
      deflate(&stream, flush);
      file.write(buffer.data(), buffer.size() - stream.avail_out);
    } while (stream.avail_out == 0);
  };
  for_parts(pieces, [&](std::span<const std::byte> part) {
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(part.data()));
    stream.avail_in = static_cast<uInt>(part.size());
    run(Z_NO_FLUSH);
  });
  run(Z_FINISH);
  return file.size() - begin;
}

}  // namespace

void ZipWriter::add(const std::string& name, std::span<const std::span<const std::byte>> pieces, const Options& options) {
  if (name.empty() || name.size() > 0xFFFF || name.find('\0') != name.npos)
    fail(file_.operation(), "a name of 1 … 65535 bytes without zeros is needed for an entry, got one of {} bytes", name.size());
  if (!names_.insert(name).second) fail(file_.operation(), "the name {} is given twice", name);
  ZipEntry e{name, file_.size(), 0, 0, 0, options.deflate};
  for_parts(pieces, [&](std::span<const std::byte> part) {
    e.crc = static_cast<uint32_t>(crc32(e.crc, reinterpret_cast<const Bytef*>(part.data()), static_cast<uInt>(part.size())));
    e.size += part.size();
  });
  e.compressed = e.size;
  const auto header = local_header(e, e.header, options.alignment).get();
  file_.write(header);
  if (options.deflate) {
    e.compressed = deflate_into(file_, pieces);
    file_.rewrite(e.header, local_header(e, e.header, options.alignment).get().data(), header.size());
  } else {
    for_parts(pieces, [&](std::span<const std::byte> part) { file_.write(part); });
  }
  entries_.push_back(std::move(e));
}

void ZipWriter::finish() {
  const uint64_t begin = file_.size();
  for (const ZipEntry& e : entries_) {
    zip::Bytes h;
    h.put(zip::central_signature).put(version).put(version).put(zip::utf8_flag).put(e.deflated ? zip::deflated : zip::stored).put(date_and_time).put(e.crc);
    h.put(zip::in_extra).put(zip::in_extra).put(static_cast<uint16_t>(e.name.size())).put(uint16_t{28});
    h.put(uint16_t{0}).put(uint16_t{0}).put(uint16_t{0}).put(uint32_t{0}).put(zip::in_extra);  // no comment, first disk, no attributes
    h.put_all(bytes_of(e.name)).put(zip::extra64).put(uint16_t{24}).put(e.size).put(e.compressed).put(e.header);
    file_.write(h.get());
  }
  const uint64_t size = file_.size() - begin, count = entries_.size();
  zip::Bytes end;
  end.put(zip::end64_signature).put(uint64_t{zip::end64_size - 12}).put(version).put(version).put(uint32_t{0}).put(uint32_t{0});
  end.put(count).put(count).put(size).put(begin);
  end.put(zip::locator_signature).put(uint32_t{0}).put(begin + size).put(uint32_t{1});
  const auto short_count = static_cast<uint16_t>(std::min<uint64_t>(count, 0xFFFF));
  const auto in_32 = [](uint64_t x) { return static_cast<uint32_t>(std::min<uint64_t>(x, zip::in_extra)); };
  end.put(zip::end_signature).put(uint16_t{0}).put(uint16_t{0}).put(short_count).put(short_count).put(in_32(size)).put(in_32(begin)).put(uint16_t{0});
  file_.write(end.get());
  file_.finish();
}

}  // namespace tenon::io
