#include "io/sink.h"

#include <algorithm>
#include <ostream>

namespace tenon::io {

void MemorySink::put(uint64_t at, const std::byte* from, std::size_t n) {
  const auto begin = static_cast<std::size_t>(at);
  if (begin + n > bytes_.size()) bytes_.resize(begin + n);
  std::copy_n(from, n, bytes_.begin() + static_cast<std::ptrdiff_t>(begin));
}

void StreamSink::put(uint64_t, const std::byte* from, std::size_t n) {
  if (!stream_.write(reinterpret_cast<const char*>(from), static_cast<std::streamsize>(n)))
    fail(operation(), "the stream takes no more");
}
void StreamSink::finish() {
  if (!stream_.flush()) fail(operation(), "the stream takes no more");
}

}  // namespace tenon::io
