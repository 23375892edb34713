#include "io/stream.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace tenon::io {
namespace {

constexpr std::size_t most_at_once = std::size_t{1} << 30;  // the system takes no more than 2 GiB

}  // namespace

MemorySource::MemorySource(std::string operation, std::span<const std::byte> bytes, std::string name)
    : SeekableSource(std::move(operation), std::move(name)), bytes_(bytes.data()) {
  size_ = bytes.size();
}

void MemorySource::read_some(std::byte* to, std::size_t n) {
  std::copy_n(bytes_ + at_, n, to);
  at_ += n;
}

FileSource::FileSource(std::string operation, const std::filesystem::path& path)
    : SeekableSource(std::move(operation), path.string()) {
  file_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file_ < 0) damaged(std::strerror(errno));
  struct stat about {};
  const bool known = ::fstat(file_, &about) == 0;
  if (!known || !S_ISREG(about.st_mode)) {
    const std::string how = known ? "is not a file" : std::strerror(errno);
    ::close(file_);
    damaged(how);
  }
  size_ = static_cast<uint64_t>(about.st_size);
}

FileSource::~FileSource() { ::close(file_); }

void FileSource::read_some(std::byte* to, std::size_t n) {
  while (n > 0) {
    const ssize_t got = ::pread(file_, to, std::min(n, most_at_once), static_cast<off_t>(at_));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) damaged(std::strerror(errno));
    if (got == 0) damaged("it ends too early");  // somebody has shortened it
    to += got;
    n -= static_cast<std::size_t>(got);
    at_ += static_cast<uint64_t>(got);
  }
}

}  // namespace tenon::io
