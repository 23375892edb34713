#include <zlib.h>

#include <algorithm>

#include "io/checksum.h"
#include "io/zip.h"
#include "io/zip_format.h"

namespace tenon::io {
namespace {

using Pieces = std::span<const std::span<const std::byte>>;

constexpr uint16_t version = 45;                 // the first with zip64
constexpr uint16_t version_of_streamed = 0x31E;  // what PyTorch's end record says made it
constexpr uint32_t date_and_time = 0x00210000;   // 1 January 1980: the same data gives the same file
constexpr uint16_t padding_id = 0x4246;          // an extra field of filling: "FB"
constexpr uint64_t padding_header = 4;

std::span<const std::byte> bytes_of(const std::string& s) { return std::as_bytes(std::span(s)); }

/// A number of 32 bits, or the mark that it stands in an extra field.
uint32_t in_32(uint64_t x) { return static_cast<uint32_t>(std::min<uint64_t>(x, zip::in_extra)); }

uint64_t padding_after(uint64_t unpadded, uint64_t alignment) {
  return alignment > 1 ? padding_header + (alignment - (unpadded + padding_header) % alignment) % alignment : 0;
}
void put_padding(zip::Bytes& h, uint64_t padding, std::byte filling) {
  if (padding == 0) return;
  const auto n = static_cast<std::size_t>(padding - padding_header);
  h.put(padding_id).put(static_cast<uint16_t>(n)).put_all(std::vector<std::byte>(n, filling));
}

/// What stands before an entry's bytes. Sizes are always given in 64 bits, so that the place that they take does not
/// depend on them.
zip::Bytes plain_header(const ZipEntry& e, uint64_t alignment) {
  constexpr std::size_t sizes = 20;
  const uint64_t padding = padding_after(e.header + zip::local_size + e.name.size() + sizes, alignment);
  zip::Bytes h;
  h.put(zip::local_signature)
      .put(version)
      .put(zip::utf8_flag)
      .put(e.deflated ? zip::deflated : zip::stored)
      .put(date_and_time)
      .put(e.crc);
  h.put(zip::in_extra)
      .put(zip::in_extra)
      .put(static_cast<uint16_t>(e.name.size()))
      .put(static_cast<uint16_t>(sizes + padding));
  h.put_all(bytes_of(e.name)).put(zip::extra64).put(uint16_t{16}).put(e.size).put(e.compressed);
  put_padding(h, padding, std::byte{});
  return h;
}

constexpr uint16_t streamed_flags = zip::utf8_flag | zip::descriptor_flag;

/// An extra field with those of an entry's numbers that need 64 bits, or all; empty where none does.
zip::Bytes numbers_of_64_bits(const ZipEntry& e, uint64_t compressed, bool all) {
  zip::Bytes numbers, field;
  if (all || e.size >= zip::in_extra) numbers.put(e.size).put(compressed);
  if (all || e.header >= zip::in_extra) numbers.put(e.header);
  if (const auto& bytes = numbers.get(); !bytes.empty())
    field.put(zip::extra64).put(static_cast<uint16_t>(bytes.size())).put_all(bytes);
  return field;
}

/// The extra field of a streamed entry, whose compressed size is not known yet.
zip::Bytes streamed_numbers(const ZipEntry& e) { return numbers_of_64_bits(e, 0, false); }

zip::Bytes streamed_header(const ZipEntry& e, uint64_t alignment) {
  const zip::Bytes extra = streamed_numbers(e);
  const uint64_t padding = padding_after(e.header + zip::local_size + e.name.size() + extra.get().size(), alignment);
  zip::Bytes h;
  h.put(zip::local_signature)
      .put(uint16_t{0})
      .put(streamed_flags)
      .put(zip::stored)
      .put(uint32_t{0})
      .put(uint32_t{0})
      .put(uint32_t{0})
      .put(uint32_t{0});
  h.put(static_cast<uint16_t>(e.name.size()))
      .put(static_cast<uint16_t>(extra.get().size() + padding))
      .put_all(bytes_of(e.name))
      .put_all(extra.get());
  put_padding(h, padding, std::byte{'Z'});
  return h;
}

uint64_t deflate_into(Sink& file, Pieces pieces) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    fail(file.operation(), "there is not enough memory to compress");
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
  for (std::span<const std::byte> piece : pieces)
    while (!piece.empty()) {
      const auto part = piece.first(std::min<std::size_t>(piece.size(), 1U << 30));  // zlib counts in 32 bits
      stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(part.data()));
      stream.avail_in = static_cast<uInt>(part.size());
      run(Z_NO_FLUSH);
      piece = piece.subspan(part.size());
    }
  run(Z_FINISH);
  return file.size() - begin;
}

}  // namespace

