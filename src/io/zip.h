#pragma once
// Zip archives, read with suspicion and written plainly. Over zlib, so that no other library is needed; zip64 both
// ways; entries stored or deflated; no encryption, no archives of several files.
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/internal_api.h"
#include "io/sink.h"
#include "io/stream.h"

namespace tenon::io {

struct ZipEntry {
  std::string name;
  uint64_t header;      ///< where its own header stands in the file
  uint64_t compressed;  ///< bytes in the file
  uint64_t size;        ///< bytes when read
  uint32_t crc;
  bool deflated;
  uint64_t limit = 0;  ///< where the next entry, or the directory, begins
};

/// What is done about an entry's checksum. `optional`: where it is 0 the writer did not compute it, as some of
/// PyTorch's do not.
enum class Checksum : uint8_t { checked, optional };

/// An archive's entries. Opening reads the directory and checks all of it: every number lies inside the file, no two
/// entries share bytes or names, nothing claims to expand more than deflate can. An error that says what is wrong
/// otherwise.
class TENON_INTERNAL_API ZipReader {
 public:
  explicit ZipReader(std::unique_ptr<SeekableSource> file);

  const std::vector<ZipEntry>& entries() const { return entries_; }  ///< in the directory's order
  SeekableSource& file() { return *file_; }
  const ZipEntry* find(std::string_view name) const;  ///< null: there is none
  /// An entry's bytes, expanded as they are read. Its checksum is compared when the last one has been. The reader must
  /// live on, and one stream be read at a time.
  std::unique_ptr<Source> open(const ZipEntry& entry, Checksum checksum = Checksum::checked);
  /// Where a stored entry's bytes begin in the file, for those who map it into memory.
  uint64_t data_begin(const ZipEntry& entry);

 private:
  struct Directory {
    uint64_t begin, size, entries;
  };
  Directory find_directory();
  void read_directory(const Directory& directory);
  void check_places(uint64_t directory_begin);

  std::unique_ptr<SeekableSource> file_;
  std::vector<ZipEntry> entries_;
};

/// Where an archive ends that begins with these bytes, behind which there may be others: the first place where a
/// directory that counts from the first byte would end. None: not in these bytes. `from`: where to go on looking when
/// there are more.
std::optional<std::size_t> end_of_archive(std::span<const std::byte> bytes, std::size_t& from);

/// Writes an archive entry by entry. The sink is finished by finish().
class TENON_INTERNAL_API ZipWriter {
 public:
  /// How entries stand in it: `plain`, with their sizes and checksums before their bytes and room for sizes of 64 bits;
  /// `streamed`, as PyTorch writes them, to the byte: sizes and checksums after the bytes (so that these are read
  /// once), 64 bits where they are needed.
  enum class Form : uint8_t { plain, streamed };
  explicit ZipWriter(Sink& sink, Form form = Form::plain) : sink_(sink), form_(form) {}

  struct Options {
    bool deflate = false;  ///< not in a streamed one
    /// The entry's bytes begin at a multiple of it, so that they can be used where they are mapped.
    uint64_t alignment = 1;
  };
  /// The pieces one after the other. A name can be given once.
  void add(const std::string& name, std::span<const std::span<const std::byte>> pieces, const Options& options);
  void finish();
  const std::vector<ZipEntry>& entries() const { return entries_; }

 private:
  void write_plain(ZipEntry& entry, std::span<const std::span<const std::byte>> pieces, uint64_t alignment);
  void write_streamed(ZipEntry& entry, std::span<const std::span<const std::byte>> pieces, uint64_t alignment);
  void write_directory_entry(const ZipEntry& entry);

  Sink& sink_;
  Form form_;
  std::vector<ZipEntry> entries_;
  std::set<std::string> names_;
};

}  // namespace tenon::io
