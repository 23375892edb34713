// tenon::load from a stream, which does not say how long its first object is.
#include "io/load_stream.h"

#include <algorithm>
#include <istream>
#include <vector>

#include "io/form.h"
#include "io/named_errors.h"
#include "io/zip.h"

namespace tenon {
namespace {

constexpr const char* operation = "load";

/// The bytes of a stream from where it stands, read as they are needed.
class Incoming {
 public:
  explicit Incoming(std::istream& stream) : stream_(stream), begin_(stream.tellg()) { stream_.clear(); }

  std::span<const std::byte> bytes() const { return bytes_; }
  /// Reads as much as there is already, and no less than some; false at the end.
  bool read_more() {
    constexpr std::size_t least = std::size_t{1} << 20;
    const std::size_t had = bytes_.size(), more = std::max(least, had);
    bytes_.resize(had + more);
    stream_.read(reinterpret_cast<char*>(bytes_.data() + had), static_cast<std::streamsize>(more));
    bytes_.resize(had + static_cast<std::size_t>(stream_.gcount()));
    if (stream_.bad()) fail(operation, "the stream cannot be read");
    return bytes_.size() > had;
  }
  /// Leaves the stream behind its first n bytes from here on; false where it cannot be moved.
  bool leave(uint64_t n) {
    if (n == bytes_.size() && n > 0 && stream_.eof()) return stream_.clear(), true;
    if (begin_ == std::istream::pos_type(-1)) return n == bytes_.size();
    stream_.clear();
    return static_cast<bool>(stream_.seekg(begin_ + static_cast<std::istream::off_type>(n)));
  }

 private:
  std::istream& stream_;
  const std::istream::pos_type begin_;
  std::vector<std::byte> bytes_;
};

/// Reads the first object, and how long it is.
Value read_first(Incoming& incoming, uint64_t& length, const LoadOptions& options) {
  if (!incoming.read_more()) fail(operation, "the stream has no more in it");
  // An archive's end can be found without all that comes after it.
  const bool zip = io::begins_as_archive(incoming.bytes());
  std::size_t looked_at = 0;
  std::optional<std::size_t> end;
  while (!(zip && (end = io::end_of_archive(incoming.bytes(), looked_at))) && incoming.read_more()) {
  }
  const auto bytes = end ? incoming.bytes().first(*end) : incoming.bytes();
  io::Origin origin{.length = &length};
  return io::read_any(std::make_unique<io::MemorySource>(operation, bytes, "stream"), options, origin);
}

}  // namespace

Value load(std::istream& stream, const LoadOptions& options) {
  return io::with_named_errors(operation, "", [&] {
    Incoming incoming(stream);
    uint64_t length = 0;
    Value value;
    try {
      value = read_first(incoming, length, options);
    } catch (...) {
      incoming.leave(0);
      throw;
    }
    if (!incoming.leave(length))
      fail(operation, "the stream goes on behind its first object, and cannot be moved back to there");
    return value;
  });
}

}  // namespace tenon