void ZipWriter::add(const std::string& name, Pieces pieces, const Options& options) {
  if (name.empty() || name.size() > 0xFFFF || name.find('\0') != name.npos)
    fail(sink_.operation(), "a name of 1 … 65535 bytes without zeros is needed for an entry, got one of {} bytes",
         name.size());
  if (!names_.insert(name).second) fail(sink_.operation(), "the name {} is given twice", name);
  ZipEntry e{name, sink_.size(), 0, 0, 0, options.deflate};
  for (const auto piece : pieces) e.size += piece.size();
  e.compressed = e.size;
  if (form_ == Form::plain) write_plain(e, pieces, options.alignment);
  else write_streamed(e, pieces, options.alignment);
  entries_.push_back(std::move(e));
}

void ZipWriter::write_plain(ZipEntry& e, Pieces pieces, uint64_t alignment) {
  for (const auto piece : pieces) e.crc = checksum(piece, e.crc);
  if (e.deflated && !sink_.can_rewrite()) {  // the sizes stand before the bytes
    MemorySink deflated(sink_.operation());
    e.compressed = deflate_into(deflated, pieces);
    sink_.write(plain_header(e, alignment).get());
    return sink_.write(deflated.take());
  }
  const auto header = plain_header(e, alignment).get();
  sink_.write(header);
  if (e.deflated) {
    e.compressed = deflate_into(sink_, pieces);
    sink_.rewrite(e.header, plain_header(e, alignment).get().data(), header.size());
  } else {
    for (const auto piece : pieces) sink_.write(piece);
  }
}

void ZipWriter::write_streamed(ZipEntry& e, Pieces pieces, uint64_t alignment) {
  constexpr std::size_t part_size = 1 << 20;  // what is written is then still in the cache to be summed up
  sink_.write(streamed_header(e, alignment).get());
  for (std::span<const std::byte> piece : pieces)
    while (!piece.empty()) {
      const auto part = piece.first(std::min(piece.size(), part_size));
      sink_.write(part);
      e.crc = checksum(part, e.crc);
      piece = piece.subspan(part.size());
    }
  zip::Bytes descriptor;
  descriptor.put(zip::descriptor_signature).put(e.crc);
  if (!streamed_numbers(e).get().empty()) descriptor.put(e.size).put(e.compressed);
  else descriptor.put(static_cast<uint32_t>(e.size)).put(static_cast<uint32_t>(e.compressed));
  sink_.write(descriptor.get());
}

void ZipWriter::write_directory_entry(const ZipEntry& e) {
  const bool plain = form_ == Form::plain;
  const zip::Bytes extra = numbers_of_64_bits(e, e.compressed, plain);
  const uint16_t made_by = plain ? version : 0;
  zip::Bytes h;
  h.put(zip::central_signature).put(made_by).put(made_by).put(plain ? zip::utf8_flag : streamed_flags);
  h.put(e.deflated ? zip::deflated : zip::stored).put(plain ? date_and_time : 0).put(e.crc);
  h.put(plain ? zip::in_extra : in_32(e.compressed)).put(plain ? zip::in_extra : in_32(e.size));
  h.put(static_cast<uint16_t>(e.name.size())).put(static_cast<uint16_t>(extra.get().size()));
  h.put(uint16_t{0}).put(uint16_t{0}).put(uint16_t{0}).put(uint32_t{0});  // no comment, first disk, no attributes
  h.put(plain ? zip::in_extra : in_32(e.header)).put_all(bytes_of(e.name)).put_all(extra.get());
  sink_.write(h.get());
}

void ZipWriter::finish() {
  const uint64_t begin = sink_.size();
  for (const ZipEntry& e : entries_) write_directory_entry(e);
  const uint64_t size = sink_.size() - begin, count = entries_.size();
  zip::Bytes end;
  end.put(zip::end64_signature).put(uint64_t{zip::end64_size - 12});
  end.put(form_ == Form::plain ? version : version_of_streamed).put(version).put(uint32_t{0}).put(uint32_t{0});
  end.put(count).put(count).put(size).put(begin);
  end.put(zip::locator_signature).put(uint32_t{0}).put(begin + size).put(uint32_t{1});
  const auto short_count = static_cast<uint16_t>(std::min<uint64_t>(count, 0xFFFF));
  end.put(zip::end_signature)
      .put(uint16_t{0})
      .put(uint16_t{0})
      .put(short_count)
      .put(short_count)
      .put(in_32(size))
      .put(in_32(begin))
      .put(uint16_t{0});
  sink_.write(end.get());
  sink_.finish();
}

}  // namespace tenon::io
