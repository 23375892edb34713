#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <set>

#include "io/checksum.h"
#include "io/zip.h"
#include "io/zip_format.h"

namespace tenon::io {
namespace {

using zip::get;

/// Deflate makes at most 1032 bytes of one.
constexpr uint64_t most_expansion = 1032;

/// An entry's bytes: stored ones, or deflated ones through a buffer.
class EntrySource final : public Source {
 public:
  EntrySource(SeekableSource& file, const ZipEntry& entry, uint64_t begin, Checksum checksum)
      : Source(file.operation(), file.name() + ": " + entry.name),
        file_(file),
        entry_(entry),
        at_(begin),
        packed_left_(entry.compressed),
        left_(entry.size),
        checksum_(checksum) {
    if (entry.deflated && inflateInit2(&stream_, -MAX_WBITS) != Z_OK)
      damaged("there is not enough memory to expand it");
    if (left_ == 0) check_end();
  }
  ~EntrySource() override {
    if (entry_.deflated) inflateEnd(&stream_);
  }
  uint64_t left() const override { return left_; }

 private:
  void read_some(std::byte* to, std::size_t n) override {
    if (n == 0) return;
    if (entry_.deflated) expand(to, n);
    else fetch(to, n);
    crc_ = checksum({to, n}, crc_);
    left_ -= n;
    if (left_ == 0) check_end();
  }

  void fetch(std::byte* to, std::size_t n) {
    if (n > packed_left_) damaged("it ends too early");
    file_.seek(at_);
    file_.read(to, n);
    at_ += n;
    packed_left_ -= n;
  }

  /// The next n bytes; less only at the end of what is compressed.
  std::size_t expand_up_to(std::byte* to, std::size_t n) {
    std::size_t done = 0;
    while (done < n && !ended_) {
      if (stream_.avail_in == 0 && packed_left_ > 0) {
        const auto part = static_cast<std::size_t>(std::min<uint64_t>(packed_left_, buffer_.size()));
        fetch(buffer_.data(), part);
        stream_.next_in = reinterpret_cast<Bytef*>(buffer_.data());
        stream_.avail_in = static_cast<uInt>(part);
      }
      const auto room = static_cast<uInt>(std::min<std::size_t>(n - done, 1U << 30));
      stream_.next_out = reinterpret_cast<Bytef*>(to + done);
      stream_.avail_out = room;
      const int result = inflate(&stream_, Z_NO_FLUSH);
      done += room - stream_.avail_out;
      if (result == Z_STREAM_END) ended_ = true;
      else if (result != Z_OK) damaged("its compressed data is damaged");
    }
    return done;
  }
  void expand(std::byte* to, std::size_t n) {
    if (expand_up_to(to, n) < n) damaged("its compressed data ends too early");
  }

  void check_end() {
    std::byte more{};
    if (entry_.deflated && (expand_up_to(&more, 1) != 0 || packed_left_ != 0 || stream_.avail_in != 0))
      damaged("it is longer than it says");
    if (checksum_ == Checksum::optional && entry_.crc == 0) return;
    if (crc_ != entry_.crc) damaged("its checksum is wrong: the data was changed or damaged");
  }

  SeekableSource& file_;
  const ZipEntry entry_;
  uint64_t at_, packed_left_, left_;
  const Checksum checksum_;
  uint32_t crc_ = 0;
  bool ended_ = false;
  z_stream stream_{};
  // Not a destructor's work: the constructor itself throws where an empty entry is damaged. zlib ignores a stream never
  // begun.
  const std::unique_ptr<z_stream, int (*)(z_stream*)> stream_end_{&stream_, inflateEnd};
  std::array<std::byte, 1 << 15> buffer_;
};

/// Of an entry's numbers those that need 64 bits: they stand in an extra field, in this order.
void read_wide_numbers(ZipEntry& e, std::span<const std::byte> extra) {
  while (extra.size() >= 4) {
    const std::size_t n = get<uint16_t>(extra, 2);
    if (n > extra.size() - 4) return;
    std::span<const std::byte> field = extra.subspan(4, n);
    if (get<uint16_t>(extra, 0) == zip::extra64)
      for (uint64_t* number : {&e.size, &e.compressed, &e.header})
        if (*number == zip::in_extra && field.size() >= 8) {
          *number = get<uint64_t>(field, 0);
          field = field.subspan(8);
        }
    extra = extra.subspan(4 + n);
  }
}

}  // namespace

ZipReader::ZipReader(std::unique_ptr<SeekableSource> file) : file_(std::move(file)) {
  const Directory directory = find_directory();
  read_directory(directory);
  check_places(directory.begin);
}

ZipReader::Directory ZipReader::find_directory() {
  // The end record is the last thing in the file, but for a comment of up to 64 KiB.
  const uint64_t size = file_->size();
  std::vector<std::byte> tail(static_cast<std::size_t>(std::min<uint64_t>(size, zip::end_size + 0xFFFF)));
  const uint64_t tail_begin = size - tail.size();
  file_->seek(tail_begin);
  file_->read(tail.data(), tail.size());
  std::size_t at = tail.size() < zip::end_size ? 0 : tail.size() - zip::end_size + 1;
  const auto is_end = [&](std::size_t i) {
    return get<uint32_t>(tail, i) == zip::end_signature &&
           i + zip::end_size + get<uint16_t>(tail, i + 20) == tail.size();
  };
  while (at > 0 && !is_end(at - 1)) --at;
  if (at == 0) file_->damaged("is not a zip archive, or its end is missing");
  --at;
  Directory d{get<uint32_t>(tail, at + 16), get<uint32_t>(tail, at + 12), get<uint16_t>(tail, at + 10)};
  uint64_t end = tail_begin + at;
  if (get<uint16_t>(tail, at + 4) != 0 && get<uint16_t>(tail, at + 4) != 0xFFFF)
    file_->damaged("is a part of an archive of several files");

  // Where the numbers need 64 bits there is a second end record before the first, and a locator that says where.
  std::array<std::byte, zip::locator_size> locator;
  if (end >= locator.size()) {
    file_->seek(end - locator.size());
    file_->read(locator.data(), locator.size());
    if (get<uint32_t>(locator, 0) == zip::locator_signature) {
      const auto place = get<uint64_t>(locator, 8);
      std::array<std::byte, zip::end64_size> record;
      if (place > end - locator.size() || end - locator.size() - place < record.size())
        file_->damaged("its end record lies outside of the file");
      file_->seek(place);
      file_->read(record.data(), record.size());
      if (get<uint32_t>(record, 0) != zip::end64_signature) file_->damaged("its end record is damaged");
      d = {get<uint64_t>(record, 48), get<uint64_t>(record, 40), get<uint64_t>(record, 32)};
      end = place;
    }
  }
  if (d.begin > end || d.size != end - d.begin)
    file_->damaged("its directory does not end where its end record begins");
  if (d.entries > d.size / zip::central_size) file_->damaged("its directory is too small for its entries");
  return d;
}

void ZipReader::read_directory(const Directory& d) {
  std::vector<std::byte> bytes(static_cast<std::size_t>(d.size));
  file_->seek(d.begin);
  file_->read(bytes.data(), bytes.size());
  std::span<const std::byte> rest = bytes;
  std::set<std::string_view> names;
  entries_.reserve(static_cast<std::size_t>(d.entries));  // the views of names stay good
  for (uint64_t i = 0; i < d.entries; ++i) {
    if (rest.size() < zip::central_size || get<uint32_t>(rest, 0) != zip::central_signature)
      file_->damaged("its directory is damaged");
    const std::size_t name_size = get<uint16_t>(rest, 28), extra_size = get<uint16_t>(rest, 30),
                      comment_size = get<uint16_t>(rest, 32);
    const std::size_t whole = zip::central_size + name_size + extra_size + comment_size;
    if (rest.size() < whole) file_->damaged("its directory is damaged");
    const std::string name(reinterpret_cast<const char*>(rest.data()) + zip::central_size, name_size);
    if (name.empty() || name.find('\0') != name.npos) file_->damaged("an entry's name is empty or has a zero in it");
    const auto flags = get<uint16_t>(rest, 8), method = get<uint16_t>(rest, 10);
    if (flags & zip::encrypted_flag) file_->damaged("the entry " + name + " is encrypted");
    if (method != zip::stored && method != zip::deflated)
      file_->damaged(
          fmt::format("the entry {} is compressed in a way (number {}) that is not supported", name, method));
    ZipEntry e{name,
               get<uint32_t>(rest, 42),
               get<uint32_t>(rest, 20),
               get<uint32_t>(rest, 24),
               get<uint32_t>(rest, 16),
               method == zip::deflated};
    read_wide_numbers(e, rest.subspan(zip::central_size + name_size, extra_size));
    if (e.deflated ? e.size / most_expansion > e.compressed : e.size != e.compressed)
      file_->damaged("the entry " + name + " claims a size that its data cannot have");
    entries_.push_back(std::move(e));
    if (!names.insert(entries_.back().name).second) file_->damaged("there are two entries of the name " + name);
    rest = rest.subspan(whole);
  }
  if (!rest.empty()) file_->damaged("its directory is longer than its entries");
}

void ZipReader::check_places(uint64_t directory_begin) {
  std::vector<ZipEntry*> by_place;
  for (ZipEntry& e : entries_) by_place.push_back(&e);
  std::sort(by_place.begin(), by_place.end(),
            [](const ZipEntry* a, const ZipEntry* b) { return a->header < b->header; });
  for (std::size_t i = 0; i < by_place.size(); ++i) {
    ZipEntry& e = *by_place[i];
    e.limit = i + 1 < by_place.size() ? by_place[i + 1]->header : directory_begin;
    const uint64_t header = zip::local_size + e.name.size();
    if (e.header > e.limit || e.limit - e.header < header || e.limit - e.header - header < e.compressed)
      file_->damaged("the entry " + e.name + " shares its bytes with another one, or lies outside of the file");
  }
}

const ZipEntry* ZipReader::find(std::string_view name) const {
  for (const ZipEntry& e : entries_)
    if (e.name == name) return &e;
  return nullptr;
}

uint64_t ZipReader::data_begin(const ZipEntry& entry) {
  std::array<std::byte, zip::local_size> header;
  file_->seek(entry.header);
  file_->read(header.data(), header.size());
  const std::size_t name_size = get<uint16_t>(header, 26);
  std::string name(entry.name.size(), '\0');
  const bool sound = get<uint32_t>(header, 0) == zip::local_signature && name_size == name.size() &&
                     !(get<uint16_t>(header, 6) & zip::encrypted_flag) &&
                     get<uint16_t>(header, 8) == (entry.deflated ? zip::deflated : zip::stored);
  if (sound) file_->read(name.data(), name.size());
  if (!sound || name != entry.name) file_->damaged("the entry " + entry.name + " is not what the directory says");
  const uint64_t begin = entry.header + zip::local_size + name_size + get<uint16_t>(header, 28);
  if (begin > entry.limit || entry.limit - begin < entry.compressed)
    file_->damaged("the entry " + entry.name + " shares its bytes with another one, or lies outside of the file");
  return begin;
}

std::unique_ptr<Source> ZipReader::open(const ZipEntry& entry, Checksum checksum) {
  return std::make_unique<EntrySource>(*file_, entry, data_begin(entry), checksum);
}

std::optional<std::size_t> end_of_archive(std::span<const std::byte> bytes, std::size_t& from) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  for (;;) {
    const std::size_t at = text.find("PK\x05\x06", from);
    if (at == text.npos) {
      from = std::max(from, bytes.size() - std::min<std::size_t>(bytes.size(), 3));
      return {};
    }
    from = at;
    if (bytes.size() - at < zip::end_size) return {};
    const std::size_t end = at + zip::end_size + get<uint16_t>(bytes, at + 20);
    uint64_t begin = get<uint32_t>(bytes, at + 16), size = get<uint32_t>(bytes, at + 12), directory_end = at;
    constexpr std::size_t both = zip::end64_size + zip::locator_size;
    if (at >= both && get<uint32_t>(bytes, at - zip::locator_size) == zip::locator_signature &&
        get<uint64_t>(bytes, at - zip::locator_size + 8) == at - both) {
      directory_end = at - both;
      begin = get<uint64_t>(bytes, at - both + 48);
      size = get<uint64_t>(bytes, at - both + 40);
    }
    if (begin <= directory_end && size == directory_end - begin) {
      if (end > bytes.size()) return {};
      return end;
    }
    from = at + 1;
  }
}

}  // namespace tenon::io
